//! Tables from archives, and how a feed that connects begins with them.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use falter_model::{Asn, Clock, Prefix, Timestamp};
use falter_sources::archive::{InputArg, Interest};
use falter_sources::bootstrap::{
    self, Bootstrap, BootstrapInput, BootstrapPlan, CollectorTable, TableError,
};
use falter_sources::collectors::Mirrors;
use falter_sources::feed::Subscriber;
use falter_sources::live::{Told, channel};
use falter_sources::ris_live::{RisLive, RisLiveOptions};
use falter_wire::mrt::{ElemPeer, IndexedPeer, Route, SessionState, Writer};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};
use tokio_util::sync::CancellationToken;

use crate::server::{Reply, Server};
use crate::{Cache, limits, real};

/// 2022-01-26T00:00:00Z.
const DUMPED: i64 = 1_643_155_200;

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(DUMPED + second)
}

fn prefix(text: &str) -> Prefix {
    text.parse().unwrap()
}

fn interest() -> Interest {
    let prefixes = Some(vec![prefix("175.45.176.0/22")]);
    Interest { prefixes, asns: vec![Asn(131_279)], paths: true }
}

fn peer(number: u8) -> ElemPeer {
    let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, number));
    ElemPeer { asn: Asn(64_500 + u32::from(number)), address, number: None }
}

fn route(number: u8) -> Route {
    let path = [64_500 + u32::from(number), 4_837, 131_279].map(Asn);
    Route::new(&path, Ipv4Addr::new(192, 0, 2, number).into())
}

/// A dump in which these peers carry two prefixes of the network and one that its AS originates besides.
fn dump(peers: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    let indexed = |number: &u8| {
        let ElemPeer { asn, address, .. } = peer(*number);
        IndexedPeer { bgp_id: Ipv4Addr::new(10, 0, 0, *number), asn, address }
    };
    let index: Vec<IndexedPeer> = peers.iter().map(indexed).collect();
    writer.peer_index(at(0), Ipv4Addr::LOCALHOST, "", &index).unwrap();
    let routes: Vec<Route> = peers.iter().map(|number| route(*number)).collect();
    let of_all = ["175.45.176.0/24", "175.45.177.0/24", "198.51.100.0/24"];
    for (sequence, text) in (0..).zip(of_all) {
        let entries: Vec<(u16, Option<u32>, &Route)> =
            (0..).zip(&routes).map(|(n, route)| (n, None, route)).collect();
        writer.rib(at(0), sequence, prefix(text), &entries).unwrap();
    }
    writer.into_octets()
}

/// What changed: peer 1 withdraws a prefix, peer 2's session ends.
fn updates() -> Vec<u8> {
    let mut writer = Writer::new();
    writer.update(at(10), peer(1), &[(prefix("175.45.177.0/24"), None)], None).unwrap();
    writer.state_change(at(20), peer(2), SessionState(6), SessionState(1)).unwrap();
    writer.update(at(200), peer(3), &[(prefix("175.45.176.0/24"), None)], None).unwrap();
    writer.into_octets()
}

fn gzip(octets: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    to.write_all(octets).unwrap();
    to.finish().unwrap()
}

/// Puts files into a folder of a collector and reads the tables.
fn read(
    files: &[(&str, Vec<u8>)],
    interest: Interest,
    until: Timestamp,
) -> Result<Vec<CollectorTable>, TableError> {
    let folder = tempfile::tempdir().unwrap();
    let arguments: Vec<InputArg> = files
        .iter()
        .map(|(name, octets)| InputArg::from(write(folder.path(), name, octets)))
        .collect();
    bootstrap::read(&arguments, interest, until, &AtomicBool::new(false))
}

fn write(folder: &Path, name: &str, octets: &[u8]) -> std::path::PathBuf {
    let path = folder.join("rrc00").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, octets).unwrap();
    path
}

#[test]
fn updates_are_folded_into_the_dump() {
    let files = [("a", dump(&[1, 2, 3])), ("b", updates())];
    for (until, reached, routes) in [(100, 20, 5), (300, 200, 4), (5, 0, 9)] {
        let tables = read(&files, interest(), at(until)).unwrap();
        let [table] = &tables[..] else { panic!("{tables:?}") };
        assert_eq!((&*table.collector, table.reached), ("rrc00", at(reached)), "{until}");
        // Of peer 2 nothing is known once its session has ended.
        let peers = if until < 20 { 3 } else { 2 };
        assert_eq!((table.n_peers(), table.n_routes()), (peers, routes), "{until}");
    }
}

#[test]
fn what_can_not_be_read_to_its_end_is_no_table() {
    let whole = gzip(&dump(&[1, 2, 3]));
    let broken = whole[..whole.len() - 9].to_vec();
    let error = read(&[("a.gz", broken)], interest(), at(100)).unwrap_err();
    assert!(matches!(&error, TableError::Broken { path, .. } if path.ends_with("a.gz")), "{error}");
    let error = read(&[("b", updates())], interest(), at(100)).unwrap_err();
    assert!(matches!(error, TableError::NoDump), "{error}");
}

#[test]
fn a_real_dump_tells_what_its_peers_carry() {
    let Some(octets) = real("bview.20020722.2337.gz") else { return };
    let watched = vec![prefix("80.64.128.0/20")];
    let interest = Interest { prefixes: Some(watched), ..Interest::default() };
    let until = Timestamp::from_seconds(1_027_381_057);
    let tables = read(&[("bview.gz", octets)], interest, until).unwrap();
    let [table] = &tables[..] else { panic!("{tables:?}") };
    assert_eq!(&*table.collector, "rrc00");
    assert!((0..=2).contains(&(until.seconds() - table.reached.seconds())), "{}", table.reached);
    // bgpdump prints 5 lines of this prefix, and lines of 36 peers.
    assert_eq!((table.n_peers(), table.n_routes()), (36, 5));
}

/// A clock that a test sets.
#[derive(Debug, Clone)]
struct Set(Arc<Mutex<Timestamp>>);

impl Clock for Set {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A feed with tables, and the server that it is connected to.
struct Feed {
    socket: TcpListener,
    told: Told,
    clock: Set,
    stop: CancellationToken,
    running: Vec<tokio::task::JoinHandle<()>>,
    _cache: Cache,
}

impl Feed {
    async fn start(now: Timestamp, plan: impl FnOnce(&mut BootstrapPlan)) -> Self {
        let cache = Cache::new(limits());
        let nowhere: url::Url = "http://127.0.0.1:1/".parse().unwrap();
        let mut wanted = BootstrapPlan {
            collectors: Vec::new(),
            inputs: Vec::new(),
            interest: interest(),
            max_age: falter_model::Span::from_hours(1),
            fetcher: cache.fetcher.clone(),
            mirrors: Mirrors { ris: nowhere.clone(), route_views: nowhere },
            first_wait: Duration::from_millis(20),
            longest_wait: Duration::from_millis(50),
        };
        plan(&mut wanted);
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let options = RisLiveOptions {
            url: format!("ws://{}/", socket.local_addr().unwrap()),
            first_wait: Duration::from_millis(10),
            ..RisLiveOptions::default()
        };
        let (teller, told) = channel(4096);
        let subscriber = Subscriber { interest: interest(), teller };
        let (clock, stop) = (Set(Arc::new(Mutex::new(now))), CancellationToken::new());
        let (asking, desk) = bootstrap::desk();
        let feed = RisLive::new(options, vec![subscriber], Arc::new(clock.clone()));
        let feed = feed.with_tables(asking).run(stop.clone());
        let tables = Bootstrap::new(wanted, Arc::new(clock.clone())).run(desk, stop.clone());
        let running = vec![tokio::spawn(async move { feed.await.unwrap() }), tokio::spawn(tables)];
        Self { socket, told, clock, stop, running, _cache: cache }
    }

    async fn accept(&self) -> Client {
        let (stream, _) = self.socket.accept().await.unwrap();
        Client(accept_async(stream).await.unwrap())
    }

    async fn expect(&mut self, expected: &[&str]) {
        for words in expected {
            assert_eq!(next(&mut self.told).await, *words);
        }
    }

    async fn end(self) {
        self.stop.cancel();
        for one in self.running {
            one.await.unwrap();
        }
    }
}

struct Client(WebSocketStream<TcpStream>);

impl Client {
    async fn say(&mut self, number: u8, second: i64, kind: &str, fields: Value) {
        let ElemPeer { asn, address, .. } = peer(number);
        let mut data = json!({
            "timestamp": DUMPED + second, "peer": address.to_string(), "peer_asn": asn.0.to_string(),
            "id": "1", "host": "rrc00.ripe.net", "type": kind,
        });
        data.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let text = json!({ "type": "ris_message", "data": data }).to_string();
        self.0.send(Message::text(text)).await.unwrap();
    }

    async fn alive(&mut self, number: u8, second: i64) {
        self.say(number, second, "KEEPALIVE", json!({})).await;
    }

    async fn withdraw(&mut self, number: u8, second: i64, prefix: &str) {
        self.say(number, second, "UPDATE", json!({ "withdrawals": [prefix] })).await;
    }

    /// The prefixes that are asked for, until one was.
    async fn is_asked_for(&mut self, prefix: &str) {
        loop {
            let frame = self.0.next().await.unwrap().unwrap();
            let asked: Value = serde_json::from_str(frame.to_text().unwrap()).unwrap();
            if asked["data"]["prefix"] == prefix {
                return;
            }
        }
    }
}

/// The next line that is no activity, short.
async fn next(told: &mut Told) -> String {
    loop {
        let line = tokio::time::timeout(Duration::from_secs(20), told.next());
        let line = line.await.expect("nothing was told for long").expect("the feed ended");
        let line: Value = serde_json::from_slice(&line).unwrap();
        let time: Timestamp = line["at"].as_str().unwrap().parse().unwrap();
        let second = time.seconds() - DUMPED;
        let number =
            |of: &Value| of["address"].as_str().unwrap().rsplit('.').next().unwrap().to_owned();
        if let Some(route) = line.get("route") {
            let (n, prefix) = (number(&route["peer"]), route["prefix"].as_str().unwrap());
            let kind = ["table", "announce", "withdraw"]
                .into_iter()
                .find(|kind| route.get(kind).is_some());
            return format!("{second} {n} {} {prefix}", kind.unwrap());
        }
        if let Some(end) = line.get("rib_end") {
            let peers = end["peers"].as_array().unwrap();
            let peers: Vec<String> =
                peers.iter().map(|one| format!("{}:{}", number(one), one["v4"])).collect();
            return format!("{second} end {}", peers.join(" "));
        }
        if let Some(change) = line.get("peer") {
            let (state, reason) = (change["state"].as_str().unwrap(), change["reason"].as_str());
            return format!("{second} {} {state} {}", number(change), reason.unwrap_or("-"));
        }
    }
}

/// Files in a folder.
fn inputs(folder: &Path, files: &[(&str, Vec<u8>)]) -> Vec<BootstrapInput> {
    let input =
        |(name, octets): &(&str, Vec<u8>)| BootstrapInput::Path(write(folder, name, octets));
    files.iter().map(input).collect()
}

#[tokio::test]
async fn a_feed_begins_with_the_table_of_its_collector_once_that_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let files = inputs(folder.path(), &[("a", dump(&[1, 2, 3])), ("b", updates())]);
    let mut feed = Feed::start(at(100), |plan| plan.inputs = files).await;
    let mut client = feed.accept().await;
    client.alive(3, 98).await;
    client.alive(1, 99).await;
    // Archives reach to 200: past the feed's beginning they count for a minute.
    let table = [
        "98 1 table 175.45.176.0/24",
        "98 1 table 198.51.100.0/24",
        "98 3 table 175.45.176.0/24",
        "98 3 table 175.45.177.0/24",
        "98 3 table 198.51.100.0/24",
        "98 end 1:3 3:3",
    ];
    feed.expect(&table).await;
    client.withdraw(3, 101, "175.45.177.0/24").await;
    feed.expect(&["101 3 withdraw 175.45.177.0/24"]).await;
    feed.end().await;
}

#[tokio::test]
async fn a_lost_feed_begins_anew_with_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let files = inputs(folder.path(), &[("a", dump(&[1, 3]))]);
    let mut feed = Feed::start(at(100), |plan| plan.inputs = files).await;
    let mut client = feed.accept().await;
    client.alive(1, 100).await;
    let table = |at: i64| {
        let prefixes = ["175.45.176", "175.45.177", "198.51.100"];
        let of = |n| prefixes.map(|prefix| format!("{at} {n} table {prefix}.0/24"));
        let mut all: Vec<String> = [of(1), of(3)].concat();
        all.push(format!("{at} end 1:3 3:3"));
        all
    };
    let first = table(100);
    feed.expect(&first.iter().map(String::as_str).collect::<Vec<_>>()).await;
    // A session that the feed itself told to be down does not come back by a table.
    client.say(3, 101, "RIS_PEER_STATE", json!({ "state": "down" })).await;
    feed.expect(&["101 3 down -"]).await;
    *feed.clock.0.lock().unwrap() = at(200);
    drop(client);
    feed.expect(&["200 1 down feed disconnected", "200 end 1:0"]).await;
    let mut client = feed.accept().await;
    client.alive(1, 200).await;
    feed.expect(&["200 1 up -", "200 3 up -"]).await;
    let second = table(200);
    feed.expect(&second.iter().map(String::as_str).collect::<Vec<_>>()).await;
    feed.end().await;
}

#[tokio::test]
async fn archives_of_long_ago_and_of_others_are_no_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let files = inputs(folder.path(), &[("a", dump(&[1, 3]))]);
    let mut feed = Feed::start(at(4000), |plan| plan.inputs = files).await;
    let mut client = feed.accept().await;
    client.withdraw(1, 4001, "175.45.177.0/24").await;
    feed.expect(&["4001 1 withdraw 175.45.177.0/24"]).await;
    feed.end().await;
}

#[tokio::test]
async fn what_archives_show_later_is_told_when_they_reach_the_feeds_beginning() {
    let (name, tag) = ("bview.20220126.0000.gz", "a");
    let files = [
        (format!("/rrc00/2022.01/{name}"), gzip(&dump(&[1, 3]))),
        ("/rrc00/2022.01/updates.20220126.0000.gz".to_owned(), gzip(&updates())),
    ];
    let later = Arc::new(AtomicBool::new(false));
    let is_later = Arc::clone(&later);
    let server = Server::start(move |_, request| {
        let is_there = |(path, _): &&(String, Vec<u8>)| {
            *path == request.path
                && (path.contains("bview") || is_later.load(std::sync::atomic::Ordering::Relaxed))
        };
        match files.iter().find(is_there) {
            Some((_, octets)) => Reply::honest(request, octets, tag),
            None => Reply::missing(),
        }
    })
    .await;
    let root = server.root().clone();
    let mut feed = Feed::start(at(150), |plan| {
        plan.collectors = vec!["rrc00".parse().unwrap()];
        plan.mirrors.ris = root;
    })
    .await;
    let mut client = feed.accept().await;
    client.is_asked_for("175.45.176.0/22").await;
    client.alive(1, 150).await;
    // Of the network's AS, outside of its prefixes: a withdrawal carries no path.
    client.is_asked_for("198.51.100.0/24").await;
    let first = [
        "150 1 table 175.45.176.0/24",
        "150 1 table 175.45.177.0/24",
        "150 1 table 198.51.100.0/24",
        "150 3 table 175.45.176.0/24",
        "150 3 table 175.45.177.0/24",
        "150 3 table 198.51.100.0/24",
        "150 end 1:3 3:3",
    ];
    feed.expect(&first).await;
    // What happened before the feed began, and what within a minute after it.
    later.store(true, std::sync::atomic::Ordering::Relaxed);
    *feed.clock.0.lock().unwrap() = at(700);
    let second = [
        "151 1 table 175.45.176.0/24",
        "151 1 table 198.51.100.0/24",
        "151 3 table 175.45.177.0/24",
        "151 3 table 198.51.100.0/24",
        "151 end 1:3 3:3",
    ];
    feed.expect(&second).await;
    let asked = server.seen().len();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(server.seen().len(), asked, "they reach far enough: nothing is asked any more");
    feed.end().await;
}
