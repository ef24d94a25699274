//! nginx on a loopback address, with certificates of an authority of our own.

use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use falter_sources::clock::monotonic;
use falter_sources::sites::Trust;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::RootCertStore;

/// Where everything is.
pub(crate) const HOST: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 80, 0, 1));
const PROGRAM: &str = "/usr/sbin/nginx";
const PAGE: &str = "<html><title>News</title><p>Today as on every day nothing of note was said \
                    by anybody to anybody else, and the weather was what it was before.</p></html>";

/// A running nginx.
pub(crate) struct Nginx {
    pub(crate) http: u16,
    pub(crate) https: u16,
    roots: RootCertStore,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Nginx {
    /// `None` where it is not installed, which is told.
    pub(crate) async fn start() -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            println!("skipped: no lab here: needs nginx");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let (ours, stranger) = (authority("ours"), authority("a stranger"));
        for (name, names, issuer, last_year) in [
            ("www.example.kp", "www.example.kp", &ours, 2040),
            ("expired.kp", "expired.kp", &ours, 2020),
            ("other.kp", "somebody-else.kp", &ours, 2040),
            ("stranger.kp", "stranger.kp", &stranger, 2040),
        ] {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::new(vec![names.to_owned()]).unwrap();
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(last_year, 1, 1);
            let certificate = params.signed_by(&key, issuer).unwrap();
            fs::write(at.join(format!("{name}.pem")), certificate.pem()).unwrap();
            fs::write(at.join(format!("{name}.key")), key.serialize_pem()).unwrap();
        }
        let mut roots = RootCertStore::empty();
        roots.add(ours.der().clone()).unwrap();
        fs::create_dir(at.join("pages")).unwrap();
        fs::write(at.join("pages/index.html"), PAGE).unwrap();
        fs::write(at.join("pages/large"), vec![b'x'; 5 << 20]).unwrap();
        let (http, https) = (free_port(), free_port());
        fs::write(at.join("nginx.conf"), configuration(at, http, https)).unwrap();
        let mut command = Command::new(PROGRAM);
        command.arg("-p").arg(at).arg("-c").arg(at.join("nginx.conf"));
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let nginx = Self { http, https, roots, child: child.unwrap(), _folder: folder };
        let begun = monotonic();
        while TcpStream::connect(SocketAddr::new(HOST, https)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "nginx does not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some(nginx)
    }

    /// Believes its authority alone.
    pub(crate) fn trust(&self) -> Trust {
        Trust::only(self.roots.clone()).unwrap()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let id = self.child.id().to_string();
        let _sent = Command::new("kill").args(["-TERM", &id]).stderr(Stdio::null()).status();
        let _ended = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind((HOST, 0)).unwrap().local_addr().unwrap().port()
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_before = date_time_ymd(2019, 1, 1);
    params.not_after = date_time_ymd(2041, 1, 1);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn configuration(at: &Path, http: u16, https: u16) -> String {
    let folder = at.display();
    let mut secure = String::new();
    for name in ["www.example.kp", "expired.kp", "other.kp", "stranger.kp"] {
        write!(
            secure,
            "server {{ listen {HOST}:{https} ssl; server_name {name};\n\
             ssl_certificate {folder}/{name}.pem; ssl_certificate_key {folder}/{name}.key;\n\
             root {folder}/pages; }}\n"
        )
        .unwrap();
    }
    format!(
        "daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n\
         events {{ worker_connections 64; }}\n\
         http {{ access_log off; default_type text/html;\n\
         client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n\
         fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;\n\
         server {{ listen {HOST}:{http}; root {folder}/pages;\n\
         location /ill {{ return 503; }}\n\
         location /moved {{ return 301 http://$host:{http}/; }}\n\
         location /elsewhere {{ return 302 http://somebody-else.kp/; }}\n\
         location /loop {{ return 302 /loop/x; }}\n\
         }}\n{secure}}}\n"
    )
}
