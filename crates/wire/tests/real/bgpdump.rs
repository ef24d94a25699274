//! The lines of `bgpdump -m`, which came with its own test archives.

use std::net::IpAddr;

use falter_wire::mrt::{self, Told};

use super::archives::{archives, differences, lines, read, shared_data};

/// A deliberate difference, as docs/decisions/mrt-differences.md lists it: so many of bgpdump's lines
/// of an archive are none of ours, and each is as `is` says. Nothing else may differ.
struct Difference {
    archive: &'static str,
    theirs: usize,
    is: fn(&str) -> bool,
}

const DIFFERENCES: &[Difference] = &[
    // Routes of multicast, told like those of unicast.
    Difference {
        archive: "updates.20070211.0141.gz",
        theirs: 151,
        is: |line| line.contains("|195.66.224.138|2914|"),
    },
];

/// Addresses have several text forms: bgpdump shortens a single group of zeros, RFC 5952 does not.
fn normal(line: &str) -> String {
    let field = |field: &str| {
        let (address, length) = match field.split_once('/') {
            Some((address, length)) => (address, format!("/{length}")),
            None => (field, String::new()),
        };
        address.parse::<IpAddr>().map_or(field.to_owned(), |address| format!("{address}{length}"))
    };
    line.split('|').map(field).collect::<Vec<_>>().join("|")
}

#[test]
fn elems_equal_the_lines_of_bgpdump() {
    let Some(folder) = shared_data() else { return };
    let archives = archives();
    let with_lines = archives.iter().filter(|archive| archive.name.starts_with("bgpdump/"));
    let mut compared = 0;
    for archive in with_lines {
        let name = archive.name.trim_start_matches("bgpdump/test_data/");
        let expected = read(&folder.join(format!("mrt/bgpdump/test_expect/{name}.bgp.gz")));
        let expected = String::from_utf8(expected).unwrap();
        let expected: Vec<String> = expected.lines().map(normal).collect();
        let found = lines(&archive.octets);
        compared += expected.len();
        let Some(known) = DIFFERENCES.iter().find(|known| known.archive == name) else {
            let at = expected.iter().zip(&found).position(|(theirs, ours)| theirs != ours);
            let at = at.unwrap_or(expected.len().min(found.len()));
            assert_eq!(expected.get(at), found.get(at), "{name}, line {}", at + 1);
            continue;
        };
        let (theirs, ours) = differences(&expected, &found);
        assert_eq!(ours, Vec::<String>::new(), "{name}: lines that bgpdump does not print");
        assert_eq!(theirs.len(), known.theirs, "{name}: lines that only bgpdump prints");
        assert_eq!(theirs.iter().find(|line| !(known.is)(line)), None, "{name}");
    }
    assert_eq!(compared, 234_143, "lines of bgpdump in all");
}

#[test]
fn nothing_else_is_wrong_with_these_archives() {
    let mut faults = Vec::new();
    for archive in archives() {
        mrt::read(&archive.octets, |told| {
            if let Told::Fault { record, fault } = told {
                faults.push(format!("{}, record at {record}: {fault}", archive.name));
            }
        });
    }
    let known = "bgpdump/test_data/updates.nlri_mask_trailing_bits.gz, record at 0: the rest of the \
                 record was skipped: prefix at octet 88: expected 2 octets, found 0";
    assert_eq!(faults, if shared_data().is_some() { vec![known] } else { vec![] });
}
