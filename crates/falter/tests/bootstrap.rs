//! A table to begin with: a real table dump by URL, then a withdrawal on RIS Live, and it is a stored outage at
//! once, in a watch that has no history at all. Replay by URL and by collector beside it.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]
#![expect(clippy::print_stdout, reason = "says what was skipped")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use falter_model::{Clock, Timestamp};
use falter_sources::clock::{SystemClock, monotonic};
use falter_sources::collectors::{Collector, Mirrors};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};
use url::Url;

/// The only peer with a full feed in the dump, and others.
const FULL: (&str, u32) = ("193.203.0.1", 1853);
const OTHERS: [(&str, u32); 3] =
    [("193.203.0.65", 1273), ("193.203.0.19", 3257), ("193.203.0.3", 2686)];
/// What AS 41 originates in it; nothing covers these.
const PREFIXES: [&str; 3] = ["128.102.0.0/16", "134.12.0.0/16", "143.232.0.0/16"];

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let prefixes = PREFIXES.map(|prefix| format!("\"{prefix}\"")).join(", ");
        let profile = format!(
            "name = \"as41\"\ntitle = \"AS 41\"\ntime_zone = \"UTC\"\nasns = [\"AS41\"]\n\
             prefixes = [{prefixes}]\n"
        );
        fs::write(folder.path("as41.toml"), profile).unwrap();
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// A configuration for servers on this machine.
    fn configure(&self, archives: SocketAddr, ris_live: SocketAddr) -> String {
        let cache = self.text("cache");
        let text = format!(
            "[routes.ris_live]\nurl = \"ws://{ris_live}/\"\n\
             [routes.bootstrap]\ncollectors = [\"rrc00\"]\n\
             [archives]\ndir = \"{cache}\"\nris = \"http://{archives}/\"\n"
        );
        fs::write(self.path("falter.toml"), text).unwrap();
        self.text("falter.toml")
    }
}

/// The dump as if it had been begun at `at`; `None`, said aloud, where it is missing and nobody demands it.
fn dump_of(at: Timestamp) -> Option<Vec<u8>> {
    let path = "../../../shared/data/mrt/bgpdump/test_data/bview.20020722.2337.gz";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let Ok(file) = fs::File::open(path) else {
        assert!(std::env::var_os("FALTER_REQUIRE_DATA").is_none(), "../shared/data is missing");
        println!("skipped: no ../shared/data");
        return None;
    };
    let mut octets = Vec::new();
    flate2::read::MultiGzDecoder::new(file).read_to_end(&mut octets).unwrap();
    let seconds = u32::try_from(at.seconds()).unwrap().to_be_bytes();
    let mut record = 0;
    while record < octets.len() {
        octets[record..record + 4].copy_from_slice(&seconds);
        let length = u32::from_be_bytes(octets[record + 8..record + 12].try_into().unwrap());
        record += 12 + usize::try_from(length).unwrap();
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&octets).unwrap();
    Some(gzip.finish().unwrap())
}

/// A server of files by path; it breaks each off in the middle the first time.
fn serve(files: BTreeMap<String, Vec<u8>>) -> SocketAddr {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut broken_off: Vec<String> = Vec::new();
        for stream in socket.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            let path = first.split(' ').nth(1).unwrap().to_owned();
            let mut from = 0;
            for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
                if let Some(range) = line.to_ascii_lowercase().strip_prefix("range: bytes=") {
                    from = range.trim_end_matches('-').parse().unwrap();
                }
            }
            let Some(octets) = files.get(&path) else {
                stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap();
                continue;
            };
            let (all, rest) = (octets.len(), octets.len() - from);
            let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
            let head = format!(
                "HTTP/1.1 {status}\r\nETag: \"a\"\r\nContent-Length: {rest}\r\n\
                 Content-Range: bytes {from}-{}/{all}\r\nConnection: close\r\n\r\n",
                all - 1
            );
            stream.write_all(head.as_bytes()).unwrap();
            let is_first = !broken_off.contains(&path);
            let until = if is_first { all / 2 } else { all };
            broken_off.push(path);
            stream.write_all(&octets[from..until]).unwrap();
        }
    });
    address
}

/// RIS Live as a server on this machine.
struct RisLive {
    socket: TcpListener,
}

impl RisLive {
    fn start() -> Self {
        Self { socket: TcpListener::bind("127.0.0.1:0").unwrap() }
    }

    fn accept(&self) -> Connection {
        let (stream, _) = self.socket.accept().unwrap();
        Connection(tungstenite::accept(stream).unwrap())
    }
}

struct Connection(WebSocket<TcpStream>);

impl Connection {
    fn say(&mut self, (address, asn): (&str, u32), kind: &str, fields: &Value) {
        #[expect(clippy::cast_precision_loss, reason = "as the protocol has it")]
        let timestamp = SystemClock.now().micros() as f64 / 1e6;
        let mut data = json!({
            "timestamp": timestamp, "peer": address, "peer_asn": asn.to_string(), "id": "1",
            "host": "rrc00.ripe.net", "type": kind,
        });
        data.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let text = json!({ "type": "ris_message", "data": data }).to_string();
        self.0.send(Message::text(text)).unwrap();
    }

    /// A sign of life of every peer.
    fn alive(&mut self) {
        self.say(FULL, "KEEPALIVE", &json!({}));
        for peer in OTHERS {
            self.say(peer, "KEEPALIVE", &json!({}));
        }
    }
}

fn falter(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_falter"));
    command.args(arguments).env_remove("FALTER_STORE").env_remove("NOTIFY_SOCKET");
    command.stdin(Stdio::null());
    command
}

fn json_of(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Events as they are told.
fn events(child: &mut Child) -> Receiver<Value> {
    let (to, events) = channel();
    let out = BufReader::new(child.stdout.take().unwrap());
    thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            if to.send(serde_json::from_str(&line).unwrap()).is_err() {
                return;
            }
        }
    });
    events
}

fn has_table(folder: &Folder) -> bool {
    let Ok(networks) = fs::read_dir(folder.path("store/observations")) else { return false };
    let folders = networks.flatten().map(|entry| entry.path()).filter(|path| path.is_dir());
    let mut files = folders.flat_map(|folder| fs::read_dir(folder).unwrap().flatten());
    files.any(|file| {
        let mut text = String::new();
        let file = fs::File::open(file.path()).unwrap();
        // Its last frame may be half written.
        drop(zstd::Decoder::new(file).unwrap().read_to_string(&mut text));
        text.contains("rib_end")
    })
}

#[test]
fn the_first_withdrawal_after_a_table_by_url_is_a_stored_outage_at_once() {
    let nowhere: Url = "http://archives.example/".parse().unwrap();
    let mirrors = Mirrors { ris: nowhere.clone(), route_views: nowhere };
    let rrc00: Collector = "rrc00".parse().unwrap();
    let latest = rrc00.tables(&mirrors, SystemClock.now()).next().unwrap();
    let Some(dump) = dump_of(latest.from) else { return };
    let path = latest.url.path().to_owned();
    let archives = serve([(path, dump)].into());
    let (folder, ris_live) = (Folder::new(), RisLive::start());
    let config = folder.configure(archives, ris_live.socket.local_addr().unwrap());
    let (store, profile) = (folder.text("store"), folder.text("as41.toml"));
    let mut child = falter(&["watch", &profile, "--store", &store, "--config", &config, "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let events = events(&mut child);
    let mut connection = ris_live.accept();
    // Everybody lives, and the table is told and stands for a while: nothing of it is an outage.
    let begun = monotonic();
    let mut stands = 0;
    while stands < STANDS {
        assert!(begun.elapsed() < Duration::from_mins(2), "there is no table");
        connection.alive();
        match events.recv_timeout(Duration::from_secs(1)) {
            Ok(event) => assert_ne!(event["event"], "began", "{event}"),
            Err(RecvTimeoutError::Timeout) => stands += u32::from(stands > 0 || has_table(&folder)),
            Err(RecvTimeoutError::Disconnected) => panic!("it ended"),
        }
    }
    let withdrawn = SystemClock.now();
    connection.say(FULL, "UPDATE", &json!({ "withdrawals": PREFIXES }));
    let told = loop {
        let event = events.recv_timeout(Duration::from_secs(10)).expect("no outage");
        if event["event"] == "began" && event["outage"]["entity"] == "network/as41" {
            break event;
        }
    };
    let stored = json_of(&falter(&["outages", "--store", &store, "--json"]).output().unwrap());
    let after = SystemClock.now() - withdrawn;
    let ids = stored["outages"].as_array().unwrap().iter().map(|outage| &outage["id"]);
    assert!(ids.clone().any(|id| *id == told["outage"]["id"]), "{stored}");
    assert_eq!(told["outage"]["state"], "complete", "{told}");
    println!("stored and read again {after} after the withdrawal");
    assert!(after.as_seconds() < 5.0, "{after}");

    let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).unwrap();
    assert!(child.wait().unwrap().success());
    let kept = folder.text("store/observations/as41");
    let replayed = falter(&["replay", &kept, "--network", &profile, "--json"]).output().unwrap();
    let top = |document: &Value| -> Vec<Value> {
        let all = document["outages"].as_array().unwrap().iter();
        all.map(|outage| json!([outage["id"], outage["state"], outage["from"]])).collect()
    };
    let stored = json_of(&falter(&["outages", "--store", &store, "--json"]).output().unwrap());
    assert_eq!(top(&json_of(&replayed)), top(&stored), "what was kept replays otherwise");
}

/// Seconds for which a table stands before the withdrawal.
const STANDS: u32 = 5;

#[test]
fn replay_takes_urls_and_collectors() {
    let dumped = "2022-01-26T00:00:00Z".parse().unwrap();
    let Some(dump) = dump_of(dumped) else { return };
    let archives = serve([("/rrc00/2022.01/bview.20220126.0000.gz".to_owned(), dump)].into());
    let folder = Folder::new();
    let nobody = "127.0.0.1:1".parse().unwrap();
    let (config, profile) = (folder.configure(archives, nobody), folder.text("as41.toml"));
    let replay = |more: &[&str]| {
        let common = ["replay", "--network", &profile, "--config", &config, "--json"];
        falter(&[&common, more].concat()).output().unwrap()
    };
    let url = format!("http://{archives}/rrc00/2022.01/bview.20220126.0000.gz");
    let by_url = json_of(&replay(&[&url]));
    assert_eq!(by_url["from"], "2022-01-26T00:00:00Z");
    let input = &by_url["inputs"][0];
    assert_eq!(input["kind"], "mrt");
    let path = input["path"].as_str().unwrap();
    assert!(path.ends_with("cache/rrc00/2022.01/bview.20220126.0000.gz"), "{path}");

    // The same file, which is kept; two files of updates are nowhere.
    let span = ["--from", "2022-01-26T00:02:00Z", "--until", "2022-01-26T00:10:00Z"];
    let by_collector = replay(&[&["--collector", "rrc00"], &span[..]].concat());
    assert_eq!(by_collector.status.code(), Some(1));
    let said = String::from_utf8_lossy(&by_collector.stderr);
    assert!(said.contains("updates.20220126.0005.gz: there is no such file"), "{said}");
    let by_collector: Value = serde_json::from_slice(&by_collector.stdout).unwrap();
    assert_eq!(by_collector["signals"], by_url["signals"]);
    assert_eq!(by_collector["inputs"].as_array().unwrap().len(), 1);

    let missing = replay(&[&format!("http://{archives}/rrc00/2022.01/nothing.gz")]);
    assert_eq!(missing.status.code(), Some(3));
    let said = String::from_utf8_lossy(&missing.stderr);
    assert!(said.contains("nothing.gz: there is no such file"), "{said}");
    let wrong = replay(&["--collector", "nobody", "--from", span[1], "--until", span[3]]);
    assert_eq!(wrong.status.code(), Some(2));
}
