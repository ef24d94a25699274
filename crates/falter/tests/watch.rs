//! Watching as a user meets it: the same lines live, recorded and replayed; restarts; `kill -9`.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// A recording with an outage in it, and the profile that it is about.
struct Scenario {
    network: String,
    lines: Vec<Vec<u8>>,
}

fn scenario(name: &str) -> Scenario {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(name);
    let expected: toml::Table =
        fs::read_to_string(folder.join("expected.toml")).unwrap().parse().unwrap();
    let network = expected["network"].as_str().unwrap();
    let network = if network.contains('/') {
        folder.join(network).to_str().unwrap().to_owned()
    } else {
        network.to_owned()
    };
    let octets =
        zstd::decode_all(fs::File::open(folder.join("observations.jsonl.zst")).unwrap()).unwrap();
    let lines = octets.split_inclusive(|octet| *octet == b'\n').map(<[u8]>::to_vec).collect();
    Scenario { network, lines }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_falter"));
    command.args(arguments).env_remove("FALTER_STORE").env_remove("NOTIFY_SOCKET");
    command
}

fn falter(arguments: &[&str]) -> Output {
    let output = command(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(
        output.status.code().is_some_and(|code| [0, 4].contains(&code)),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The outages of a document, without what only one of the documents tells.
fn outages(document: &Value) -> Vec<Value> {
    let mut outages = document["outages"].as_array().unwrap().clone();
    for outage in &mut outages {
        outage.as_object_mut().unwrap().remove("synthetic");
    }
    outages
}

fn stored(folder: &Folder) -> Vec<Value> {
    outages(&json(&falter(&["outages", "--store", &folder.text("store"), "--json"])))
}

fn replayed(network: &str, input: &str) -> Vec<Value> {
    outages(&json(&falter(&["replay", input, "--network", network, "--json"])))
}

/// Starts watching lines that come through a pipe and bring their own time.
fn watch(scenario: &Scenario, folder: &Folder) -> Child {
    let store = folder.text("store");
    let arguments =
        ["watch", &scenario.network, "--store", &store, "--lines", "-", "--own-time", "--json"];
    command(&arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Asks it to end, as a service's keeper does.
fn stop(child: &Child) {
    let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).unwrap();
}

/// Feeds lines until they end or nobody reads any more.
fn feed(child: &mut Child, lines: &[Vec<u8>]) {
    let mut to = child.stdin.take().unwrap();
    for line in lines {
        if to.write_all(line).is_err() {
            return;
        }
    }
}

fn events(child: Child) -> Vec<Value> {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    output.stdout.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

fn check_same_as_recorded(name: &str) {
    let (scenario, folder) = (scenario(name), Folder::new());
    let mut child = watch(&scenario, &folder);
    let lines = scenario.lines.clone();
    let mut to = child.stdin.take().unwrap();
    let feeder =
        std::thread::spawn(move || lines.iter().for_each(|line| to.write_all(line).unwrap()));
    let told = events(child);
    feeder.join().unwrap();
    let live = stored(&folder);
    assert!(!live.is_empty(), "nothing was found");
    assert!(kinds(&told).contains(&"began"), "{:?}", kinds(&told));

    let input = folder.text("input.jsonl");
    fs::write(&input, scenario.lines.concat()).unwrap();
    let record = folder.text("record.jsonl.zst");
    let lines = ["record", &scenario.network, "-o", &record, "--lines", &input, "--own-time"];
    falter(&lines);
    assert_eq!(replayed(&scenario.network, &record), live, "the recording replays otherwise");
    let segments = segments(&folder);
    assert_eq!(
        replayed(&scenario.network, segments.to_str().unwrap()),
        live,
        "what was kept replays otherwise"
    );
}

#[test]
fn an_attack_is_the_same_live_recorded_and_kept() {
    check_same_as_recorded("overload-by-hand");
}

#[test]
fn a_cut_is_the_same_live_recorded_and_kept() {
    check_same_as_recorded("cut-off-by-hand");
}

/// A small generator of numbers (splitmix64), so that a seed names the moments of all kills.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }
}

/// The folder of the one network's segments; beside it lies a lock.
fn segments(folder: &Folder) -> PathBuf {
    let networks = fs::read_dir(folder.path("store/observations")).unwrap();
    networks.map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap()
}

/// The lines that the segments hold, without what watching itself adds: headers, the tick that a segment
/// begins with, and the end of sessions at a restart.
fn kept_lines(folder: &Folder) -> Vec<Vec<u8>> {
    if !folder.path("store/observations").exists() {
        return Vec::new();
    }
    let mut files: Vec<PathBuf> =
        fs::read_dir(segments(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut kept = Vec::new();
    for file in files {
        let mut lines = BufReader::new(zstd::Decoder::new(fs::File::open(file).unwrap()).unwrap());
        let mut line = Vec::new();
        let mut place = 0;
        while lines.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) && line.ends_with(b"\n") {
            let is_own = place < 2 || String::from_utf8_lossy(&line).contains("not watching");
            if !is_own {
                kept.push(line.clone());
            }
            line.clear();
            place += 1;
        }
    }
    kept
}

/// Waits until the segments grew so many times; not for ever, since several seconds may be written
/// between two looks.
fn watch_it_grow(folder: &Folder, times: usize) {
    let octets = || -> u64 {
        let Ok(networks) = fs::read_dir(folder.path("store/observations")) else { return 0 };
        let folders = networks.flatten().map(|entry| entry.path()).filter(|path| path.is_dir());
        let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap().flatten());
        files.map(|file| file.metadata().map_or(0, |is| is.len())).sum()
    };
    let (mut before, mut grew, mut looks) = (octets(), 0, 0);
    while grew < times && looks < 3_000 {
        let now = octets();
        looks = if now == before { looks + 1 } else { 0 };
        grew += usize::from(now > before);
        before = now;
        std::thread::yield_now();
    }
}

/// Kills a watch at `kills` moments that a seed names, goes on each time after what was kept, and
/// compares with a watch that nobody killed.
fn check_kills(name: &str, seed: u64, kills: usize) {
    let (scenario, folder) = (scenario(name), Folder::new());
    let (header, facts) = scenario.lines.split_first().unwrap();
    let mut dice = Dice(seed);
    let mut acknowledged: Vec<String> = Vec::new();
    let (mut kept_before, mut found_more) = (0, 0);
    for kill in 0..=kills {
        let kept = kept_lines(&folder);
        assert!(kept.len() <= facts.len(), "seed {seed}: more was kept than was told");
        for (place, (kept, told)) in kept.iter().zip(facts).enumerate() {
            assert_eq!(
                String::from_utf8_lossy(kept),
                String::from_utf8_lossy(told),
                "seed {seed}, kill {kill}: line {place}"
            );
        }
        found_more += usize::from(kept.len() > kept_before);
        kept_before = kept.len();
        let rest = &facts[kept.len()..];
        let mut child = watch(&scenario, &folder);
        // Most kills fall early in what is left, so that all of them find something to do.
        let most = 2 * rest.len() / (kills + 1 - kill) + 1;
        let upto = if kill == kills { rest.len() } else { dice.below(most.min(rest.len() + 1)) };
        let mut lines = vec![header.clone()];
        lines.extend(rest.iter().take(upto).cloned());
        if kill == kills {
            feed(&mut child, &lines);
            for event in events(child) {
                note(&event, &mut acknowledged);
            }
        } else {
            let mut to = child.stdin.take().unwrap();
            // It may be anywhere in these lines when it is killed: the pipe holds many of them.
            for line in &lines {
                to.write_all(line).unwrap();
            }
            let ticks = lines.iter().filter(|line| line.ends_with(b"\"tick\":{}}\n")).count();
            watch_it_grow(&folder, dice.below(ticks / 2 + 1));
            child.kill().unwrap();
            let output = child.wait_with_output().unwrap();
            drop(to);
            for line in output.stdout.split(|octet| *octet == b'\n') {
                // The last line may be cut off.
                if let Ok(event) = serde_json::from_slice::<Value>(line) {
                    note(&event, &mut acknowledged);
                }
            }
        }
    }
    assert!(found_more > kills / 2, "seed {seed}: only {found_more} of {kills} runs did anything");
    let lines = kept_lines(&folder);
    assert_eq!(lines.len(), facts.len(), "seed {seed}: observations are missing, or there twice");
    let stored = stored(&folder);
    let ids: Vec<&str> = stored.iter().map(|outage| outage["id"].as_str().unwrap()).collect();
    for id in &acknowledged {
        assert!(ids.contains(&id.as_str()), "seed {seed}: {id} was told, and is not in {ids:?}");
    }

    let untouched = Folder::new();
    let mut child = watch(&scenario, &untouched);
    feed(&mut child, &scenario.lines);
    events(child);
    let key = |outages: &[Value]| -> Vec<[Value; 4]> {
        let of =
            |outage: &Value| ["id", "entity", "state", "from"].map(|field| outage[field].clone());
        outages.iter().map(of).collect()
    };
    assert_eq!(key(&stored), key(&self::stored(&untouched)), "seed {seed}");
}

/// Takes note of outages that were told.
fn note(event: &Value, acknowledged: &mut Vec<String>) {
    if let Some(id) = event["outage"]["id"].as_str() {
        acknowledged.push(id.to_owned());
    }
}

/// `FALTER_KILLS=50` makes it a hundred kills in all.
#[test]
fn killed_at_any_moment_it_goes_on_with_the_same_outage() {
    let kills = std::env::var("FALTER_KILLS").map_or(6, |kills| kills.parse().unwrap());
    check_kills("cut-off-by-hand", 1, kills);
    check_kills("overload-by-hand", 2, kills);
}

/// The lines before one time and from another one on.
fn around(scenario: &Scenario, until: &str, from: &str) -> [Vec<Vec<u8>>; 2] {
    let (header, facts) = scenario.lines.split_first().unwrap();
    let with_header = |wanted: &dyn Fn(&str) -> bool| {
        let at = |line: &Vec<u8>| {
            let value: Value = serde_json::from_slice(line).unwrap();
            value["at"].as_str().unwrap().to_owned()
        };
        let wanted = facts.iter().filter(|line| wanted(&at(line))).cloned();
        [header.clone()].into_iter().chain(wanted).collect::<Vec<_>>()
    };
    [with_header(&|at| at < until), with_header(&|at| at >= from)]
}

/// Watches until one time, then again from another one on; gives what was told after the gap.
fn check_gap(until: &str, from: &str) -> (Folder, Vec<Value>) {
    let (scenario, folder) = (scenario("cut-off-by-hand"), Folder::new());
    let [before, after] = around(&scenario, until, from);
    let mut told = Vec::new();
    for lines in [before, after] {
        let mut child = watch(&scenario, &folder);
        feed(&mut child, &lines);
        told = events(child);
    }
    let blind: Vec<&Value> = told.iter().filter(|event| event["event"] == "blind").collect();
    let gap = blind.iter().find(|event| event["blind"]["why"] == "not watching");
    let gap = &gap.unwrap_or(&&Value::Null)["blind"];
    assert!(gap["from"].as_str() < Some(until) && gap["until"].as_str() >= Some(from), "{gap}");
    let replayed = replayed(&scenario.network, segments(&folder).to_str().unwrap());
    assert_eq!(replayed, stored(&folder), "what was kept replays otherwise");
    (folder, told)
}

#[test]
fn a_gap_before_an_outage_is_none() {
    let (folder, _) = check_gap("2026-02-24T03:14:00Z", "2026-02-24T03:19:00Z");
    let stored = stored(&folder);
    assert_eq!(stored.len(), 1, "{stored:?}");
    let onset = stored[0]["from"]["first_bad"].as_str().unwrap();
    assert!(onset > "2026-02-24T03:23", "{onset}");
}

#[test]
fn a_gap_in_an_outage_is_not_its_end() {
    let (folder, told) = check_gap("2026-02-24T03:40:00Z", "2026-02-24T03:50:00Z");
    let stored = stored(&folder);
    assert_eq!(stored.len(), 1, "{stored:?}");
    let end = stored[0]["until"]["first_good"].as_str().unwrap();
    assert!(end > "2026-02-24T04:05", "{end}");
    assert!(!kinds(&told).contains(&"began"), "{:?}", kinds(&told));
}

#[test]
fn it_ends_cleanly_when_told_and_says_whether_an_outage_goes_on() {
    let (scenario, folder) = (scenario("cut-off-by-hand"), Folder::new());
    let config = folder.text("falter.toml");
    fs::write(&config, "[routes.ris_live]\nenabled = false\n").unwrap();
    let store = folder.text("store");
    let arguments = ["watch", &scenario.network, "--store", &store, "--config", &config, "--json"];
    let mut child = command(&arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.contains("watching"), "{line}");
    // Another one must not write there meanwhile.
    let second = command(&arguments).stdin(Stdio::null()).output().unwrap();
    assert_eq!(second.status.code(), Some(3));
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("another process"), "{said}");
    stop(&child);
    let rest: Vec<String> = out.lines().map(Result::unwrap).collect();
    assert!(rest.last().is_some_and(|last| last.contains("stopped")), "{rest:?}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_outage_that_goes_on_at_the_end_of_the_lines_is_told_by_the_exit_code() {
    let (scenario, folder) = (scenario("cut-off-by-hand"), Folder::new());
    let whole = replayed(&scenario.network, &{
        let input = folder.text("whole.jsonl");
        fs::write(&input, scenario.lines.concat()).unwrap();
        input
    });
    let onset = whole.first().unwrap()["from"]["first_bad"].as_str().unwrap().to_owned();
    let end = whole.first().unwrap()["until"]["last_bad"].as_str().unwrap().to_owned();
    // Up to the middle of the outage.
    let is_before = |line: &&Vec<u8>| {
        let value: Value = serde_json::from_slice(line).unwrap();
        value["at"].as_str().is_none_or(|at| at < end.as_str())
    };
    let half: Vec<Vec<u8>> = scenario.lines.iter().take_while(is_before).cloned().collect();
    let input = folder.text("half.jsonl");
    fs::write(&input, half.concat()).unwrap();
    let store = folder.text("store");
    let watch = |exit_state: &[&str]| {
        let arguments =
            ["watch", &scenario.network, "--store", &store, "--lines", &input, "--own-time"];
        falter(&[&arguments, exit_state].concat()).status.code()
    };
    assert_eq!(watch(&["--exit-state"]), Some(4), "outage since {onset}");
    assert!(fs::metadata(folder.path("store/falter.sqlite")).is_ok());
}

#[test]
fn the_doctor_says_whether_watching_can_work() {
    let folder = Folder::new();
    let good = falter(&["doctor", "--store", &folder.text("store"), "--json"]);
    assert_eq!(json(&good)["can_watch"], Value::Bool(true));
    let config = folder.text("falter.toml");
    fs::write(&config, "[probing]\npackets_per_second = 0\n").unwrap();
    let bad = command(&["doctor", "--store", &folder.text("store"), "--config", &config])
        .output()
        .unwrap();
    assert_eq!(bad.status.code(), Some(3));
    let said = String::from_utf8_lossy(&bad.stdout);
    assert!(said.contains("probing.packets_per_second"), "{said}");
}

#[test]
fn without_a_way_to_any_feed_it_says_that_it_is_blind_and_concludes_nothing() {
    let folder = Folder::new();
    // Nobody listens at this port.
    let config = "[routes.ris_live]\nurl = \"ws://127.0.0.1:1/\"\n";
    fs::write(folder.path("falter.toml"), config).unwrap();
    let (config, store) = (folder.text("falter.toml"), folder.text("store"));
    let mut command = command(&["watch", "kp", "--json", "--config", &config, "--store", &store]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let told = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut told = told.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    let blind = told.find(|event| event["event"] == "health" && event["concern"] == "sources");
    let says = blind.unwrap()["says"].as_str().unwrap().to_owned();
    assert!(says.starts_with("this vantage point is blind, no source is up: ris-live ("), "{says}");
    assert!(says.ends_with("; nothing is concluded about kp"), "{says}");
    stop(&child);
    assert!(child.wait().unwrap().success());
    assert!(stored(&folder).is_empty());
}
