//! A disk that is full costs a clear error and nothing that was kept; with room again all goes on.
//!
//! The disk is one of a megabyte in memory, in a namespace of its own, where this program runs again with
//! its only test [`on_a_small_disk`].

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]
#![expect(clippy::print_stdout, reason = "says where it was skipped")]

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use falter_model::{Entity, Series, SignalId, Span, Step, Timestamp};
use falter_store::{Digests, Limits, Replay, SegmentError, Segments, Store, StoreError};

/// The disk's folder, for the process that runs on it.
const DISK: &str = "FALTER_SMALL_DISK";
const LIMITS: Limits = Limits { age: Span::from_days(30), octets: u64::MAX };
/// What is removed to make room.
const FILLER_OCTETS: usize = 400 << 10;

fn begin() -> Timestamp {
    "2022-01-25T21:00:00Z".parse().unwrap()
}

/// Text that does not get smaller: numbers of a generator (xorshift64, Marsaglia 2003).
fn noise(seed: u64, octets: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::new();
    while text.len() < octets {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        write!(text, "{state:x}").unwrap();
    }
    text
}

fn line(number: u64) -> String {
    format!("{number} {}\n", noise(number, 16 << 10))
}

/// All lines of all files but their heads.
fn lines(segments: &Segments) -> Vec<String> {
    let text_of = |path: &Path| {
        let text = zstd::decode_all(&*fs::read(path).unwrap()).unwrap();
        String::from_utf8(text).unwrap()
    };
    let files = segments.since(Timestamp::EPOCH).unwrap();
    let text: String = files.iter().map(|path| text_of(path)).collect();
    text.split_inclusive('\n').filter(|line| *line != "head\n").map(str::to_owned).collect()
}

/// `count` values that do not get smaller.
fn save(store: &mut Store, day: i64, count: u64) -> Result<(), StoreError> {
    let values = (1..).map(|step: i64| begin() + Span::from_days(day) + Span::from_seconds(step));
    let values = (1..=count).zip(values).map(|(seed, at)| (at, Some((seed as f64).sqrt())));
    let series = [Series {
        entity: Entity::Network("kp".into()),
        signal: SignalId::from("ping.rtt"),
        step: Step::new(Span::from_seconds(1)).unwrap(),
        points: values.collect(),
    }];
    store.save(&Replay {
        network: Some("kp"),
        from: None,
        until: None,
        synthetic: true,
        time_scale: None,
        digests: Digests { profile: None, config: "c", fit: "f" },
        inputs: &[],
        outages: &[],
        series: &series,
        blind: &[],
    })
}

fn points(store: &Store) -> usize {
    let kp = Entity::Network("kp".into());
    let series = store.series(&kp, Timestamp::MIN, Timestamp::MAX).unwrap();
    series.iter().map(|series| series.points.len()).sum()
}

/// Runs on a disk of a megabyte.
#[test]
#[ignore = "a process that the other one starts"]
fn on_a_small_disk() {
    let Some(disk) = env::var_os(DISK) else { return };
    let disk = Path::new(&disk);
    let filler = disk.join("filler");
    fs::write(&filler, vec![0x55; FILLER_OCTETS]).unwrap();
    let mut segments = Segments::open(disk, "kp", LIMITS).unwrap();
    let mut store = Store::open(disk).unwrap();
    save(&mut store, 0, 100).unwrap();
    // Until the disk is full.
    let mut written = 0;
    let error = loop {
        segments.append(begin(), line(written).as_bytes(), |_| b"head\n".to_vec()).unwrap();
        written += 1;
        if let Err(error) = segments.flush() {
            break error;
        }
    };
    assert!(matches!(error, SegmentError::Full { .. }), "{error:?}");
    assert!(error.to_string().starts_with("no room left for observations in "), "{error}");
    assert!(written > 3, "{written} lines filled it");
    let expected = |until: u64| (0..until).map(line).collect::<Vec<_>>();
    assert_eq!(lines(&segments), expected(written - 1));
    // A new hour can't begin either; what is told then waits as well.
    let later = begin() + Span::from_hours(1);
    let error = segments.append(later, line(written).as_bytes(), |_| b"head\n".to_vec());
    assert!(matches!(error, Err(SegmentError::Full { .. })), "{error:?}");
    written += 1;
    assert!(segments.since(later).unwrap().is_empty(), "no file without its head");
    let error = save(&mut store, 1, 50_000).unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert_eq!(points(&store), 100);
    // Room again.
    fs::remove_file(&filler).unwrap();
    let next = later + Span::from_seconds(1);
    segments.append(next, line(written).as_bytes(), |_| b"head\n".to_vec()).unwrap();
    segments.sync().unwrap();
    assert_eq!(lines(&segments), expected(written + 1));
    assert_eq!(segments.since(later).unwrap().len(), 1);
    save(&mut store, 1, 1000).unwrap();
    assert_eq!(points(&store), 1100);
    drop((segments, store));
    let segments = Segments::open(disk, "kp", LIMITS).unwrap();
    assert_eq!(segments.cut_off(), None);
    assert_eq!(lines(&segments), expected(written + 1));
}

#[test]
fn a_full_disk_costs_an_error_and_nothing_that_was_kept() {
    let disk = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=1m none \"$0\" && exec \"$@\"";
    let run = |program: &[&str]| {
        Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", script])
            .arg(disk.path())
            .args(program)
            .env(DISK, disk.path())
            .output()
    };
    if !run(&["true"]).is_ok_and(|output| output.status.success()) {
        println!("skipped: no lab here: no namespace with a file system of its own");
        return;
    }
    let program = env::current_exe().unwrap();
    let program = program.to_str().unwrap();
    let output = run(&[program, "on_a_small_disk", "--exact", "--ignored", "--nocapture"]).unwrap();
    let (said, told) = (&output.stdout, String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}{told}", String::from_utf8_lossy(said));
    assert!(String::from_utf8_lossy(said).contains("1 passed"), "it ran");
}
