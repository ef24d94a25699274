//! Recordings that go on from each other are one, however their times lie.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails must stop the test")]

use std::fs;
use std::path::{Path, PathBuf};

use falter_model::{Fact, Interned, Observation, Timestamp};
use falter_sources::archive::{Fault, InputArg, Inputs};
use falter_sources::recording::{LineError, RecordingHeader, read_line, write_line};

/// When each file begins, and the seconds of its lines in the order in which they became known. The
/// last two of the first file have times of the second: a router's clock was fast. The second begins
/// with what happened before it, and became known late.
const FILES: [(i64, &[i64]); 3] =
    [(0, &[0, 5, 3, 3605, 59]), (3600, &[3590, 3598, 3600, 3602]), (7200, &[7200, 7200])];

fn control(line: usize, at: i64) -> Observation {
    let text = format!(
        r#"{{"at":"{}","vantage":"v","control":{{"kind":"far","target":"192.0.2.1","method":"icmp","reply":{{"rtt_us":{line}}}}}}}"#,
        Timestamp::from_seconds(at)
    );
    read_line(text.as_bytes(), &mut Interned::new()).unwrap()
}

/// The number that was given to a line.
fn number(observation: &Observation) -> u32 {
    match &observation.fact {
        Fact::Control(control) => control.outcome.rtt_us().unwrap(),
        fact => panic!("{fact:?}"),
    }
}

/// A state as a header holds it: a line of number 1000 and more.
fn state(line: usize, at: i64) -> serde_json::Value {
    let mut text = Vec::new();
    write_line(&mut text, &control(line, at), &Interned::new()).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// Writes the files of `which`, a zstd frame a line; `spoil` may change their headers.
fn write(folder: &Path, which: &[usize], spoil: impl Fn(&mut RecordingHeader)) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for (index, (from, seconds)) in FILES.iter().enumerate() {
        let mut header = RecordingHeader::new(Some("kp"), Timestamp::from_seconds(*from));
        header.follows =
            index.checked_sub(1).map(|before| Timestamp::from_seconds(FILES[before].0));
        header.starts_from = vec![state(1000 * (index + 1), *from - 77)];
        spoil(&mut header);
        let mut head = serde_json::to_vec(&header).unwrap();
        head.push(b'\n');
        let mut octets = zstd::encode_all(&*head, 3).unwrap();
        for (line, second) in seconds.iter().enumerate() {
            let mut text = Vec::new();
            let observation = control(100 * (index + 1) + line, *second);
            write_line(&mut text, &observation, &Interned::new()).unwrap();
            octets.extend(zstd::encode_all(&*text, 3).unwrap());
        }
        // Names say nothing.
        let path = folder.join(format!("{}.zst", 9 - index));
        if which.contains(&index) {
            fs::write(&path, octets).unwrap();
            paths.push(path);
        }
    }
    paths
}

fn read(paths: &[PathBuf]) -> (Inputs, Vec<Observation>) {
    let arguments: Vec<InputArg> = paths.iter().cloned().map(InputArg::from).collect();
    let mut inputs = Inputs::open(&arguments).unwrap();
    let (mut interned, mut all) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut all) {}
    (inputs, all)
}

fn numbers(all: &[Observation]) -> Vec<u32> {
    all.iter().map(number).collect()
}

#[test]
fn files_that_go_on_from_each_other_give_the_order_in_which_lines_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = write(folder.path(), &[0, 1, 2], |_| {});
    let written = [1000, 100, 101, 102, 103, 104, 200, 201, 202, 203, 300, 301];
    for _ in 0..3 {
        let (inputs, all) = read(&paths);
        assert_eq!(numbers(&all), written, "{paths:?}");
        assert!(inputs.reports().iter().all(|report| report.bad_count == 0));
        paths.rotate_left(1);
    }
    // Without what tells that they go on from each other, times decide: the test can fail.
    write(folder.path(), &[0, 1, 2], |header| {
        header.follows = None;
        header.starts_from.clear();
    });
    let (_, all) = read(&paths);
    assert_ne!(numbers(&all), written[1..]);
}

#[test]
fn only_the_first_of_a_chain_starts_from_what_held() {
    for (which, expected) in [
        (vec![1, 2], vec![2000, 200, 201, 202, 203, 300, 301]),
        (vec![2], vec![3000, 300, 301]),
        // One between them is missing.
        (vec![0, 2], vec![1000, 100, 101, 102, 103, 104, 3000, 300, 301]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (_, all) = read(&write(folder.path(), &which, |_| {}));
        assert_eq!(numbers(&all), expected, "{which:?}");
        let states: Vec<_> = all.iter().filter(|one| number(one) >= 1000).collect();
        let begins: Vec<_> = states.iter().map(|one| one.at.seconds()).collect();
        let starts: Vec<_> = states.iter().map(|one| number(one) / 1000 - 1).collect();
        let expected: Vec<_> = starts.iter().map(|index| FILES[*index as usize].0).collect();
        assert_eq!(begins, expected, "at the beginning of the file");
    }
}

#[test]
fn what_is_of_another_network_or_nature_is_no_part_of_a_chain() {
    let second_as = |change: fn(&mut RecordingHeader)| {
        let folder = tempfile::tempdir().unwrap();
        let paths = write(folder.path(), &[0, 1], |header| {
            if header.follows.is_some() {
                change(header);
            }
        });
        numbers(&read(&paths).1).contains(&2000)
    };
    assert!(!second_as(|_| {}));
    assert!(second_as(|header| header.network = Some("ug".to_owned())));
    assert!(second_as(|header| header.synthetic = true));
    // None goes on from itself.
    assert!(second_as(|header| header.follows = header.from));
}

#[test]
fn a_state_of_megabytes_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let paths = write(folder.path(), &[1], |header| {
        header.starts_from = (0..20_000).map(|line| state(line, 0)).collect();
    });
    let (inputs, all) = read(&paths);
    assert_eq!(all.len(), 20_000 + FILES[1].1.len());
    assert_eq!(inputs.reports()[0].bad_count, 0);
    assert_eq!(inputs.recording_headers()[0].network.as_deref(), Some("kp"));
}

#[test]
fn a_state_that_can_not_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let paths = write(folder.path(), &[2], |header| {
        header.starts_from = vec![serde_json::json!({"at": "2022-01-25T21:00Z"}), state(3000, 0)];
    });
    let (inputs, all) = read(&paths);
    assert_eq!(numbers(&all), [3000, 300, 301]);
    let [bad] = &inputs.reports()[0].bad[..] else { panic!("{:?}", inputs.reports()) };
    assert_eq!(bad.place.to_string(), "line 1");
    assert!(matches!(&*bad.fault, Fault::Line(LineError::Kinds { found: 0 })), "{bad}");
}

/// At every octet of a file that is being written.
#[test]
fn a_file_that_ends_anywhere_gives_whole_lines_and_one_fault() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), &[0], |header| header.starts_from.clear()).remove(0);
    let octets = fs::read(&path).unwrap();
    let frames: Vec<usize> = (0..octets.len())
        .filter(|offset| octets[*offset..].starts_with(&[0x28, 0xb5, 0x2f, 0xfd]))
        .chain([octets.len()])
        .collect();
    for length in frames[1]..=octets.len() {
        fs::write(&path, &octets[..length]).unwrap();
        let (inputs, all) = read(std::slice::from_ref(&path));
        let whole = frames.iter().filter(|end| **end <= length).count() - 2;
        assert_eq!(numbers(&all), (100..).take(whole).collect::<Vec<_>>(), "{length} octets");
        let is_torn = !frames.contains(&length);
        assert_eq!(inputs.reports()[0].bad_count, u64::from(is_torn), "{length} octets");
    }
}
