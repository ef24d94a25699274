//! Every recording under scenarios/ against what is expected of it: a new scenario is a new folder.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]
#![expect(clippy::panic, reason = "a helper that fails must stop the test")]
#![expect(clippy::print_stdout, reason = "says what is tested or skipped")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").canonicalize().unwrap()
}

/// Folders that hold an expectation.
fn scenarios() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("expected.toml").exists())
        .collect();
    found.sort();
    found
}

fn replay(folder: &Path, expected: &toml::Table) -> Value {
    let network = expected["network"].as_str().unwrap();
    let network = if network.contains('/') {
        folder.join(network).to_str().unwrap().to_owned()
    } else {
        network.to_owned()
    };
    let inputs = expected["inputs"].as_array().unwrap();
    let inputs = inputs.iter().map(|input| folder.join(input.as_str().unwrap()));
    let output = Command::new(env!("CARGO_BIN_EXE_falter"))
        .args(["replay", "--json", "--network", &network])
        .args(inputs)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The observation before a change of the true state and the one after it. An end may be written as a
/// beginning is (docs/decisions/0007).
fn bracket(edge: &toml::Value) -> [Timestamp; 2] {
    let time = |keys: [&str; 2]| -> Timestamp {
        let told = keys.into_iter().find_map(|key| edge.get(key)?.as_str());
        told.unwrap_or_else(|| panic!("none of {keys:?} in {edge}")).parse().unwrap()
    };
    [time(["last_good", "last_bad"]), time(["first_bad", "first_good"])]
}

#[test]
fn the_end_of_a_truth_may_be_spelled_either_way() {
    let edge = |text: &str| bracket(&toml::Value::Table(text.parse().unwrap()));
    let (before, after) = ("2026-03-02T16:36:01Z", "2026-03-02T16:37:01Z");
    assert_eq!(
        edge(&format!("last_bad = {before:?}\nfirst_good = {after:?}")),
        edge(&format!("last_good = {before:?}\nfirst_bad = {after:?}"))
    );
}

/// A time told, against a time expected with its tolerance.
fn near(told: &Value, expected: &toml::Value, what: &str) {
    let told: Timestamp = told.as_str().unwrap_or_else(|| panic!("no {what}")).parse().unwrap();
    let at: Timestamp = expected["at"].as_str().unwrap().parse().unwrap();
    let tolerance: SignedDuration = expected["tolerance"].as_str().unwrap().parse().unwrap();
    let off = told.duration_since(at).abs();
    assert!(off <= tolerance, "{what}: told {told}, expected {at} within {tolerance}");
}

fn check(folder: &Path) {
    let text = fs::read_to_string(folder.join("expected.toml")).unwrap();
    let expected: toml::Table = text.parse().unwrap();
    let document = replay(folder, &expected);
    let entity = expected["entity"].as_str().unwrap();
    let outages = document["outages"].as_array().unwrap();
    let told: Vec<&Value> = outages.iter().filter(|outage| outage["entity"] == entity).collect();
    if expected["state"].as_str() == Some("none") {
        assert!(told.is_empty(), "{told:#?}");
        return;
    }
    let [outage] = told.as_slice() else { panic!("expected one outage of {entity}: {told:#?}") };
    assert_eq!(outage["state"].as_str(), expected["state"].as_str(), "{outage:#}");
    near(&outage["from"]["first_bad"], &expected["from"], "onset");
    near(&outage["until"]["first_good"], &expected["until"], "end");
    let verdict = outage["verdict"]["cause"].as_str().unwrap();
    let mut allowed: Vec<&str> =
        expected.get("cause").and_then(|cause| cause.as_str()).into_iter().collect();
    if expected.get("undetermined").and_then(toml::Value::as_bool) == Some(true) {
        allowed.push("undetermined");
    }
    assert!(allowed.contains(&verdict), "{verdict} is not among {allowed:?}: {outage:#}");
    if let Some(must_not) = expected.get("must_not").and_then(|list| list.as_array()) {
        assert!(must_not.iter().all(|cause| cause.as_str() != Some(verdict)), "{verdict}");
    }
}

#[test]
fn every_recording_gives_what_is_expected_of_it() {
    let scenarios = scenarios();
    assert!(scenarios.len() >= 4);
    for scenario in scenarios {
        println!("{}", scenario.display());
        check(&scenario);
    }
}

#[test]
fn every_scenario_tells_what_happened() {
    for scenario in scenarios() {
        for file in ["README.md", "truth.toml"] {
            assert!(scenario.join(file).exists(), "{} has no {file}", scenario.display());
        }
        let truth: toml::Table =
            fs::read_to_string(scenario.join("truth.toml")).unwrap().parse().unwrap();
        for key in ["cause", "fault", "entity", "synthetic", "time_scale"] {
            assert!(truth.contains_key(key), "{} tells no {key}", scenario.display());
        }
        let brackets = ["from", "until"].map(|edge| truth.get(edge).map(bracket));
        let times: Vec<Timestamp> = brackets.into_iter().flatten().flatten().collect();
        assert!(times.is_sorted(), "{}: {times:?}", scenario.display());
    }
}
