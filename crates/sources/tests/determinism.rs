//! The same content gives the same stream, however it is cut, compressed, named or given.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use std::fs;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use falter_model::{Asn, Interned, Observation, Prefix, Span, Timestamp};
use falter_sources::archive::{InputArg, Inputs, Interest};
use falter_sources::recording::write_line;
use falter_wire::mrt::{ElemPeer, Framed, IndexedPeer, Route, SessionState, Writer, frame};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

/// When generated archives begin.
const START: i64 = 1_600_000_000;

/// What a generated record holds.
#[derive(Debug, Clone)]
enum Doing {
    Announce { prefix: u8, origin: u32 },
    Withdraw { prefix: u8 },
    Down,
    Keepalive,
}

/// A record and how many microseconds (or whole seconds) after the one before.
#[derive(Debug, Clone)]
struct Step {
    later: i64,
    peer: u8,
    doing: Doing,
}

fn step() -> impl Strategy<Value = Step> {
    let doing = prop_oneof![
        4 => (0..8_u8, 1..5_u32).prop_map(|(prefix, origin)| Doing::Announce { prefix, origin }),
        2 => (0..8_u8).prop_map(|prefix| Doing::Withdraw { prefix }),
        1 => Just(Doing::Down),
        1 => Just(Doing::Keepalive),
    ];
    // Half of the records share the second of the one before.
    let later = prop_oneof![Just(0), 0..900_000_i64, Just(1_000_000), 1..90_000_000_i64];
    (later, 0..3_u8, doing).prop_map(|(later, peer, doing)| Step { later, peer, doing })
}

fn peer(number: u8) -> ElemPeer {
    let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, number));
    ElemPeer { asn: Asn(64_500 + u32::from(number)), address, number: None }
}

fn prefix(number: u8) -> Prefix {
    Prefix::v4(0x0a00_0000 | u32::from(number) << 16, 16).unwrap()
}

fn route(number: u8, origin: u32) -> Route {
    let path = [Asn(64_500 + u32::from(number)), Asn(origin)];
    Route::new(&path, Ipv4Addr::new(192, 0, 2, 254).into())
}

/// A table dump at the start, then updates.
fn archive(steps: &[Step], with_table: bool) -> Vec<u8> {
    let mut writer = Writer::new();
    let mut at = Timestamp::from_seconds(START);
    if with_table {
        let index: Vec<IndexedPeer> = (0..3)
            .map(peer)
            .map(|peer| IndexedPeer {
                bgp_id: Ipv4Addr::LOCALHOST,
                address: peer.address,
                asn: peer.asn,
            })
            .collect();
        writer.peer_index(at, Ipv4Addr::LOCALHOST, "", &index).unwrap();
        for number in 0..8 {
            let routes: Vec<Route> = (0..3).map(|peer| route(peer, 1)).collect();
            let entries: Vec<_> = (0..3).zip(&routes).map(|(n, route)| (n, None, route)).collect();
            writer.rib(at, number.into(), prefix(number), &entries).unwrap();
        }
    }
    for Step { later, peer: number, doing } in steps {
        at = at + Span::from_micros(*later);
        let from = peer(*number);
        match doing {
            Doing::Announce { prefix: of, origin } => {
                let route = route(*number, *origin);
                writer.update(at, from, &[], Some((&route, &[(prefix(*of), None)]))).unwrap();
            }
            Doing::Withdraw { prefix: of } => {
                writer.update(at, from, &[(prefix(*of), None)], None).unwrap();
            }
            Doing::Down => {
                let (old, new) = (SessionState::ESTABLISHED, SessionState::IDLE);
                writer.state_change(at, from, old, new).unwrap();
            }
            Doing::Keepalive => writer.keepalive(at, from).unwrap(),
        }
    }
    writer.into_octets()
}

/// Cuts between records, near the given shares of the file, where the times on both sides differ
/// from those of other pieces: a piece must not begin in the second in which another does.
fn cut(octets: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    let mut ends = Vec::new();
    let (mut at, mut count) = (0, 0);
    let mut last_begin = None;
    while let Ok(Framed::Record(record)) = frame(&octets[at..]) {
        if last_begin.is_none() {
            last_begin = Some(record.at);
        } else if cuts.contains(&count) && last_begin < Some(record.at) {
            ends.push(at);
            last_begin = Some(record.at);
        }
        count += 1;
        at += record.octets();
    }
    ends.push(octets.len());
    let mut from = 0;
    ends.into_iter().map(|end| octets[std::mem::replace(&mut from, end)..end].to_vec()).collect()
}

fn compress(octets: &[u8], how: u8) -> Vec<u8> {
    let half = octets.len() / 2;
    let gzip = |octets: &[u8]| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(octets).unwrap();
        out.finish().unwrap()
    };
    let bzip2 = |octets: &[u8]| {
        let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        out.write_all(octets).unwrap();
        out.finish().unwrap()
    };
    match how % 5 {
        0 => octets.to_vec(),
        1 => gzip(octets),
        // Several members, several streams, cut anywhere.
        2 => [gzip(&octets[..half]), gzip(&octets[half..])].concat(),
        3 => [bzip2(&octets[..half]), bzip2(&octets[half..])].concat(),
        _ => zstd::encode_all(octets, 1).unwrap(),
    }
}

/// The stream as a recording, in which nothing depends on the numbers of peers and paths.
fn stream(arguments: &[PathBuf]) -> Vec<String> {
    let arguments: Vec<InputArg> = arguments.iter().cloned().map(InputArg::from).collect();
    let mut inputs = Inputs::open(&arguments).unwrap();
    inputs.watch(Interest { paths: true, ..Interest::default() });
    let (mut interned, mut all) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut all) {}
    assert!(inputs.reports().iter().all(|report| report.bad_count == 0), "{inputs:?}");
    lines(&all, &interned)
}

fn lines(all: &[Observation], interned: &Interned) -> Vec<String> {
    let mut lines = Vec::new();
    for observation in all {
        write_line(&mut lines, observation, interned).unwrap();
    }
    String::from_utf8(lines).unwrap().lines().map(str::to_owned).collect()
}

fn write(folder: &Path, name: &str, octets: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, octets).unwrap();
    path
}

/// Two collectors, the first with a table dump: whole and plain, then in pieces.
fn check(
    steps: [&[Step]; 2],
    cuts: &[usize],
    compressions: &[u8],
    order: u64,
) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let archives = [archive(steps[0], true), archive(steps[1], false)];
    let whole: Vec<PathBuf> = ["whole/rrc00", "whole/rrc01"]
        .iter()
        .zip(&archives)
        .map(|(name, octets)| write(folder.path(), name, octets))
        .collect();
    let mut pieces = Vec::new();
    for (collector, octets) in ["rrc00", "rrc01"].iter().zip(&archives) {
        for (n, piece) in cut(octets, cuts).into_iter().enumerate() {
            let how = compressions[n % compressions.len()];
            // Names say nothing of order.
            let name = format!("pieces/{collector}/{}", (n as u64 + 7) * 31 % 17);
            pieces.push(write(folder.path(), &name, &compress(&piece, how)));
        }
    }
    let twice = compress(&archives[1], compressions[0].wrapping_add(1));
    let expected = stream(&whole);
    prop_assert_eq!(&stream(&pieces), &expected, "in pieces");
    let turn = usize::try_from(order % pieces.len() as u64).unwrap();
    pieces.rotate_left(turn);
    pieces.reverse();
    pieces.push(pieces[0].clone());
    prop_assert_eq!(&stream(&pieces), &expected, "in another order, one twice");
    let given_twice = [whole[1].clone(), whole[0].clone(), write(folder.path(), "again", &twice)];
    prop_assert_eq!(&stream(&given_twice), &expected, "twice, compressed and not");
    prop_assert_eq!(&stream(&[folder.path().join("pieces")]), &expected, "as a folder");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn cuts_compression_order_and_doubles_change_nothing(
        first in prop::collection::vec(step(), 1..60),
        second in prop::collection::vec(step(), 1..60),
        cuts in prop::collection::vec(1_usize..60, 0..5),
        compressions in prop::collection::vec(any::<u8>(), 1..5),
        order: u64,
    ) {
        check([&first, &second], &cuts, &compressions, order)?;
    }
}

#[test]
fn a_table_that_was_cut_is_put_together_though_all_of_it_has_one_time() {
    let folder = tempfile::tempdir().unwrap();
    let octets = archive(&[], true);
    let mut ends = vec![0];
    while let Ok(Framed::Record(record)) = frame(&octets[*ends.last().unwrap()..]) {
        ends.push(ends.last().unwrap() + record.octets());
    }
    assert_eq!(ends.len(), 10);
    let pieces: Vec<PathBuf> = ends
        .windows(2)
        .rev()
        .enumerate()
        .map(|(n, ends)| write(folder.path(), &n.to_string(), &octets[ends[0]..ends[1]]))
        .collect();
    let whole = stream(&[write(folder.path(), "whole", &octets)]);
    assert_eq!(whole.len(), 8 * 3 + 1);
    assert_eq!(stream(&pieces), whole);
}
