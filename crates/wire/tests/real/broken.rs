//! Real archives, cut off at every octet and with every bit flipped: nothing panics or hangs, what came
//! before is kept, what comes after is read, and the error says where.

use falter_wire::mrt::{self, Framed, Line, StateLine, Told};

use super::archives::{Archive, archives};

/// Octets of the longest archive that is broken in every way.
const LONGEST: usize = 16 << 10;

/// What an archive tells: each with the octet at which its record begins.
#[derive(Default, PartialEq)]
struct Reading {
    lines: Vec<(usize, u64)>,
    faults: Vec<(usize, usize)>,
}

/// Lines are kept as their digests: they are compared by the million.
fn digest(line: std::fmt::Arguments<'_>) -> u64 {
    use std::hash::{DefaultHasher, Hasher};
    struct Digest(DefaultHasher);
    impl std::fmt::Write for Digest {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.write(text.as_bytes());
            Ok(())
        }
    }
    let mut digest = Digest(DefaultHasher::new());
    std::fmt::write(&mut digest, line).unwrap();
    digest.0.finish()
}

/// Records before `from` are counted only: they are read before a change further on is seen.
fn reading(octets: &[u8], from: usize) -> Reading {
    let mut reading = Reading::default();
    let start = |body: &[u8]| body.as_ptr().addr() - octets.as_ptr().addr() - mrt::HEADER_OCTETS;
    mrt::read(octets, |told| match told {
        Told::Elem(record, elem) => {
            let start = start(record.body);
            let line = format_args!("{}", Line::new(record, elem));
            reading.lines.push((start, if start < from { 0 } else { digest(line) }));
        }
        Told::State(record, state) => {
            let start = start(record.body);
            let line = format_args!("{}", StateLine::new(record, state));
            reading.lines.push((start, if start < from { 0 } else { digest(line) }));
        }
        Told::Fault { record, fault } => reading.faults.push((record, fault.what.offset())),
    });
    reading
}

/// Where the records of an archive begin, and its end.
fn starts(octets: &[u8]) -> Vec<usize> {
    let mut starts = vec![0];
    while let Ok(Framed::Record(record)) = mrt::frame(&octets[*starts.last().unwrap()..]) {
        starts.push(starts.last().unwrap() + record.octets());
    }
    assert_eq!(*starts.last().unwrap(), octets.len());
    starts
}

fn small() -> Vec<Archive> {
    archives().into_iter().filter(|archive| archive.octets.len() <= LONGEST).collect()
}

#[test]
fn every_truncation_keeps_what_came_before() {
    for Archive { name, octets } in small() {
        let whole = reading(&octets, 0);
        let starts = starts(&octets);
        for end in 0..octets.len() {
            let cut = reading(&octets[..end], 0);
            let record = starts.partition_point(|start| *start <= end) - 1;
            let kept = whole.lines.partition_point(|(start, _)| *start < starts[record]);
            assert!(cut.lines.len() >= kept, "{name} cut at {end}: lost what came before");
            assert_eq!(cut.lines[..kept], whole.lines[..kept], "{name} cut at {end}");
            if end == starts[record] {
                assert_eq!(
                    cut.faults.iter().find(|(start, _)| *start >= end),
                    None,
                    "{name} {end}"
                );
                continue;
            }
            let told = cut.faults.iter().find(|(start, _)| *start == starts[record]);
            let (start, offset) = told.unwrap_or_else(|| panic!("{name} cut at {end}: no error"));
            assert!(start + offset <= end, "{name} cut at {end}: error at {start} + {offset}");
        }
    }
}

#[test]
fn every_flipped_bit_costs_its_record_alone() {
    for Archive { name, mut octets } in small() {
        let whole = reading(&octets, 0);
        let starts = starts(&octets);
        for bit in 0..octets.len() * 8 {
            let (at, mask) = (bit / 8, 1 << (bit % 8));
            let record = starts.partition_point(|start| *start <= at) - 1;
            let (from, until) = (starts[record], starts[record + 1]);
            octets[at] ^= mask;
            let broken = reading(&octets, from);
            octets[at] ^= mask;
            let before = whole.lines.partition_point(|(start, _)| *start < from);
            assert!(broken.lines.len() >= before, "{name} bit {bit}: lost what came before");
            let kept = broken.lines[..before].iter().zip(&whole.lines);
            assert!(kept.clone().all(|(kept, whole)| kept.0 == whole.0), "{name} bit {bit}");
            for (start, offset) in &broken.faults {
                assert!(start + offset <= octets.len(), "{name} bit {bit}: {start} + {offset}");
            }
            // A changed length moves the end of the record, a changed index of peers its entries.
            let is_length = (8..12).contains(&(at - from));
            let is_index = octets[from..from + 8].ends_with(&[0, 13, 0, 1]);
            if is_length || is_index {
                continue;
            }
            let after = whole.lines.partition_point(|(start, _)| *start < until);
            let rest = broken.lines.partition_point(|(start, _)| *start < until);
            assert!(
                broken.lines[rest..] == whole.lines[after..],
                "{name} bit {bit} of the record at {from}: lost what comes after"
            );
        }
    }
}
