//! Real archives, read whole: as many elems as the decoder finds in them, wherever they lie.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use falter_model::{Change, Fact, Interned, Observation, Span};
use falter_sources::archive::{InputArg, InputKind, Inputs, Interest};
use falter_wire::mrt::{Framed, Record, frame, resync};

use crate::shared_data;

fn read_all(arguments: &[PathBuf], interest: Interest) -> (Inputs, Interned, Vec<Observation>) {
    let arguments: Vec<InputArg> = arguments.iter().cloned().map(InputArg::from).collect();
    let mut inputs = Inputs::open(&arguments).unwrap();
    inputs.watch(interest);
    let (mut interned, mut all) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut all) {}
    (inputs, interned, all)
}

/// Elems and changes of sessions' states, by the decoder alone.
fn count_with_the_decoder(path: &Path) -> u64 {
    let mut octets = Vec::new();
    let file = BufReader::new(File::open(path).unwrap());
    let mut magic = [0; 2];
    File::open(path).unwrap().read_exact(&mut magic).unwrap();
    match &magic {
        [0x1f, 0x8b] => flate2::bufread::MultiGzDecoder::new(file).read_to_end(&mut octets),
        b"BZ" => bzip2::bufread::MultiBzDecoder::new(file).read_to_end(&mut octets),
        _ => { file }.read_to_end(&mut octets),
    }
    .unwrap();
    let (mut rest, mut index, mut count) = (&octets[..], None, 0);
    loop {
        let record = match frame(rest) {
            Ok(Framed::Record(record)) => record,
            Ok(Framed::NeedMore { .. }) => return count,
            Err(_) => {
                rest = &rest[resync(rest, None)..];
                continue;
            }
        };
        rest = &rest[record.octets()..];
        match Record::decode(&record, index.clone().as_ref()) {
            Ok(Record::PeerIndex { index: new, .. }) => index = Some(new),
            Ok(Record::State(_)) => count += 1,
            Ok(other) => other.visit(|elem| count += u64::from(elem.is_ok())),
            Err(_) => {}
        }
    }
}

#[test]
fn every_elem_of_every_archive_is_read() {
    let Some(data) = shared_data() else { return };
    let folder = data.join("mrt");
    let (inputs, _, _) = read_all(std::slice::from_ref(&folder), Interest::default());
    let archives = inputs.reports().iter().filter(|report| report.kind == Some(InputKind::Mrt));
    let mut files = 0;
    for report in archives.filter(|report| report.duplicate_of.is_none()) {
        files += 1;
        let expected = count_with_the_decoder(&report.path);
        assert_eq!(report.observations, expected, "{}", report.path.display());
    }
    // 11 of bgpdump, 2 of libbgpstream, 1 of bgp-rs, 12 of mrtparse; fewer if any is refused.
    assert_eq!(files, 26);
}

#[test]
fn an_archive_that_is_counted_by_others_counts_the_same_here() {
    let Some(data) = shared_data() else { return };
    // `bgpdump -m` prints 162,617 lines with 63 peers and 18,500 prefixes; 43 lines are changes of
    // states of sessions (their two states may be taken for two more prefixes).
    let path = data.join("mrt/bgp-rs/res/mrt/updates.20190101.0000.gz");
    let (inputs, interned, all) = read_all(&[path], Interest::default());
    assert_eq!(inputs.reports()[0].observations, 162_617);
    let routes = all.iter().filter_map(|observation| match &observation.fact {
        Fact::Route(route) => Some(route),
        _ => None,
    });
    let prefixes: std::collections::BTreeSet<_> =
        routes.clone().map(|route| route.prefix).collect();
    let peers: std::collections::BTreeSet<_> = routes.clone().map(|route| route.peer).collect();
    assert_eq!(routes.count(), 162_617 - 43);
    assert_eq!(prefixes.len(), 18_500);
    assert_eq!(peers.len(), 63);
    assert!(interned.peers().iter().all(|peer| &*peer.collector == "mrt"));
}

#[test]
fn watching_less_loses_nothing_of_what_is_watched() {
    let Some(data) = shared_data() else { return };
    let path = data.join("mrt/bgp-rs/res/mrt/updates.20190101.0000.gz");
    let (_, _, all) = read_all(std::slice::from_ref(&path), Interest::default());
    let watched = "109.86.0.0/15".parse().unwrap();
    let interest = Interest { prefixes: Some(vec![watched]), ..Interest::default() };
    let (inputs, _, some) = read_all(&[path], interest);
    let routes = |all: &[Observation]| -> Vec<(falter_model::Prefix, bool)> {
        let routes = all.iter().filter_map(|observation| match &observation.fact {
            Fact::Route(route) => Some(route),
            _ => None,
        });
        routes
            .filter(|route| route.prefix.overlaps(watched))
            .map(|route| (route.prefix, route.change == Change::Withdrawn))
            .collect()
    };
    assert!(routes(&some).len() > 300);
    assert_eq!(routes(&some), routes(&all));
    // What is not watched is counted all the same.
    assert_eq!(inputs.reports()[0].observations, 162_617);
    let counted: u64 = some
        .iter()
        .map(|observation| match &observation.fact {
            Fact::Route(_) => 1,
            Fact::Activity(activity) => u64::from(activity.announced + activity.withdrawn),
            _ => 0,
        })
        .sum();
    assert_eq!(counted, 162_617 - 43);
}

#[test]
fn a_collector_is_known_by_its_path_and_two_are_merged_by_time() {
    let Some(data) = shared_data() else { return };
    let folder = data.join("mrt/libbgpstream/test");
    let files =
        ["ris.rrc06.updates.1427846400.gz", "routeviews.route-views.jinx.updates.1427846400.bz2"];
    let paths: Vec<PathBuf> = files.iter().map(|file| folder.join(file)).collect();
    let (_, interned, all) = read_all(&paths, Interest::default());
    assert!(all.is_sorted_by_key(|observation| observation.at));
    let collectors: std::collections::BTreeSet<&str> =
        interned.peers().iter().map(|peer| &*peer.collector).collect();
    assert_eq!(collectors.into_iter().collect::<Vec<_>>(), ["route-views.jinx", "rrc06"]);
}

#[test]
fn the_end_of_a_table_tells_how_much_each_peer_carries() {
    let Some(data) = shared_data() else { return };
    let path = data.join("mrt/bgpdump/test_data/bview.20020722.2337.gz");
    let nothing = Interest { prefixes: Some(Vec::new()), ..Interest::default() };
    let (inputs, _, all) = read_all(&[path], nothing);
    let [Observation { at, fact: Fact::RibEnd(end) }] = &all[..] else {
        panic!("{:?}", all.len());
    };
    // It took two seconds to write.
    assert_eq!(*at - end.from, Span::from_seconds(62));
    let carried: u64 = end.peers.iter().map(|(_, v4, v6)| u64::from(v4 + v6)).sum();
    assert_eq!(carried, inputs.reports()[0].observations);
}

#[test]
fn every_truncation_of_a_compressed_archive_keeps_what_came_before() {
    let Some(data) = shared_data() else { return };
    let path = data.join("mrt/libbgpstream/test/ris.rrc06.updates.1427846400.gz");
    let whole = fs::read(&path).unwrap();
    let all = read_all(&[path], Interest::default()).2;
    let folder = tempfile::tempdir().unwrap();
    for length in (32..whole.len()).step_by(97) {
        let cut = folder.path().join(format!("rrc06-{length}"));
        fs::write(&cut, &whole[..length]).unwrap();
        let arguments = [InputArg::from(cut.clone())];
        let mut inputs = Inputs::open(&arguments).unwrap();
        let (mut interned, mut kept) = (Interned::new(), Vec::new());
        while inputs.read(&mut interned, &mut kept) {}
        assert!(all.starts_with(&kept), "{length}");
        let report = &inputs.reports()[0];
        assert!(report.bad_count > 0, "{length}");
        fs::remove_file(cut).unwrap();
    }
}
