//! Runs, with the real binary, routers and servers: what is left of one, and that one seed tells one story.
//!
//! The ordinary tests make one short run twice, side by side. `cargo test -p falter-lab --test runs -- --ignored`
//! makes a small campaign that is ended and resumed, too.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "processes take their time; what was skipped is told; a helper that fails must stop the test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use falter_lab::campaign::{PROFILES, profile_path};
use falter_lab::capture::pcap;
use falter_lab::keeper;
use falter_lab::truth::{LayerState, Truth};
use falter_model::{Fact, Interned, Observation, Profile, Timestamp};
use falter_sources::archive::{InputArg, InputReport, Inputs, Interest};

const LAB: &str = env!("CARGO_BIN_EXE_falter-lab");
/// A run's time in the recording.
const SLOWER: i64 = 20;
/// When the recordings begin.
const START: &str = "2026-03-01T10:00:00Z";

/// True where a country can stand; else says why not.
fn can_stand() -> bool {
    let can = keeper::can_stand();
    if let Err(error) = &can {
        println!("skipped: no lab here: {error:#}");
    }
    can.is_ok()
}

/// How often runs are made before they are believed to go otherwise than they should.
const TRIES: usize = 3;

/// A run of six seconds without both transits, into `out`.
fn short_run(out: &Path) -> Command {
    let mut command = Command::new(LAB);
    command.args(["run", "link:both-cut", "--seed", "5", "--routes", "1000", "--hold-time", "3"]);
    command.args(["--set", "lasts_s=6", "--set", "apart_s=0"]);
    command.args(["--slower", &SLOWER.to_string(), "--start", START, "--out"]).arg(out);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn truth(folder: &Path) -> Truth {
    toml::from_str(&fs::read_to_string(folder.join("truth.toml")).unwrap()).unwrap()
}

/// All observations of a folder's routes and recording, and what could not be read.
fn read(folder: &Path, profile: &Profile) -> (Vec<Observation>, Vec<InputReport>) {
    let paths = ["collector", "observations.jsonl.zst"].map(|name| folder.join(name));
    let present = paths.into_iter().filter(|path| path.exists()).map(InputArg::Path);
    let mut inputs = Inputs::open(&present.collect::<Vec<_>>()).unwrap();
    let prefixes = Some(profile.prefixes.clone());
    inputs.watch(Interest { prefixes, asns: profile.asns.clone(), paths: true });
    let (mut interned, mut observations) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut observations) {}
    (observations, inputs.reports().to_vec())
}

fn states<'a>(truth: &'a Truth, layer: &str) -> Vec<LayerState> {
    let found: Option<&'a _> = truth.layer.iter().find(|states| states.name == layer);
    found.unwrap().states.iter().map(|at| at.state).collect()
}

#[test]
fn two_runs_of_one_seed_tell_the_same_story_side_by_side() {
    if !can_stand() {
        return;
    }
    // On a busy machine answers are late now and then: what is wrong is wrong each time.
    if (1..TRIES).any(|_| std::panic::catch_unwind(two_runs_of_one_seed).is_ok()) {
        return;
    }
    two_runs_of_one_seed();
}

fn two_runs_of_one_seed() {
    let place = tempfile::tempdir().unwrap();
    let folders = ["one", "two"].map(|name| place.path().join(name));
    let runs = folders.each_ref().map(|folder| short_run(folder).spawn().unwrap());
    for run in runs {
        let output = run.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let [one, two] = folders.each_ref().map(|folder| truth(folder));
    let offsets = |truth: &Truth| -> Vec<i64> {
        let first = truth.action.first().unwrap().at;
        truth.action.iter().map(|done| (done.at - first).micros() / SLOWER).collect()
    };
    let said = |truth: &Truth| -> Vec<String> {
        truth.action.iter().map(|done| done.what.clone()).collect()
    };
    assert_eq!(said(&one), said(&two));
    for (one, two) in offsets(&one).into_iter().zip(offsets(&two)) {
        // What the machine may be late, with two countries and other work on it.
        assert!((one - two).abs() < 3_000_000, "{one} and {two} microseconds");
    }
    assert_eq!((&one.parameters, &one.extent), (&two.parameters, &two.extent));
    for folder in &folders {
        is_whole(folder);
    }
    is_true(&one);
}

/// Everything is there, and falter's own readers read all of it.
fn is_whole(folder: &Path) {
    let profile = fs::read_to_string(folder.join("network.toml")).unwrap();
    let profile: Profile = toml::from_str(&profile).unwrap();
    let (observations, reports) = read(folder, &profile);
    for report in &reports {
        assert!(report.bad.is_empty(), "{}: {:?}", report.path.display(), report.bad);
    }
    let start: Timestamp = START.parse().unwrap();
    let lasts = observations.iter().map(|o| o.at).max().unwrap() - start;
    assert!((26.0..60.0).contains(&(lasts.as_seconds() / 20.0)), "{lasts}");
    assert!(observations.iter().all(|observation| observation.at >= start));
    let kinds: BTreeSet<&str> = observations.iter().map(|o| kind(&o.fact)).collect();
    let expected =
        ["activity", "control", "name", "page", "peer", "probe", "rib end", "route", "tick"];
    let missing: Vec<_> = expected.iter().filter(|kind| !kinds.contains(*kind)).collect();
    // Whether a session of the collector changes its state is no matter of this run.
    assert!(missing.iter().all(|kind| ***kind == *"peer"), "{missing:?}");
    let captured = unpacked(&folder.join("observer1.pcap.gz"));
    let packets: Vec<_> = pcap::read(&captured).map(|packet| packet.at).collect();
    assert!(packets.len() > 1_000 && packets.is_sorted(), "{} packets", packets.len());
    assert!(pcap::read(&captured).all(|packet| packet.octets.first() == Some(&0x45)));
    assert!(packets.iter().all(|at| *at >= start));
    assert!(unpacked(&folder.join("station.bmp.gz")).starts_with(&[3]));
    let octets: u64 = walk(folder).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(octets < 4 << 20, "{octets} octets");
}

/// Both transits were cut, and put back.
fn is_true(truth: &Truth) {
    assert_eq!((truth.cause.as_str(), truth.fault.as_str()), ("link", "link"));
    assert_eq!((truth.synthetic, truth.time_scale), (true, 20));
    // On its way from one to the other it may be seen half-way.
    let mut routes = states(truth, "routes");
    routes.retain(|state| matches!(state, LayerState::Up | LayerState::Down));
    routes.dedup();
    assert_eq!(routes, [LayerState::Up, LayerState::Down, LayerState::Up]);
    for layer in ["hosts", "names", "sites"] {
        let states = states(truth, layer);
        assert!(states.iter().any(|state| state.is_out()), "{layer}: {states:?}");
        assert!(!states.last().unwrap().is_out(), "{layer}: {states:?}");
    }
    assert!(states(truth, "inside").iter().all(|state| !state.is_out()));
    let cut = truth.action.first().unwrap().at;
    let (from, until) = (truth.from.unwrap(), truth.until.unwrap());
    let late = (from.first_bad - cut).as_seconds() / 20.0;
    // A packet on its way is lost, too; routes and probes tell within seconds, on a busy machine too.
    assert!((-1.5..6.0).contains(&late), "{late} s");
    assert!(from.last_good < from.first_bad && until.last_bad < until.first_good);
    assert!((until.first_good - cut).as_seconds() / 20.0 >= 6.0);
}

fn kind(fact: &Fact) -> &'static str {
    match fact {
        Fact::Route(_) => "route",
        Fact::Peer(_) => "peer",
        Fact::Activity(_) => "activity",
        Fact::RibEnd(_) => "rib end",
        Fact::Probe(_) => "probe",
        Fact::Control(_) => "control",
        Fact::Name(_) => "name",
        Fact::Page(_) => "page",
        Fact::Tick => "tick",
        _ => "other",
    }
}

fn unpacked(path: &Path) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut file = flate2::read::GzDecoder::new(fs::File::open(path).unwrap());
    std::io::Read::read_to_end(&mut file, &mut octets).unwrap();
    octets
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

fn campaign(out: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(LAB);
    command.args(["campaign", "--runs", "3", "--seed", "11", "--out"]).arg(out).args(more);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

#[test]
#[ignore = "takes minutes: make accept"]
fn a_campaign_that_was_ended_goes_on_where_it_stopped() {
    if !can_stand() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("campaign");
    let mut ended = campaign(&out, &[]).spawn().unwrap();
    while !out.join("index.jsonl").metadata().is_ok_and(|index| index.len() > 0) {
        thread::sleep(Duration::from_millis(200));
        assert!(ended.try_wait().unwrap().is_none(), "it ended by itself");
    }
    ended.kill().unwrap();
    ended.wait().unwrap();
    assert!(!campaign(&out, &[]).output().unwrap().status.success());
    let resumed = campaign(&out, &["--resume"]).output().unwrap();
    assert!(resumed.status.success(), "{}", String::from_utf8_lossy(&resumed.stderr));
    let cases: Vec<PathBuf> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|p| p.is_dir() && !p.ends_with(PROFILES))
        .collect();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let truth = truth(&case);
        assert!(case.to_string_lossy().contains(&truth.implementation));
        let recording = [InputArg::Path(case.join("observations.jsonl.zst"))];
        let header = Inputs::open(&recording).unwrap().recording_headers()[0].clone();
        let kept = profile_path(&out.join(PROFILES), &header.digests["profile"]);
        let profile: Profile = toml::from_str(&fs::read_to_string(kept).unwrap()).unwrap();
        let (observations, reports) = read(&case, &profile);
        assert!(reports.iter().all(|report| report.bad.is_empty()));
        assert!(observations.iter().any(|o| matches!(o.fact, Fact::RibEnd(_))));
        let octets: u64 = walk(&case).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
        assert!(octets < 16 << 10, "{octets} octets");
    }
}
