//! BMP of a real gobgpd, whose neighbor is another one, on loopback addresses.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use falter_sources::live::Told;

use crate::bmp::listen;
use crate::lines::{next, subscriber};

/// A daemon that ends with its test.
pub(crate) struct Daemon {
    process: Child,
    api: String,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Daemon {
    pub(crate) fn start(folder: &Path, name: &str, config: &str) -> Self {
        let path = folder.join(name);
        fs::write(&path, config).unwrap();
        let api = format!("127.0.0.1:{}", free_port());
        let process = Command::new("gobgpd")
            .arg("-f")
            .arg(&path)
            .args(["--api-hosts", &api, "--pprof-disable"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, api }
    }

    /// Asks until it is done: the daemon may not listen yet.
    pub(crate) async fn gobgp(&self, arguments: &[&str]) {
        let (_, port) = self.api.rsplit_once(':').unwrap();
        for _ in 0..100 {
            let asked = Command::new("gobgp").args(["-p", port]).args(arguments).output().unwrap();
            if asked.status.success() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("gobgp {arguments:?} failed");
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub(crate) fn config(
    asn: u32,
    address: &str,
    port: u16,
    neighbor: (u32, &str, u16),
    passive: bool,
) -> String {
    let (peer_as, peer, remote) = neighbor;
    format!(
        "[global.config]\nas = {asn}\nrouter-id = \"{address}\"\nport = {port}\nlocal-address-list = [\"{address}\"]\n\
         [[neighbors]]\n[neighbors.config]\nneighbor-address = \"{peer}\"\npeer-as = {peer_as}\n\
         [neighbors.transport.config]\nlocal-address = \"{address}\"\nremote-port = {remote}\npassive-mode = {passive}\n\
         [neighbors.timers.config]\nconnect-retry = 1\nidle-hold-time-after-reset = 1\nhold-time = 9\nkeepalive-interval = 3\n"
    )
}

fn monitored(station: SocketAddr) -> String {
    format!(
        "[[bmp-servers]]\n[bmp-servers.config]\naddress = \"{}\"\nport = {}\nroute-monitoring-policy = \"pre-policy\"\n",
        station.ip(),
        station.port()
    )
}

/// Reads on until something is told that ends so.
pub(crate) async fn until(told: &mut Told, end: &str) -> String {
    let mut before = Vec::new();
    for _ in 0..20 {
        let words = next(told).await;
        if words.ends_with(end) {
            return words;
        }
        before.push(words);
    }
    panic!("no {end:?} among {before:?}");
}

fn is_there() -> bool {
    let found = |name: &str| Command::new(name).arg("--version").output().is_ok();
    let all = found("gobgpd") && found("gobgp");
    if !all {
        println!("skipped: no gobgpd");
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gobgpd_tells_what_its_neighbor_does() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (kp, mut told) = subscriber(&["175.45.176.0/22"], &[]);
    let (station, _, stop) = listen(vec![kp]).await;
    let (one, other) = (free_port(), free_port());
    let edge = config(65001, "127.0.0.1", one, (65002, "127.0.0.2", other), true);
    let watched = Daemon::start(folder.path(), "edge.toml", &(edge + &monitored(station)));
    let neighbor = config(65002, "127.0.0.2", other, (65001, "127.0.0.1", one), false);
    let origin = Daemon::start(folder.path(), "origin.toml", &neighbor);
    until(&mut told, "AS65002 127.0.0.2 up: -").await;
    origin.gobgp(&["global", "rib", "add", "175.45.176.0/24"]).await;
    until(&mut told, "AS65002 127.0.0.2 + 175.45.176.0/24 65002").await;
    origin.gobgp(&["global", "rib", "del", "175.45.176.0/24"]).await;
    until(&mut told, "AS65002 127.0.0.2 - 175.45.176.0/24").await;
    origin.gobgp(&["neighbor", "127.0.0.1", "shutdown"]).await;
    let down = until(&mut told, "said by the peer").await;
    assert!(down.contains("down: cease"), "{down}");
    drop(watched);
    stop.cancel();
}
