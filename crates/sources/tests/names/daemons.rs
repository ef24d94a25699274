//! nsd and knot on loopback addresses: a small world with a root of its own.

use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use falter_sources::clock::monotonic;

/// How long daemons may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

const ROOT_ZONE: &str = "\
$ORIGIN .
$TTL 60
@ SOA a.root. hostmaster.root. 1 3600 600 86400 60
@ NS a.root.
a.root. A 127.73.0.1
kp. NS ns1.kptc.kp.
kp. NS ns2.kptc.kp.
ns1.kptc.kp. A 127.73.0.2
ns2.kptc.kp. A 127.73.0.3
";

const KP_ZONE: &str = "\
$ORIGIN kp.
$TTL 60
@ SOA ns1.kptc.kp. hostmaster.kptc.kp. 2026010101 28800 86400 1209600 86400
@ NS ns1.kptc
@ NS ns2.kptc
ns1.kptc A 127.73.0.2
ns2.kptc A 127.73.0.3
www.example A 175.45.176.79
alias CNAME www.example
six AAAA 2001:db8::79
mail MX 10 ns1.kptc
child NS ns.elsewhere
ns.elsewhere A 127.73.0.4
broken NS ns1.kptc
lame NS ns1.kptc
dead NS ns.dead
ns.dead A 127.73.0.9
";

const CHILD_ZONE: &str = "\
$ORIGIN child.kp.
$TTL 60
@ SOA ns.elsewhere.kp. hostmaster.kp. 1 28800 86400 1209600 86400
@ NS ns.elsewhere.kp.
www A 175.45.176.80
";

/// Two servers of nsd and one of knot.
pub(crate) struct World {
    pub(crate) root: IpAddr,
    pub(crate) port: u16,
    daemons: Vec<(&'static str, Child)>,
    folder: tempfile::TempDir,
}

impl World {
    /// `None` where the daemons are not installed, which is told.
    pub(crate) async fn start() -> Option<Self> {
        for program in ["nsd", "knotd"] {
            if !["/usr/sbin", "/usr/bin"].iter().any(|bin| Path::new(bin).join(program).exists()) {
                println!("skipped: no lab here: needs {program}");
                return None;
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let root = IpAddr::from([127, 73, 0, 1]);
        let port = free_port(root);
        for (name, text) in
            [("root", ROOT_ZONE), ("kp", KP_ZONE), ("child", CHILD_ZONE), ("broken", "no zone\n")]
        {
            fs::write(at.join(name), text).unwrap();
        }
        fs::create_dir(at.join("knot")).unwrap();
        fs::write(at.join("knot/kp"), KP_ZONE).unwrap();
        let mut world = Self { root, port, daemons: Vec::new(), folder };
        let at = world.folder.path().to_owned();
        world.nsd("nsd-root", &at, "127.73.0.1", &[(".", "root")]);
        world.nsd("nsd-kp", &at, "127.73.0.2", &[("kp", "kp"), ("broken.kp", "broken")]);
        world.nsd("nsd-child", &at, "127.73.0.4", &[("child.kp", "child")]);
        world.knot(&at, "127.73.0.3");
        for last in 1..=4 {
            wait_for(SocketAddr::from(([127, 73, 0, last], port))).await;
        }
        Some(world)
    }

    fn nsd(&mut self, name: &'static str, at: &Path, address: &str, zones: &[(&str, &str)]) {
        let (folder, port) = (at.display(), self.port);
        let mut text = format!(
            "server:\n  ip-address: {address}@{port}\n  zonesdir: \"{folder}\"\n  username: \"\"\n  \
             pidfile: \"\"\n  database: \"\"\n  zonelistfile: \"{folder}/{name}.list\"\n  \
             xfrdfile: \"{folder}/{name}.xfrd\"\n  server-count: 1\nremote-control:\n  control-enable: no\n"
        );
        for (zone, file) in zones {
            write!(text, "zone:\n  name: \"{zone}\"\n  zonefile: \"{file}\"\n").unwrap();
        }
        let file = at.join(format!("{name}.conf"));
        fs::write(&file, text).unwrap();
        let mut command = Command::new("/usr/sbin/nsd");
        command.arg("-d").arg("-c").arg(file);
        self.spawn(name, command);
    }

    fn knot(&mut self, at: &Path, address: &str) {
        let (folder, port) = (at.join("knot"), self.port);
        let folder = folder.display();
        let text = format!(
            "server:\n  rundir: \"{folder}\"\n  listen: {address}@{port}\n  udp-workers: 1\n  \
             tcp-workers: 1\n  background-workers: 1\ndatabase:\n  storage: \"{folder}\"\nzone:\n  \
             - domain: kp\n    storage: \"{folder}\"\n    file: kp\n    dnssec-signing: on\n"
        );
        let file = at.join("knot.conf");
        fs::write(&file, text).unwrap();
        let mut command = Command::new("/usr/sbin/knotd");
        command.arg("-c").arg(file);
        self.spawn("knotd", command);
    }

    fn spawn(&mut self, name: &'static str, mut command: Command) {
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.daemons.push((name, child.unwrap()));
    }

    /// Ends a daemon, and waits until it has.
    pub(crate) fn stop(&mut self, name: &str) {
        let (_, child) = self.daemons.iter_mut().find(|(known, _)| *known == name).unwrap();
        end(child);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for (_, child) in &mut self.daemons {
            end(child);
        }
    }
}

/// By the signal that lets it end its own children.
fn end(child: &mut Child) {
    let id = child.id().to_string();
    let _sent = Command::new("kill").args(["-TERM", &id]).stderr(Stdio::null()).status();
    let _ended = child.wait();
}

/// A port that is free there over TCP and UDP.
pub(crate) fn free_port(address: IpAddr) -> u16 {
    loop {
        let port = TcpListener::bind((address, 0)).unwrap().local_addr().unwrap().port();
        if UdpSocket::bind((address, port)).is_ok() {
            return port;
        }
    }
}

async fn wait_for(server: SocketAddr) {
    let begun = monotonic();
    while TcpStream::connect(server).is_err() {
        assert!(begun.elapsed() < PATIENCE, "{server} does not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
