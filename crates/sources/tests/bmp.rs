//! BMP from real daemons: two gobgpd on loopback, one of which tells us of the other.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "what was skipped is told; a helper that fails must stop the test"
)]

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use falter_model::{Change, Clock, Fact, Interned, Observation, PeerState};
use falter_sources::archive::Interest;
use falter_sources::bmp::Station;
use falter_sources::clock::SystemClock;
use falter_sources::live::{self, Told};
use falter_sources::recording::read_line;
use falter_sources::routes::Subscriber;
use tokio_util::sync::CancellationToken;

/// The router that tells, and the peer that it tells of.
const TELLS: (&str, u32) = ("127.0.0.1", 64_500);
const PEER: (&str, u32) = ("127.0.0.2", 64_501);
/// Daemons need a second or two; a busy machine more.
const PATIENCE: Duration = Duration::from_secs(30);

/// A daemon that ends with the test.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

fn free_port(on: &str) -> u16 {
    TcpListener::bind((on, 0)).unwrap().local_addr().unwrap().port()
}

/// A gobgpd of `own` that peers with `other`.
struct Gobgpd {
    folder: tempfile::TempDir,
    api: u16,
    text: String,
}

impl Gobgpd {
    fn new(own: (&str, u32, u16), other: (&str, u32, u16), bmp: Option<SocketAddr>) -> Self {
        let ((address, asn, port), (peer, peer_asn, peer_port)) = (own, other);
        let bmp = bmp.map_or_else(String::new, |bmp| {
            format!(
                "[[bmp-servers]]\n[bmp-servers.config]\naddress = \"{}\"\nport = {}\n\
                 route-monitoring-policy = \"all\"\n",
                bmp.ip(),
                bmp.port()
            )
        });
        let text = format!(
            "[global.config]\nas = {asn}\nrouter-id = \"{address}\"\nport = {port}\n\
             local-address-list = [\"{address}\"]\n{bmp}\
             [[neighbors]]\n[neighbors.config]\npeer-as = {peer_asn}\n\
             neighbor-address = \"{peer}\"\n\
             [neighbors.timers.config]\nhold-time = 9\nkeepalive-interval = 3\nconnect-retry = 1\n\
             idle-hold-time-after-reset = 1\n\
             [neighbors.transport.config]\nlocal-address = \"{address}\"\nremote-port = {peer_port}\n"
        );
        Self { folder: tempfile::tempdir().unwrap(), api: free_port("127.0.0.1"), text }
    }

    fn start(&self) -> Daemon {
        let file = self.folder.path().join("gobgpd.toml");
        fs::write(&file, &self.text).unwrap();
        let mut command = Command::new("gobgpd");
        command.arg("-f").arg(&file).arg("--pprof-disable");
        command.arg("--api-hosts").arg(format!("127.0.0.1:{}", self.api));
        let log = fs::File::create(self.folder.path().join("log")).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        Daemon(command.spawn().unwrap())
    }

    /// `gobgp global rib add 192.0.2.0/24`, tried until the daemon listens.
    async fn rib(&self, what: &str, prefix: &str) {
        for _ in 0..100 {
            let done = Command::new("gobgp")
                .args(["-p", &self.api.to_string(), "global", "rib", what, prefix])
                .output()
                .unwrap();
            if done.status.success() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("gobgpd does not listen");
    }
}

/// What was told.
struct Heard {
    told: Told,
    interned: Interned,
}

impl Heard {
    /// The next observation that is meant.
    async fn until(&mut self, is_meant: impl Fn(&Observation, &Interned) -> bool) -> Observation {
        let heard = async {
            loop {
                let line = self.told.next().await.unwrap();
                let observation = read_line(&line, &mut self.interned).unwrap();
                if is_meant(&observation, &self.interned) {
                    return observation;
                }
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.expect("not told in time")
    }

    async fn state(&mut self, state: PeerState) -> String {
        let meant = |o: &Observation, _: &Interned| matches!(&o.fact, Fact::Peer(change) if change.state == state);
        match self.until(meant).await.fact {
            Fact::Peer(change) => {
                change.reason.map(|reason| reason.to_string()).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    async fn route(&mut self, prefix: &str) -> Change {
        let meant = |o: &Observation, _: &Interned| matches!(&o.fact, Fact::Route(route) if route.prefix.to_string() == prefix);
        match self.until(meant).await.fact {
            Fact::Route(route) => route.change,
            _ => unreachable!(),
        }
    }
}

/// True where gobgpd is installed; else says that the test is skipped.
fn has_gobgpd() -> bool {
    let has = ["gobgpd", "gobgp"].iter().all(|name| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| Path::new(&folder).join(name).is_file())
    });
    if !has {
        println!("skipped: no lab here: gobgpd is not installed");
    }
    has
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_router_tells_of_its_peer() {
    if !has_gobgpd() {
        return;
    }
    let (teller, told) = live::channel(1000);
    let interest = Interest {
        prefixes: Some(vec!["192.0.2.0/24".parse().unwrap()]),
        paths: true,
        ..Interest::default()
    };
    let said = Arc::new(Mutex::new(Vec::new()));
    let listener = {
        let said = Arc::clone(&said);
        Arc::new(move |_: &str, ok: bool, words: &str| {
            said.lock().unwrap().push((ok, words.to_owned()));
        })
    };
    let clock: Arc<dyn Clock + Send + Sync> = Arc::new(SystemClock);
    let on = "127.0.0.1:0".parse().unwrap();
    let subscribers = vec![Subscriber { interest, teller }];
    let station = Station::listen(on, subscribers, clock, listener).await.unwrap();
    let address = station.address().unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(station.run(stop.clone()));

    let ports = (free_port(TELLS.0), free_port(PEER.0));
    let (tells, peer) = ((TELLS.0, TELLS.1, ports.0), (PEER.0, PEER.1, ports.1));
    let router = Gobgpd::new(tells, peer, Some(address));
    let other = Gobgpd::new(peer, tells, None);
    let router_runs = router.start();
    let other_runs = other.start();
    let mut heard = Heard { told, interned: Interned::new() };

    // What the peer has when its session begins is its table.
    other.rib("add", "192.0.2.0/24").await;
    other.rib("add", "198.51.100.0/24").await;
    heard.state(PeerState::Up).await;
    let Change::Tabled { origin, path } = heard.route("192.0.2.0/24").await else {
        panic!("not a table");
    };
    assert_eq!(origin.map(|asn| asn.0), Some(PEER.1));
    assert_eq!(heard.interned.path(path).len(), 1);
    let end = heard.until(|o, _| matches!(o.fact, Fact::RibEnd(_))).await;
    let Fact::RibEnd(end) = end.fact else { unreachable!() };
    let peer = heard.interned.peer(end.peers[0].0).unwrap().clone();
    assert_eq!((peer.asn.0, peer.address.to_string().as_str()), (PEER.1, PEER.0));
    // Both prefixes are counted, though one is nobody's.
    assert_eq!((end.peers[0].1, end.peers[0].2), (2, 0));

    // Changes after that are changes.
    other.rib("del", "192.0.2.0/24").await;
    assert_eq!(heard.route("192.0.2.0/24").await, Change::Withdrawn);
    other.rib("add", "192.0.2.0/24").await;
    assert!(matches!(heard.route("192.0.2.0/24").await, Change::Announced { .. }));

    // A session that ends says why.
    drop(other_runs);
    let reason = heard.state(PeerState::Down).await;
    assert!(!reason.is_empty());
    let other_runs = other.start();
    heard.state(PeerState::Up).await;

    // A router that goes away takes what is known of its peers with it.
    drop(router_runs);
    assert_eq!(heard.state(PeerState::Down).await, "BMP session lost");
    drop(other_runs);
    stop.cancel();
    running.await.unwrap();
    let said = said.lock().unwrap();
    assert_eq!(said[0], (true, "session taken".to_owned()));
    assert!(said.iter().any(|(ok, words)| !ok && words.starts_with("session")), "{said:?}");
}

#[tokio::test]
async fn what_is_no_bmp_ends_the_session_alone() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let clock: Arc<dyn Clock + Send + Sync> = Arc::new(SystemClock);
    let on = "127.0.0.1:0".parse().unwrap();
    let station = Station::listen(on, Vec::new(), clock, Arc::new(|_, _, _| ())).await.unwrap();
    let address = station.address().unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(station.run(stop.clone()));
    for garbage in
        [&b"GET / HTTP/1.1\r\n\r\n"[..], &[3, 0xFF, 0xFF, 0xFF, 0xFF, 0], &[3, 0, 0, 0, 1, 0]]
    {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        let closed = tokio::time::timeout(PATIENCE, stream.read(&mut [0; 16])).await;
        // Closed, or reset since not all was read.
        assert!(closed.expect("the session stands").map_or(true, |octets| octets == 0));
    }
    stop.cancel();
    running.await.unwrap();
}
