//! What is told of inputs that can't be read, wholly or in part.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use std::fs;
use std::path::{Path, PathBuf};

use falter_model::{Entity, Fact, Interned, Observation, Timestamp, Value};
use falter_sources::archive::{Fault, InputArg, InputError, InputKind, Inputs, Place};
use falter_sources::recording::{LineError, RecordingHeader, RecordingWriter};

const SERIES: &str = "time,entity,signal,value\n2022-01-25T21:00Z,country/KP,traffic.search,4\n";

fn write(folder: &Path, name: &str, octets: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, octets).unwrap();
    path
}

fn open(paths: &[PathBuf]) -> Result<Inputs, InputError> {
    Inputs::open(&paths.iter().cloned().map(InputArg::from).collect::<Vec<_>>())
}

fn read(paths: &[PathBuf]) -> (Inputs, Vec<Observation>) {
    let mut inputs = open(paths).unwrap();
    let (mut interned, mut all) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut all) {}
    (inputs, all)
}

fn value(at: i64) -> Observation {
    let value = Value {
        vantage: "lab-1".into(),
        entity: Entity::Network("kp".into()),
        signal: "a".into(),
        value: Some(0.1),
        n: None,
        step: None,
        unit: None,
    };
    Observation { at: Timestamp::from_seconds(at), fact: Fact::Value(Box::new(value)) }
}

fn recording(times: &[i64]) -> Vec<u8> {
    let header = RecordingHeader::new(Some("kp"), Timestamp::from_seconds(times[0]));
    let mut writer = RecordingWriter::new(Vec::new(), &header).unwrap();
    for at in times {
        writer.write(&value(*at), &Interned::new()).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn a_missing_file_is_named() {
    let error = open(&["nowhere/at/all".into()]).unwrap_err();
    assert!(matches!(&error, InputError::Missing { path } if path.ends_with("at/all")), "{error}");
    assert!(matches!(Inputs::open(&[]), Err(InputError::None)));
}

#[test]
fn a_folder_without_input_is_an_error_and_one_with_some_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let is_empty = || {
        let error = open(&[folder.path().into()]).unwrap_err();
        matches!(&error, InputError::EmptyFolder { path } if path == folder.path())
    };
    assert!(is_empty());
    write(&inner, "README", "nothing to see");
    assert!(is_empty());
    write(&inner, "series", SERIES);
    let (inputs, all) = read(&[folder.path().into()]);
    assert_eq!(all.len(), 1);
    let kinds: Vec<_> = inputs.reports().iter().map(|report| report.kind).collect();
    assert_eq!(kinds, [None, Some(InputKind::Series)]);
}

#[test]
fn what_is_no_input_is_told_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [
        write(folder.path(), "1-empty", ""),
        write(folder.path(), "2-text", "North Korea\n"),
        write(folder.path(), "3-pcap", [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]),
        write(folder.path(), "4-zip", [0x1f, 0x8b, 8, 0, 0]),
        write(folder.path(), "5-series", SERIES),
    ];
    let (inputs, all) = read(&paths);
    assert_eq!(all.len(), 1);
    let faults: Vec<_> =
        inputs.reports().iter().map(|report| report.bad.first().map(|bad| &*bad.fault)).collect();
    assert!(matches!(faults[0], Some(Fault::Empty)), "{faults:?}");
    assert!(matches!(faults[1], Some(Fault::Unknown { found }) if found.starts_with("North")));
    assert!(matches!(faults[2], Some(Fault::Capture(_))), "{faults:?}");
    assert!(matches!(faults[3], Some(Fault::Read(_))), "{faults:?}");
    assert!(faults[4].is_none(), "{faults:?}");
}

#[test]
fn the_same_content_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let plain = write(folder.path(), "b", SERIES);
    let zstd = write(folder.path(), "a", zstd::encode_all(SERIES.as_bytes(), 1).unwrap());
    let (inputs, all) = read(&[plain.clone(), zstd.clone(), plain.clone()]);
    assert_eq!(all.len(), 1);
    let of: Vec<_> = inputs.reports().iter().map(|report| report.duplicate_of.as_deref()).collect();
    assert_eq!(of, [None, Some(&*zstd), Some(&*zstd)]);
    assert_eq!(inputs.progress().all_octets, Some(fs::metadata(zstd).unwrap().len()));
}

#[test]
fn a_contradiction_between_two_series_is_told_of_the_later() {
    let folder = tempfile::tempdir().unwrap();
    let row = "2022-01-25T21:00Z,country/KP,a";
    let one = write(folder.path(), "1", format!("time,entity,signal,value\n{row},1\n{row},2\n"));
    let (inputs, all) = read(&[one]);
    assert_eq!(all.len(), 1);
    assert_eq!(inputs.reports()[0].bad[0].place, Place::Line(3));
    assert_eq!(inputs.reports()[0].observations, 1);
}

#[test]
fn recordings_and_series_merge_by_time() {
    let folder = tempfile::tempdir().unwrap();
    let early = write(folder.path(), "z", recording(&[1_643_144_000, 1_643_144_400]));
    let late = write(folder.path(), "a", recording(&[1_643_144_390, 1_643_144_395, 1_643_144_500]));
    // 2022-01-25T21:00Z is second 1,643,144,400.
    let series = write(folder.path(), "m", SERIES);
    let (inputs, all) = read(&[early, late, series]);
    let seconds: Vec<i64> = all.iter().map(|one| one.at.seconds() - 1_643_144_000).collect();
    assert_eq!(seconds, [0, 390, 395, 400, 400, 500]);
    let names: Vec<_> =
        inputs.recording_headers().iter().map(|header| header.network.as_deref()).collect();
    assert_eq!(names, [Some("kp"), Some("kp")]);
}

#[test]
fn lines_of_a_recording_that_run_backwards_keep_their_order_and_their_time() {
    let folder = tempfile::tempdir().unwrap();
    let backwards = write(folder.path(), "a", recording(&[100, 103, 101, 104]));
    let other = write(folder.path(), "b", recording(&[99, 102]));
    let (_, all) = read(&[backwards, other]);
    let seconds: Vec<i64> = all.iter().map(|one| one.at.seconds()).collect();
    assert_eq!(seconds, [99, 100, 102, 103, 101, 104]);
}

#[test]
fn bad_lines_of_a_recording_are_told_and_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let mut octets = recording(&[100]);
    octets.extend(b"garbage\n\n{\"at\":\"2022-01-25T21:00:00Z\",\"vantage\":\"x\"}\n");
    octets.extend(b"{\"at\":\"2022-01-25T21:00:00Z\",\"unknown\":7,\"tick\":{\"more\":1}}\n");
    octets.extend(b"{\"at\":\"2022-01-25T21:00:0");
    let (inputs, all) = read(&[write(folder.path(), "a", octets)]);
    assert_eq!(all.len(), 2);
    assert_eq!(all[1].fact, Fact::Tick);
    let bad: Vec<_> = inputs.reports()[0].bad.iter().map(|bad| (bad.place, &*bad.fault)).collect();
    let places: Vec<Place> = bad.iter().map(|(place, _)| *place).collect();
    assert_eq!(places, [Place::Line(3), Place::Line(5), Place::Line(7)]);
    assert!(matches!(bad[1].1, Fault::Line(LineError::Kinds { found: 0 })), "{bad:?}");
    assert!(matches!(bad[2].1, Fault::Line(LineError::CutOff)), "{bad:?}");
}

#[test]
fn a_whole_last_line_without_a_line_feed_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut octets = recording(&[100, 101]);
    octets.pop();
    let (inputs, all) = read(&[write(folder.path(), "a", octets)]);
    assert_eq!(all.len(), 2);
    assert_eq!(inputs.reports()[0].bad_count, 0);
}

#[test]
fn a_recording_of_a_newer_form_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut header = RecordingHeader::new(None, Timestamp::EPOCH);
    header.version = 2;
    let octets = RecordingWriter::new(Vec::new(), &header).unwrap().finish().unwrap();
    let (inputs, all) = read(&[write(folder.path(), "a", octets)]);
    assert!(all.is_empty());
    let fault = &inputs.reports()[0].bad[0].fault;
    assert!(matches!(**fault, Fault::Line(LineError::Version { found: 2 })), "{fault}");
}

#[test]
fn every_truncation_of_a_compressed_recording_keeps_what_came_before() {
    let folder = tempfile::tempdir().unwrap();
    let times: Vec<i64> = (100..200).collect();
    let whole = recording(&times);
    let zstd = zstd::encode_all(&whole[..], 3).unwrap();
    let all = read(&[write(folder.path(), "whole", &zstd)]).1;
    for length in (0..whole.len()).step_by(7) {
        let (inputs, kept) = read(&[write(folder.path(), "cut", &whole[..length])]);
        assert!(all.starts_with(&kept), "{length}");
        let between_lines = whole[..length].ends_with(b"\n") || whole[length] == b'\n';
        assert_eq!(inputs.reports()[0].bad_count == 0, between_lines, "{length}");
    }
    for length in 0..zstd.len() {
        let (inputs, kept) = read(&[write(folder.path(), "cut", &zstd[..length])]);
        assert!(all.starts_with(&kept), "{length}");
        assert!(inputs.reports()[0].bad_count > 0, "{length}");
    }
}

#[test]
fn garbage_in_an_archive_costs_itself() {
    use falter_wire::mrt::{ElemPeer, Writer};
    let peer = ElemPeer {
        asn: falter_model::Asn(64_500),
        address: std::net::Ipv4Addr::LOCALHOST.into(),
        number: None,
    };
    let mut writer = Writer::new();
    for second in 0..100 {
        writer.keepalive(Timestamp::from_seconds(1_600_000_000 + second), peer).unwrap();
    }
    let mut octets = writer.into_octets();
    let record = octets.len() / 100;
    for damaged in [0, 40, 99] {
        // The type of the record.
        octets[damaged * record + 4] = 0x77;
    }
    let folder = tempfile::tempdir().unwrap();
    let (inputs, all) = read(&[write(folder.path(), "a", octets)]);
    assert_eq!(all.len(), 97);
    let report = &inputs.reports()[0];
    let places: Vec<Place> = report.bad.iter().map(|bad| bad.place).collect();
    let offset = |n: usize| Place::Offset((n * record + 4) as u64);
    assert_eq!(&places[..3], [offset(0), offset(40), offset(99)]);
}

#[test]
fn a_compressed_recording_can_be_read_up_to_its_last_flush() {
    let header = RecordingHeader::new(Some("kp"), Timestamp::EPOCH);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    let mut writer =
        RecordingWriter::compressed(fs::File::create(&path).unwrap(), &header).unwrap();
    writer.write(&value(100), &Interned::new()).unwrap();
    writer.flush().unwrap();
    let (inputs, all) = read(std::slice::from_ref(&path));
    assert_eq!(all, [value(100)]);
    assert_eq!(inputs.reports()[0].bad_count, 1);
    writer.write(&value(101), &Interned::new()).unwrap();
    writer.finish_compressed().unwrap();
    let (inputs, all) = read(&[path]);
    assert_eq!(all, [value(100), value(101)]);
    assert_eq!(inputs.reports()[0].bad_count, 0);
}

/// A pipe and its name.
#[cfg(target_os = "linux")]
fn pipe(content: &'static str) -> (PathBuf, std::io::PipeReader, std::thread::JoinHandle<()>) {
    use std::io::Write;
    use std::os::fd::AsRawFd;
    let (reader, mut writer) = std::io::pipe().unwrap();
    let path = format!("/proc/self/fd/{}", reader.as_raw_fd()).into();
    let thread = std::thread::spawn(move || writer.write_all(content.as_bytes()).unwrap());
    (path, reader, thread)
}

#[test]
#[cfg(target_os = "linux")]
fn a_pipe_is_streamed_alone_and_spooled_beside_others() {
    let (path, reader, thread) = pipe(SERIES);
    let (inputs, all) = read(&[path]);
    thread.join().unwrap();
    drop(reader);
    assert_eq!(all.len(), 1);
    assert_eq!(inputs.progress().all_octets, None);
    let (path, reader, thread) = pipe(SERIES);
    let folder = tempfile::tempdir().unwrap();
    let (inputs, all) = read(&[path, write(folder.path(), "a", recording(&[100]))]);
    thread.join().unwrap();
    drop(reader);
    assert_eq!(all.len(), 2);
    assert!(inputs.progress().all_octets.is_some());
}

#[test]
fn more_inputs_than_threads_are_merged_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = (0..80)
        .map(|n| write(folder.path(), &n.to_string(), recording(&[100, 200 + n, 1000 - n])))
        .collect();
    let (inputs, all) = read(&paths);
    assert_eq!(all.len(), 240);
    assert!(all.is_sorted_by_key(|observation| observation.at));
    assert!(inputs.reports().iter().all(|report| report.observations == 3));
}
