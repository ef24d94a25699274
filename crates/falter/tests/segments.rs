//! What a watcher keeps of the time before an hour is enough to replay that hour alone.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use falter_model::{
    Asn, Change, Fact, Interned, Observation, Peer, PeerId, RibEnd, Route, Span, Timestamp,
};
use falter_sources::archive::{InputArg, Inputs};
use falter_sources::recording::{RecordingHeader, Standing, write_line};
use falter_store::{Limits, Segments};
use serde_json::Value;

const PEERS: u32 = 5;
const PREFIXES: u8 = 4;
/// The network falls in the second hour.
const FALLS: &str = "2022-01-25T22:20:00Z";
const RETURNS: &str = "2022-01-25T22:50:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Writes hours of a watch, as it would, and pulls `standing` along.
struct Writer {
    segments: Segments,
    interned: Interned,
    standing: Standing,
    began: Option<Timestamp>,
    now: Timestamp,
}

impl Writer {
    fn write(&mut self, observation: &Observation) {
        let mut line = Vec::new();
        write_line(&mut line, observation, &self.interned).unwrap();
        let (began, standing, interned, now) =
            (&mut self.began, &self.standing, &self.interned, self.now);
        let head = |_: Option<&Path>| {
            let mut header = RecordingHeader::new(Some("kp"), now);
            header.follows = began.replace(now);
            header.starts_from = standing.starts_from(now, interned).unwrap();
            let mut head = serde_json::to_vec(&header).unwrap();
            head.push(b'\n');
            head
        };
        self.segments.append(self.now, &line, head).unwrap();
        self.standing.note(observation, &self.interned);
    }

    fn route(&mut self, peer: u32, prefix: u8, change: Change) {
        let prefix = format!("175.45.{}.0/24", 176 + prefix).parse().unwrap();
        self.write(&Observation::route(Route { at: self.now, peer: PeerId(peer), prefix, change }));
    }

    fn all_routes(&mut self, change: Change) {
        for peer in 0..PEERS {
            (0..PREFIXES).for_each(|prefix| self.route(peer, prefix, change));
        }
    }
}

/// Three hours of ticks; a table in the first, a fall and a return in the second.
fn watch(dir: &Path) -> Vec<PathBuf> {
    let mut interned = Interned::new();
    let mut peers = Vec::new();
    for peer in 0..PEERS {
        let asn = Asn(64_500 + peer);
        let address = [192, 0, 2, 1].into();
        let id = interned.peer_id(&Peer { collector: "rrc00".into(), asn, address });
        peers.push((id, 900_000, 200_000));
    }
    let path = interned.path_id(&[Asn(64_500), Asn(4837), Asn(131_279)]);
    let origin = Some(Asn(131_279));
    let begin = at("2022-01-25T21:00:00Z");
    let limits = Limits { age: Span::from_days(9), octets: u64::MAX };
    let segments = Segments::open(dir, "kp", limits).unwrap();
    let standing = Standing::new();
    let mut writer = Writer { segments, interned, standing, began: None, now: begin };
    let end = Fact::RibEnd(Box::new(RibEnd { collector: "rrc00".into(), from: begin, peers }));
    for second in 0..3 * 3600 {
        writer.now = begin + Span::from_seconds(second);
        writer.write(&Observation::tick(writer.now));
        if second == 0 {
            writer.all_routes(Change::Tabled { origin, path });
        } else if second == 60 {
            writer.write(&Observation { at: writer.now, fact: end.clone() });
        } else if writer.now == at(FALLS) {
            writer.all_routes(Change::Withdrawn);
        } else if writer.now == at(RETURNS) {
            writer.all_routes(Change::Announced { origin, path, blackholed: false });
        } else if second % 30 == 0 {
            // The feed lives.
            let activity =
                falter_model::PeerActivity { peer: PeerId(0), announced: 9, withdrawn: 1 };
            writer.write(&Observation { at: writer.now, fact: Fact::Activity(activity) });
        }
    }
    writer.segments.sync().unwrap();
    writer.segments.since(begin).unwrap()
}

fn replay(inputs: &[&Path]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_falter"))
        .args(["replay", "--network", "kp", "--json"])
        .args(inputs)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn an_hour_alone_knows_what_held_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let files = watch(dir.path());
    assert_eq!(files.len(), 3);
    let moments = |replayed: &Value| {
        let outages = replayed["outages"].as_array().unwrap();
        let network = outages.iter().filter(|outage| outage["entity"] == "network/kp");
        let moment = |value: &Value| value.as_str().unwrap().to_owned();
        network
            .map(|outage| {
                assert_eq!(outage["state"], "complete", "{outage}");
                [moment(&outage["from"]["first_bad"]), moment(&outage["until"]["first_good"])]
            })
            .collect::<Vec<_>>()
    };
    let whole = replay(&[&dir.path().join("observations/kp")]);
    assert_eq!(moments(&whole), [[FALLS.to_owned(), RETURNS.to_owned()]]);
    assert_eq!(moments(&replay(&[&files[1]])), moments(&whole), "the hour of it alone");
    assert_eq!(moments(&replay(&[&files[1], &files[2]])), moments(&whole));
    assert_eq!(moments(&replay(&[&files[2]])), [[""; 2]; 0], "nothing fell in the third hour");
    // It is the state that does it.
    let octets = zstd::decode_all(&*fs::read(&files[1]).unwrap()).unwrap();
    let text = String::from_utf8(octets).unwrap();
    let (head, lines) = text.split_once('\n').unwrap();
    let mut head: Value = serde_json::from_str(head).unwrap();
    head["starts_from"] = Value::Array(Vec::new());
    let without = dir.path().join("without");
    fs::write(&without, format!("{head}\n{lines}")).unwrap();
    assert_eq!(moments(&replay(&[&without])), [[""; 2]; 0]);
}

#[test]
fn what_was_kept_is_read_in_the_order_in_which_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let files = watch(dir.path());
    let texts = files.iter().map(|path| zstd::decode_all(&*fs::read(path).unwrap()).unwrap());
    let written: Vec<String> = texts
        .map(|octets| String::from_utf8(octets).unwrap())
        .flat_map(|text| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let arguments: Vec<InputArg> = files.into_iter().rev().map(InputArg::from).collect();
    let mut inputs = Inputs::open(&arguments).unwrap();
    let (mut interned, mut all) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut all) {}
    let mut read = Vec::new();
    for observation in &all {
        write_line(&mut read, observation, &interned).unwrap();
    }
    assert!(String::from_utf8(read).unwrap().lines().eq(written.iter()), "{} lines", all.len());
}
