//! Digests of what was read: they lead from a result back to the octets that it rests on.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use falter_model::Interned;
use falter_sources::archive::{Content, InputArg, Inputs};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// A series that is longer than what is looked at first of a file (64 KiB).
fn series(value: u64) -> Vec<u8> {
    let mut csv = b"time,entity,signal,value\n".to_vec();
    for minute in 0..3000 {
        let (hour, minute) = (minute / 60 % 24, minute % 60);
        let day = 1 + csv.len() / 50_000;
        writeln!(csv, "2022-01-{day:02}T{hour:02}:{minute:02}Z,country/KP,traffic.search,{value}")
            .unwrap();
    }
    assert!(csv.len() > 2 << 16);
    csv
}

/// Keepalives of one peer (`BGP4MP_MESSAGE_AS4`): records that hold no route.
fn mrt() -> Vec<u8> {
    let mut record = vec![97, 240, 0, 0, 0, 16, 0, 4, 0, 0, 0, 39];
    record.extend([0, 0, 253, 233, 0, 0, 253, 234, 0, 0, 0, 1, 10, 0, 0, 1, 10, 0, 0, 2]);
    record.extend([255; 16]);
    record.extend([0, 19, 4]);
    record.repeat(4000)
}

fn recording() -> Vec<u8> {
    let mut lines = br#"{"falter":"recording","version":1}"#.to_vec();
    for second in 0..5000 {
        let (minute, second) = (second / 60, second % 60);
        write!(
            lines,
            "\n{{\"at\":\"2022-01-25T21:{:02}:{second:02}Z\",\"tick\":{{}}}}",
            minute % 60
        )
        .unwrap();
    }
    lines.push(b'\n');
    lines
}

fn gzip(octets: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

fn sum(octets: &[u8]) -> Content {
    Content { sha256: Sha256::digest(octets).into(), octets: octets.len() as u64 }
}

/// What is told of files with this content, read together.
fn contents(files: &[&[u8]]) -> Vec<Option<Content>> {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> =
        (0..files.len()).map(|i| folder.path().join(format!("{i}"))).collect();
    for (path, octets) in paths.iter().zip(files) {
        fs::write(path, octets).unwrap();
    }
    let arguments: Vec<_> = paths.into_iter().map(InputArg::from).collect();
    let mut inputs = Inputs::open_digesting(&arguments).unwrap();
    let (mut interned, mut all) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut all) {}
    inputs.reports().iter().map(|report| report.content).collect()
}

#[test]
fn each_kind_is_digested_to_its_end() {
    let (series, mrt, recording) = (series(4), mrt(), recording());
    let expected = [&series, &mrt, &recording].map(|octets| Some(sum(octets)));
    assert_eq!(contents(&[&series, &mrt, &recording]), expected);
}

#[test]
fn how_a_file_is_compressed_changes_nothing() {
    for octets in [series(4), mrt(), recording()] {
        assert_eq!(contents(&[&gzip(&octets)]), [Some(sum(&octets))]);
        let zstd = zstd::encode_all(octets.as_slice(), 1).unwrap();
        assert_eq!(contents(&[&zstd]), [Some(sum(&octets))]);
    }
}

#[test]
fn a_file_given_twice_has_one_digest() {
    let series = series(4);
    let told = Some(sum(&series));
    assert_eq!(contents(&[&series, &gzip(&series)]), [told, told]);
}

#[test]
fn files_that_differ_behind_their_heads_have_their_own() {
    let (mut one, mut other) = (series(4), series(4));
    one.extend(b"2022-02-01T00:00Z,country/KP,traffic.search,1\n");
    other.extend(b"2022-02-01T00:00Z,country/KP,traffic.search,2\n");
    assert_eq!(contents(&[&one, &other]), [Some(sum(&one)), Some(sum(&other))]);
}

#[test]
fn a_broken_file_is_digested_as_far_as_it_was_read() {
    for octets in [series(4), mrt(), recording()] {
        let mut broken = gzip(&octets);
        broken.truncate(broken.len() / 2);
        let told = contents(&[&broken]);
        let content = told[0].unwrap();
        let read = usize::try_from(content.octets).unwrap();
        assert!(0 < read && read < octets.len(), "{read}");
        assert_eq!(content, sum(&octets[..read]));
    }
}

#[test]
fn what_is_not_read_has_no_digest() {
    let told = contents(&[&mrt(), b"Dear diary,\n", b""]);
    assert_eq!(told.iter().filter(|content| content.is_some()).count(), 1);
}
