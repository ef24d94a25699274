//! A small world on loopback: nsd as the root and as a name server, nginx, a mail server of our own, and
//! things that are gone.

use std::fs;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// The root's name server.
pub(crate) const ROOT: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 83, 1, 1));
/// The network's name server, and one that does not listen.
const SERVER: &str = "127.83.0.2";
const GONE: &str = "127.83.0.3";
/// The network's web and mail server.
const HOST: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 83, 0, 79));

const PROGRAMS: [&str; 2] = ["/usr/sbin/nsd", "/usr/sbin/nginx"];

/// See the module.
pub(crate) struct World {
    pub(crate) names_port: u16,
    web_port: u16,
    mail_port: u16,
    daemons: Vec<Child>,
    _folder: tempfile::TempDir,
}

impl World {
    /// `None` where the daemons are not installed, which is told.
    pub(crate) fn start() -> Option<Self> {
        if let Some(missing) = PROGRAMS.iter().find(|program| !Path::new(program).exists()) {
            println!("skipped: no lab here: needs {missing}");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let names_port = free_port(ROOT);
        let web_port = free_port(HOST);
        let at = folder.path();
        let root = format!(
            "@ SOA a. b. 1 3600 600 86400 60\n@ NS a.root.\na.root. A {ROOT}\n\
             kp. NS ns1.kptc.kp.\nkp. NS ns2.kptc.kp.\nns1.kptc.kp. A {SERVER}\nns2.kptc.kp. A {GONE}\n"
        );
        let kp = format!(
            "@ SOA ns1.kptc.kp. b. 7 3600 600 86400 60\n@ NS ns1.kptc.kp.\n@ NS ns2.kptc.kp.\n\
             ns1.kptc A {SERVER}\nns2.kptc A {GONE}\nwww A {HOST}\n"
        );
        let mut daemons = vec![
            nsd(at, "root", &ROOT.to_string(), names_port, ".", &root),
            nsd(at, "kp", SERVER, names_port, "kp.", &kp),
        ];
        daemons.push(nginx(at, web_port));
        let mail = TcpListener::bind((HOST, 0)).unwrap();
        let mail_port = mail.local_addr().unwrap().port();
        thread::spawn(move || {
            while let Ok((mut stream, _)) = mail.accept() {
                let _gone = stream.write_all(b"220 mail.kp ESMTP\r\n");
            }
        });
        let server: IpAddr = SERVER.parse().unwrap();
        for (address, port) in [(ROOT, names_port), (server, names_port), (HOST, web_port)] {
            wait_for(SocketAddr::new(address, port));
        }
        Some(Self { names_port, web_port, mail_port, daemons, _folder: folder })
    }

    /// The network as falter is told of it.
    pub(crate) fn profile(&self) -> String {
        let (web, mail) = (self.web_port, self.mail_port);
        format!(
            "name = \"loop\"\ntitle = \"Loopback\"\nprefixes = [\"127.83.0.0/24\"]\n\
             [[zones]]\nname = \"kp\"\nservers = [\"ns1.kptc.kp\", \"ns2.kptc.kp\"]\n\
             [[sites]]\nurl = \"http://www.kp:{web}/\"\n\
             [[sites]]\nurl = \"http://www.kp:{web}/ill\"\n\
             [[sites]]\nurl = \"http://nowhere.kp/\"\n\
             [[services]]\naddress = \"{HOST}\"\ntcp = {mail}\n"
        )
    }

    /// What must be told of it.
    pub(crate) fn expected(&self) -> Vec<String> {
        let web = self.web_port;
        vec![
            "name ns1.kptc.kp udp NOERROR".to_owned(),
            "name ns1.kptc.kp tcp NOERROR".to_owned(),
            "name ns2.kptc.kp udp refused".to_owned(),
            "name ns2.kptc.kp tcp refused".to_owned(),
            format!("page http://www.kp:{web}/ status 200"),
            format!("page http://www.kp:{web}/ill status 503"),
            "page http://nowhere.kp/ resolve NXDOMAIN".to_owned(),
            format!("probe {HOST} tcp:{} reply", self.mail_port),
        ]
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for daemon in &mut self.daemons {
            terminate(daemon);
            let _ended = daemon.wait();
        }
    }
}

/// Ends a process by the signal that lets it end its own children.
pub(crate) fn terminate(child: &Child) {
    let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    let _gone = nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM);
}

fn nsd(at: &Path, name: &str, address: &str, port: u16, zone: &str, records: &str) -> Child {
    let folder = at.display();
    fs::write(at.join(name), format!("$ORIGIN {zone}\n$TTL 60\n{records}")).unwrap();
    let text = format!(
        "server:\n  ip-address: {address}@{port}\n  zonesdir: \"{folder}\"\n  username: \"\"\n  \
         pidfile: \"\"\n  database: \"\"\n  zonelistfile: \"{folder}/{name}.list\"\n  \
         xfrdfile: \"{folder}/{name}.xfrd\"\n  server-count: 1\nremote-control:\n  control-enable: no\n\
         zone:\n  name: \"{zone}\"\n  zonefile: \"{name}\"\n"
    );
    let file = at.join(format!("{name}.conf"));
    fs::write(&file, text).unwrap();
    spawn(Command::new(PROGRAMS[0]).arg("-d").arg("-c").arg(file))
}

fn nginx(at: &Path, port: u16) -> Child {
    let folder = at.display();
    fs::create_dir(at.join("pages")).unwrap();
    fs::write(at.join("pages/index.html"), "<title>News</title> of no day in particular").unwrap();
    let text = format!(
        "daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n\
         events {{ worker_connections 64; }}\n\
         http {{ access_log off;\n\
         client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n\
         fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;\n\
         server {{ listen {HOST}:{port}; root {folder}/pages; location /ill {{ return 503; }} }} }}\n"
    );
    let file = at.join("nginx.conf");
    fs::write(&file, text).unwrap();
    spawn(Command::new(PROGRAMS[1]).arg("-p").arg(at).arg("-c").arg(file))
}

fn spawn(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// A port that is free there over TCP and UDP.
fn free_port(address: IpAddr) -> u16 {
    loop {
        let port = TcpListener::bind((address, 0)).unwrap().local_addr().unwrap().port();
        if UdpSocket::bind((address, port)).is_ok() {
            return port;
        }
    }
}

fn wait_for(server: SocketAddr) {
    for _ in 0..1_500 {
        if TcpStream::connect(server).is_ok() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("{server} does not start");
}
