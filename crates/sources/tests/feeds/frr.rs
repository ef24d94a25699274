//! BMP of FRR, whose neighbor is a gobgpd that tells two paths to a prefix, in namespaces of the test's
//! own: FRR takes no next hop from 127.0.0.0/8.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::bmp::listen_on;
use crate::gobgp::{Daemon, config, until};
use crate::lines::{next, subscriber};

const BGPD: &str = "/usr/lib/frr/bgpd";
const EDGE: &str = "192.0.2.1";
const PEER: &str = "edge AS65002 192.0.2.2";

/// FRR's bgpd, which ends with its test.
struct Bgpd {
    process: Child,
    folder: PathBuf,
}

impl Drop for Bgpd {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Bgpd {
    /// AS65001, which connects to its neighbor and tells what it hears before policy.
    fn start(folder: &Path, station: SocketAddr) -> Self {
        let text = format!(
            "hostname edge\n\
             router bgp 65001\n bgp router-id {EDGE}\n no bgp ebgp-requires-policy\n \
             neighbor 192.0.2.2 remote-as 65002\n neighbor 192.0.2.2 port 1790\n \
             neighbor 192.0.2.2 update-source {EDGE}\n neighbor 192.0.2.2 disable-connected-check\n \
             neighbor 192.0.2.2 timers 3 9\n neighbor 192.0.2.2 timers connect 1\n \
             address-family ipv4 unicast\n  neighbor 192.0.2.2 soft-reconfiguration inbound\n exit-address-family\n \
             bmp targets falter\n  bmp connect {} port {} min-retry 100 max-retry 200\n  \
             bmp monitor ipv4 unicast pre-policy\n exit\nexit\n",
            station.ip(),
            station.port()
        );
        fs::write(folder.join("bgpd.conf"), text).unwrap();
        let process = Command::new(BGPD)
            // Without zebra, and as whoever starts it.
            .args(["-S", "-Z", "-n", "-M", "bmp", "-p", "1791", "-l", EDGE, "-P", "0", "-f"])
            .arg(folder.join("bgpd.conf"))
            .arg("-i")
            .arg(folder.join("pid"))
            .arg("--vty_socket")
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, folder: folder.to_owned() }
    }

    fn tell(&self, words: &str) {
        let told = Command::new("vtysh")
            .arg("--vty_socket")
            .arg(&self.folder)
            .args(["-c", words])
            .output()
            .unwrap();
        assert!(told.status.success(), "{words}: {told:?}");
    }
}

#[test]
fn frr_tells_what_its_neighbor_does() {
    if !Path::new(BGPD).exists() {
        println!("skipped: no lab here: no FRR (Debian package: frr)");
        return;
    }
    crate::namespaces::run_inside("frr::inside");
}

#[ignore = "runs in namespaces, started by the test above"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside() {
    let script =
        "ip link set lo up; ip addr add 192.0.2.1/32 dev lo; ip addr add 192.0.2.2/32 dev lo";
    assert!(Command::new("sh").args(["-euc", script]).status().unwrap().success());
    let folder = tempfile::tempdir().unwrap();
    let paths = "[neighbors.add-paths.config]\nsend-max = 4\n";
    let text = config(65002, "192.0.2.2", 1790, (65001, EDGE, 1791), true) + paths;
    let origin = Daemon::start(folder.path(), "origin.toml", &text);
    let add = ["global", "rib", "add"];
    origin.gobgp(&[&add[..], &["175.45.176.0/24", "identifier", "1"]].concat()).await;
    origin
        .gobgp(&[&add[..], &["175.45.176.0/24", "identifier", "2", "aspath", "64999"]].concat())
        .await;
    origin.gobgp(&[&add[..], &["198.51.100.0/24"]].concat()).await;

    // The session comes up while FRR tells: it passes on no End-of-RIB.
    let (kp, mut told) = subscriber(&["175.45.176.0/22"], &[]);
    let (station, _, stop, running) = listen_on(([127, 0, 0, 1], 0).into(), vec![kp]).await;
    let edge = Bgpd::start(folder.path(), station);
    until(&mut told, &format!("{PEER} up: -")).await;
    let announced = next(&mut told).await;
    assert!(announced.starts_with(&format!("{PEER} + 175.45.176.0/24 65002")), "{announced}");
    origin.gobgp(&[&add[..], &["175.45.177.0/24"]].concat()).await;
    until(&mut told, &format!("{PEER} + 175.45.177.0/24 65002")).await;
    origin.gobgp(&["global", "rib", "del", "175.45.177.0/24"]).await;
    until(&mut told, &format!("{PEER} - 175.45.177.0/24")).await;
    stop.cancel();
    running.await.unwrap();

    // FRR begins anew to tell: all that stands, and its end. Two prefixes, however many paths.
    let (kp, mut told) = subscriber(&["175.45.176.0/22"], &[]);
    let (_, status, stop, _) = listen_on(station, vec![kp]).await;
    assert_eq!(next(&mut told).await, format!("{PEER} up: -"));
    until(&mut told, &format!("end edge: {PEER} 2/0")).await;
    assert_eq!(status.health().garbage, 0, "{:?}", status.health());

    edge.tell("clear bgp 192.0.2.2");
    assert_eq!(next(&mut told).await, format!("{PEER} down: ended by the router"));
    until(&mut told, &format!("{PEER} up: -")).await;
    origin.gobgp(&["neighbor", EDGE, "shutdown"]).await;
    let down = until(&mut told, "said by the peer").await;
    assert!(down.starts_with(&format!("{PEER} down: cease")), "{down}");
    origin.gobgp(&["neighbor", EDGE, "enable"]).await;
    until(&mut told, &format!("{PEER} up: -")).await;
    // The daemon is killed: nothing is known of its peers.
    drop(edge);
    until(&mut told, &format!("{PEER} down: bmp session lost")).await;
    stop.cancel();
}
