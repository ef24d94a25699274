//! The same input gives the same result, octet for octet, however it is ordered, cut or compressed.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use std::fs;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use falter_model::{Asn, Prefix, Span, Timestamp};
use falter_wire::mrt::{ElemPeer, IndexedPeer, Route, Writer};
use proptest::prelude::*;
use serde_json::Value;

const PEERS: u16 = 6;
const PREFIXES: u8 = 24;
const START: i64 = 1_640_995_200;

/// One event of a generated archive: after so many milliseconds a peer tells of a prefix.
#[derive(Debug, Clone)]
struct Event {
    after_ms: u32,
    peer: u16,
    prefix: u8,
    announced: bool,
}

/// An archive of one collector: a table dump and a few hours of updates; from a third of it on, some
/// prefixes are withdrawn by everybody.
#[derive(Debug, Clone)]
struct Archive {
    dump: bool,
    events: Vec<Event>,
    lost: Vec<u8>,
}

fn event() -> impl Strategy<Value = Event> {
    (1_u32..120_000, 0..PEERS, 0..PREFIXES, any::<bool>())
        .prop_map(|(after_ms, peer, prefix, announced)| Event { after_ms, peer, prefix, announced })
}

fn archive() -> impl Strategy<Value = Archive> {
    let events = prop::collection::vec(event(), 80..160);
    let lost = prop::collection::vec(0..PREFIXES, 0..12);
    (prop::bool::weighted(0.8), events, lost).prop_map(|(dump, events, lost)| Archive {
        dump,
        events,
        lost,
    })
}

fn address(peer: u16) -> IpAddr {
    let [high, low] = peer.to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(192, 0, high, low + 1))
}

fn asn(peer: u16) -> Asn {
    Asn(64_500 + u32::from(peer))
}

fn prefix(n: u8) -> Prefix {
    Prefix::v4(u32::from_be_bytes([10, n, 0, 0]), 20).unwrap()
}

fn route(peer: u16, n: u8) -> Route {
    Route::new(&[asn(peer), Asn(64_700), Asn(64_800 + u32::from(n % 5))], address(peer))
}

impl Archive {
    /// The records of the dump, and those of the updates one by one with their times.
    fn records(&self) -> (Vec<u8>, Vec<(Timestamp, Vec<u8>)>) {
        let start = Timestamp::from_seconds(START);
        let mut dump = Writer::new();
        if self.dump {
            let peers: Vec<_> = (0..PEERS)
                .map(|peer| IndexedPeer {
                    bgp_id: Ipv4Addr::new(192, 0, 2, 1),
                    address: address(peer),
                    asn: asn(peer),
                })
                .collect();
            dump.peer_index(start, Ipv4Addr::new(198, 51, 100, 1), "", &peers).unwrap();
            for n in 0..PREFIXES {
                let routes: Vec<_> = (0..PEERS).map(|peer| route(peer, n)).collect();
                let entries: Vec<_> =
                    (0..PEERS).zip(&routes).map(|(peer, route)| (peer, None, route)).collect();
                dump.rib(start, u32::from(n), prefix(n), &entries).unwrap();
            }
        }
        let mut updates = Vec::new();
        let mut at = start + Span::from_seconds(90);
        for (index, event) in self.events.iter().enumerate() {
            at = at + Span::from_micros(i64::from(event.after_ms) * 1000);
            if index == self.events.len() / 3 {
                for peer in 0..PEERS {
                    for n in &self.lost {
                        updates.push((at, told(at, peer, *n, false)));
                        at = at + Span::from_micros(1);
                    }
                }
            }
            let announced = event.announced && !self.lost.contains(&event.prefix);
            updates.push((at, told(at, event.peer, event.prefix, announced)));
        }
        (dump.into_octets(), updates)
    }
}

fn told(at: Timestamp, peer: u16, n: u8, announced: bool) -> Vec<u8> {
    let mut writer = Writer::new();
    let by = ElemPeer { asn: asn(peer), address: address(peer), number: None };
    let nlri = [(prefix(n), None)];
    let route = route(peer, n);
    if announced {
        writer.update(at, by, &[], Some((&route, &nlri))).unwrap();
    } else {
        writer.update(at, by, &nlri, None).unwrap();
    }
    writer.into_octets()
}

fn gzip(octets: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(octets: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

/// What must not change: everything but the list of files.
fn replay(inputs: &[PathBuf], network: Option<&Path>) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_falter"));
    command.args(["replay", "--json"]).args(inputs);
    if let Some(network) = network {
        command.arg("--network").arg(network);
    }
    told_by(command.stdin(Stdio::null()))
}

/// The same of what a command says.
fn told_by(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut document: Value = serde_json::from_slice(&output.stdout).unwrap();
    document.as_object_mut().unwrap().remove("inputs");
    document
}

fn write(folder: &Path, name: &str, octets: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, octets).unwrap();
    path
}

const PROFILE: &str = "name = \"lab\"\ntitle = \"Lab\"\nasns = [\"AS64800\", \"AS64801\"]\n\
                       prefixes = [\"10.0.0.0/13\"]\ntransits = [\"AS64700\"]\n";

#[test]
fn standard_input_gives_what_the_file_gives_however_it_is_compressed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let profile = write(folder, "lab.toml", PROFILE.as_bytes());
    let event = |n: u8| Event {
        after_ms: 60_000,
        peer: u16::from(n) % PEERS,
        prefix: n % PREFIXES,
        announced: true,
    };
    let archive =
        Archive { dump: true, events: (0..120).map(event).collect(), lost: vec![0, 1, 5, 6] };
    let (mut all, updates) = archive.records();
    all.extend(updates.into_iter().flat_map(|(_, octets)| octets));
    let plain = write(folder, "archive", &all);
    let expected = replay(std::slice::from_ref(&plain), Some(&profile));
    assert!(!expected["outages"].as_array().unwrap().is_empty());
    let zstd = zstd::encode_all(all.as_slice(), 1).unwrap();
    for (name, octets) in
        [("plain", all.clone()), ("gz", gzip(&all)), ("bz2", bzip2(&all)), ("zst", zstd)]
    {
        let file = write(folder, name, &octets);
        let mut command = Command::new(env!("CARGO_BIN_EXE_falter"));
        command.args(["replay", "--json", "--network"]).arg(&profile).arg("-");
        command.stdin(fs::File::open(file).unwrap());
        assert_eq!(told_by(&mut command), expected, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn order_cut_compression_and_doubles_change_nothing(
        first in archive(),
        second in archive(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        with_profile in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let profile = write(folder, "lab.toml", PROFILE.as_bytes());
        let network = with_profile.then_some(profile.as_path());
        let mut whole = Vec::new();
        let mut pieces = Vec::new();
        for (archive, collector) in [(&first, "rrc90"), (&second, "rrc91")] {
            let (dump, updates) = archive.records();
            let all: Vec<u8> = updates.iter().flat_map(|(_, octets)| octets.clone()).collect();
            if !dump.is_empty() {
                whole.push(write(folder, &format!("whole/{collector}/bview"), &dump));
                pieces.push(write(folder, &format!("cut/{collector}/bview.bz2"), &bzip2(&dump)));
            }
            whole.push(write(folder, &format!("whole/{collector}/updates"), &all));
            // Cut between records; the pieces' first times differ, as those of archives do.
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(updates.len())).collect();
            at.extend([0, updates.len()]);
            at.sort_unstable();
            at.dedup();
            for (n, range) in at.windows(2).enumerate() {
                let octets: Vec<u8> =
                    updates[range[0]..range[1]].iter().flat_map(|(_, octets)| octets.clone()).collect();
                let (ending, octets) = match n % 3 {
                    0 => ("gz", gzip(&octets)),
                    1 => ("zst", zstd::encode_all(octets.as_slice(), 1).unwrap()),
                    _ => ("bz2", bzip2(&octets)),
                };
                pieces.push(write(folder, &format!("cut/{collector}/updates.{n}.{ending}"), &octets));
            }
        }
        let expected = replay(&whole, network);
        let reversed: Vec<PathBuf> = whole.iter().rev().cloned().collect();
        prop_assert_eq!(&replay(&reversed, network), &expected, "another order");
        let doubled: Vec<PathBuf> = whole.iter().chain(&whole).cloned().collect();
        prop_assert_eq!(&replay(&doubled, network), &expected, "given twice");
        pieces.reverse();
        prop_assert_eq!(&replay(&pieces, network), &expected, "cut and compressed");
    }
}
