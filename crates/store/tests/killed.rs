//! Whoever keeps observations and outages is killed at any moment: what was told to be kept is there.
//!
//! The process that is killed is this program again, as its only test [`writer`]. It tells on its
//! output what it was told to be kept; how many of its words are read before it is killed, a seed says.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]
#![expect(clippy::print_stdout, reason = "the seed and what came of it")]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use falter_model::{
    Entity, Onset, Outage, OutageId, Series, SignalId, Span, State, StateSpan, Step, Timestamp,
};
use falter_store::{Digests, Input, Limits, OutageFilter, Replay, SegmentError, Segments, Store};

/// The store's folder, for the process that is killed.
const FOLDER: &str = "FALTER_KILLED_WRITER";
const NETWORK: &str = "kp";
const LIMITS: Limits = Limits { age: Span::from_days(10_000), octets: u64::MAX };
/// The observations of a second: what may be lost.
const A_SECOND: u64 = 10;
/// An outage begins with every so many observations.
const AN_OUTAGE: u64 = 25;
const SEED: u64 = 20_220_126;

/// When the observation of a number becomes known: 60 of them are an hour, so that files end often.
fn known_at(number: u64) -> Timestamp {
    let begin: Timestamp = "2022-01-25T21:00:00Z".parse().unwrap();
    begin + Span::from_minutes(i64::try_from(number).unwrap())
}

fn line(number: u64) -> String {
    let padding = "x".repeat(usize::try_from(50 + number % 200).unwrap());
    format!("{{\"number\":{number},\"padding\":\"{padding}\"}}\n")
}

/// The outage that begins with the observation of a number.
fn outage(number: u64) -> Outage {
    let entity = Entity::Network(NETWORK.into());
    let at = known_at(number);
    let id = OutageId::new(&entity, at);
    Outage {
        family: id.clone(),
        id,
        entity,
        state: State::Complete,
        states: vec![StateSpan { state: State::Complete, from: at, until: None }],
        from: Onset { last_good: None, first_bad: at },
        until: None,
        lost_share: None,
        order: Vec::new(),
        seen_by: BTreeMap::new(),
        parts: Vec::new(),
        verdict: None,
    }
}

fn save(store: &mut Store, outages: &[Outage], number: u64) {
    let inputs = [Input { path: "observations/kp".into(), digest: String::new(), offset: 0 }];
    let at = known_at(number);
    let series = [Series {
        entity: Entity::Network(NETWORK.into()),
        signal: SignalId::from("ping.up-share"),
        step: Step::new(Span::from_minutes(1)).unwrap(),
        points: vec![(at, Some(0.5))],
    }];
    let replay = Replay {
        network: Some(NETWORK),
        from: None,
        until: None,
        synthetic: true,
        time_scale: None,
        digests: Digests { profile: None, config: "c", fit: "f" },
        inputs: &inputs,
        outages,
        series: &series,
        blind: &[],
    };
    store.save(&replay).unwrap();
}

/// The numbers of the observations in a store, in the order of its files.
fn observations(dir: &Path, segments: &Segments) -> Vec<u64> {
    let mut numbers = Vec::new();
    for path in segments.since(Timestamp::EPOCH).unwrap() {
        let text = zstd::decode_all(&*fs::read(&path).unwrap()).unwrap();
        let text = String::from_utf8(text).unwrap();
        let mut lines = text.split_inclusive('\n');
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_eq!(lines.next(), Some("head\n"), "{name} in {}", dir.display());
        for text in lines {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            let number = value["number"].as_u64().unwrap();
            assert_eq!(text, line(number));
            let hour = known_at(number).to_string();
            let (hour, _) = hour.split_at_checked(13).unwrap();
            assert_eq!(name, format!("{hour}.jsonl.zst"));
            numbers.push(number);
        }
    }
    numbers
}

/// The process that is killed: goes on where the one before it was, until it is.
#[test]
#[ignore = "a process that the others start and kill"]
fn writer() {
    let Some(dir) = env::var_os(FOLDER) else { return };
    let dir = Path::new(&dir);
    let mut segments = Segments::open(dir, NETWORK, LIMITS).unwrap();
    let mut store = Store::open(dir).unwrap();
    let begun = observations(dir, &segments).last().map_or(0, |last| last + 1);
    // What was told before is told again, as after a restart.
    if let Some(last) = begun.checked_sub(1).map(|last| last - last % AN_OUTAGE) {
        save(&mut store, &[outage(last)], last);
    }
    let mut out = std::io::stdout().lock();
    for number in begun.. {
        segments.append(known_at(number), line(number).as_bytes(), |_| b"head\n".to_vec()).unwrap();
        if number % AN_OUTAGE == 0 {
            // First what it rests on.
            segments.sync().unwrap();
            save(&mut store, &[outage(number)], number);
            writeln!(out, "outage {number}").unwrap();
        }
        if number % A_SECOND == A_SECOND - 1 {
            segments.flush().unwrap();
            writeln!(out, "observation {number}").unwrap();
        }
        out.flush().unwrap();
    }
}

/// Runs a writer and kills it after `words` of its words; the last observation and outage that it told
/// to be kept.
fn run_and_kill(dir: &Path, words: u64) -> (Option<u64>, Option<u64>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["writer", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let (mut observation, mut outage) = (None, None);
    let mut told = 0;
    let mut text = String::new();
    while output.read_line(&mut text).unwrap() > 0 {
        // The last word may be cut off.
        let word = text.strip_suffix('\n').and_then(|text| text.split_once(' '));
        if let Some((kind, number)) = word
            && let Ok(number) = number.parse()
        {
            match kind {
                "observation" => observation = Some(number),
                "outage" => outage = Some(number),
                _ => {}
            }
            told += 1;
            // It is killed while it goes on; what it told until then is still read.
            if told == words {
                child.kill().unwrap();
            }
        }
        text.clear();
    }
    let status = child.wait().unwrap();
    assert!(told >= words && status.code().is_none(), "the writer failed: {status}, {told} words");
    (observation, outage)
}

/// Everything that was told to be kept is there, once; how many observations and outages that are.
fn check(dir: &Path, observation: Option<u64>, last_outage: Option<u64>) -> (u64, u64) {
    // The lock went with the process.
    let segments = Segments::open(dir, NETWORK, LIMITS).unwrap();
    let numbers = observations(dir, &segments);
    assert!(numbers.iter().copied().eq(0..numbers.len() as u64), "each once, in order");
    let kept = numbers.len() as u64;
    if let Some(acknowledged) = observation {
        assert!(kept > acknowledged, "{kept} kept, {acknowledged} acknowledged");
    }
    let store = Store::open_existing(dir).unwrap();
    let outages = store.outages(&OutageFilter::default()).unwrap();
    let numbers = (0..).step_by(usize::try_from(AN_OUTAGE).unwrap());
    for (kept, number) in outages.iter().zip(numbers) {
        assert_eq!(kept.outage, outage(number));
    }
    let count = outages.len() as u64;
    if let Some(acknowledged) = last_outage {
        assert!(count > acknowledged / AN_OUTAGE, "{count} outages, {acknowledged} acknowledged");
    }
    // An outage never stands on observations that are not there.
    assert!(count == 0 || kept > (count - 1) * AN_OUTAGE);
    assert_eq!(store.replays().unwrap().len(), usize::from(count > 0), "one watch");
    let series =
        store.series(&Entity::Network(NETWORK.into()), Timestamp::MIN, Timestamp::MAX).unwrap();
    let points: usize = series.iter().map(|series| series.points.len()).sum();
    assert_eq!(points as u64, count);
    (kept, count)
}

fn kill(times: u32) {
    let dir = tempfile::tempdir().unwrap();
    println!("seed {SEED}");
    let mut random = SEED;
    let (mut cut_off, mut lost) = (0, 0);
    for _ in 0..times {
        // xorshift64, Marsaglia 2003.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let (observation, outage) = run_and_kill(dir.path(), 1 + random % 30);
        match Segments::open(dir.path(), NETWORK, LIMITS) {
            Ok(segments) => cut_off += u32::from(segments.cut_off().is_some()),
            Err(error) => assert!(!matches!(error, SegmentError::Locked { .. }), "{error}"),
        }
        let (kept, _) = check(dir.path(), observation, outage);
        lost += u32::from(observation.is_some_and(|last| kept == last + 1));
    }
    let (kept, outages) = check(dir.path(), None, None);
    println!(
        "killed {times} times: {kept} observations and {outages} outages kept, {cut_off} files \
         mended, {lost} times exactly what was acknowledged"
    );
}

#[test]
fn what_was_acknowledged_survives_ten_kills() {
    kill(10);
}

/// Run by `make accept`.
#[test]
#[ignore = "takes a minute"]
fn what_was_acknowledged_survives_a_hundred_kills() {
    kill(100);
}

/// The test can fail: observations of a second that were not flushed are gone.
#[test]
fn what_was_not_flushed_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let mut segments = Segments::open(dir.path(), NETWORK, LIMITS).unwrap();
    segments.append(known_at(0), line(0).as_bytes(), |_| b"head\n".to_vec()).unwrap();
    assert_eq!(observations(dir.path(), &segments), [0; 0]);
    segments.flush().unwrap();
    assert_eq!(observations(dir.path(), &segments), [0]);
}
