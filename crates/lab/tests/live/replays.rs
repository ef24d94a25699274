//! Replays of recordings of what is no outage, each a little different: what is quiet by luck is found out.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use falter_lab::faults::Dice;
use serde_json::Value;

/// Hosts that are left out at most, and answers that are taken away at most: of a loss of a few points, as the
/// fault "bursts of loss" has it, nobody may make an outage.
const MOST_HOSTS_OUT: f64 = 0.5;
const MOST_LOST: f64 = 0.03;
/// Share of the recording of which probes are cut off at the beginning at most.
const MOST_CUT: f64 = 0.1;

/// Makes so many replays in all. Gives how many were silent, and what the others told.
pub(crate) fn replay(falter: &Path, runs: &[&Path], replays: usize) -> (usize, Vec<String>) {
    let mut loud = Vec::new();
    for number in 0..replays {
        let Some(folder) = runs.get(number % runs.len()) else { continue };
        let live = folder.join("run/live");
        let mut dice = Dice::new(u64::try_from(number).unwrap());
        let changed = folder.join("changed.jsonl");
        let mut file = File::create(&changed).unwrap();
        for line in changed_lines(&lines(&live.join("store/observations/kp")), &mut dice) {
            writeln!(file, "{line}").unwrap();
        }
        let output = Command::new(falter)
            .args(["replay", "--json", "--network"])
            .arg(live.join("network.toml"))
            .arg(&changed)
            .output()
            .unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let told = report.get("outages").and_then(Value::as_array);
        match told {
            Some(told) if told.is_empty() => {}
            Some(told) => loud.push(format!("replay {number} of {}: {told:?}", name(&live))),
            None => loud.push(format!(
                "replay {number} of {}: {}",
                name(&live),
                String::from_utf8_lossy(&output.stderr)
            )),
        }
    }
    (replays - loud.len(), loud)
}

/// What was played there.
fn name(live: &Path) -> String {
    let truth = fs::read_to_string(live.with_file_name("truth.toml")).unwrap();
    truth.lines().filter(|line| line.starts_with("implementation")).collect()
}

/// The lines of a recording in hours, the header of the first among them.
fn lines(folder: &Path) -> Vec<String> {
    let mut hours: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    hours.sort();
    let mut lines = Vec::new();
    for hour in hours {
        let text = zstd::decode_all(File::open(&hour).unwrap()).unwrap();
        lines.extend(String::from_utf8(text).unwrap().lines().map(str::to_owned));
    }
    lines
}

/// The same with hosts left out, a later beginning of the probing, and answers lost.
fn changed_lines(lines: &[String], dice: &mut Dice) -> Vec<String> {
    let values: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let targets: BTreeSet<&str> =
        values.iter().filter_map(|line| line.get("probe")?.get("target")?.as_str()).collect();
    let share_out = MOST_HOSTS_OUT * dice.share();
    let left_out: BTreeSet<&str> =
        targets.into_iter().filter(|_| dice.share() < share_out).collect();
    let lost = MOST_LOST * dice.share();
    let cut = MOST_CUT * dice.share() * values.len() as f64;
    let mut changed = Vec::new();
    for (number, (value, line)) in values.iter().zip(lines).enumerate() {
        let Some(probe) = value.get("probe") else {
            changed.push(line.clone());
            continue;
        };
        let target = probe.get("target").and_then(Value::as_str).unwrap();
        if left_out.contains(target) || (number as f64) < cut {
            continue;
        }
        if probe.get("reply").is_some() && dice.share() < lost {
            changed.push(without_answer(value));
        } else {
            changed.push(line.clone());
        }
    }
    changed
}

/// The line of a probe whose answer was lost on the way.
fn without_answer(line: &Value) -> String {
    let mut line = line.clone();
    let probe = line.get_mut("probe").and_then(Value::as_object_mut).unwrap();
    probe.remove("reply");
    probe.insert("timeout".to_owned(), serde_json::json!({ "after_us": 3_000_000 }));
    line.to_string()
}
