//! January 2021 in Uganda and two quiet months, through the whole program.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]
#![expect(clippy::panic, reason = "a helper that fails must stop the test")]
#![expect(clippy::print_stdout, reason = "says what is tested or skipped")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The folder of measurements that others made; `None` where it is missing, which is told.
fn shared_data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("FALTER_REQUIRE_DATA").is_none(), "{} is missing", folder.display());
    println!("skipped: no ../shared/data");
    None
}

/// The file's columns as series CSV.
fn converted(file: &Path) -> String {
    let mut csv = String::from("time,entity,signal,value,n\n");
    for line in fs::read_to_string(file).unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [time, asn, tracked, invisible, entries] = fields[..] else { panic!("{line}") };
        let seen = tracked.parse::<u32>().unwrap() - invisible.parse::<u32>().unwrap();
        writeln!(csv, "{time},asn/{asn},bgp.visible-prefixes,{seen},{tracked}").unwrap();
        writeln!(csv, "{time},asn/{asn},bgp.rib-entries,{entries},").unwrap();
    }
    csv
}

fn replay(csv: &str, profile: &Path) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("series.csv");
    fs::write(&input, csv).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_falter"))
        .arg("replay")
        .arg(&input)
        .arg("--network")
        .arg(profile)
        .arg("--json")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A profile of all ASes that a file names.
fn profile_of(file: &Path, name: &str, folder: &Path) -> PathBuf {
    let mut asns: Vec<String> = fs::read_to_string(file)
        .unwrap()
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(1).map(|asn| format!("{asn:?}")))
        .collect();
    asns.sort();
    asns.dedup();
    let path = folder.join(format!("{name}.toml"));
    let asns = asns.join(", ");
    fs::write(&path, format!("name = {name:?}\ntitle = {name:?}\nasns = [{asns}]\n")).unwrap();
    path
}

fn of<'a>(document: &'a Value, entity: &str) -> Vec<&'a Value> {
    let outages = document["outages"].as_array().unwrap();
    outages.iter().filter(|outage| outage["entity"] == entity).collect()
}

#[test]
fn uganda_is_one_partial_outage_of_five_days() {
    let Some(data) = shared_data() else { return };
    let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/profiles/ug.toml");
    let document = replay(&converted(&data.join("visibility/UG-2021-01.csv")), &profile);
    let national = of(&document, "network/ug");
    assert_eq!(national.len(), 1, "{national:#?}");
    let outage = national[0];
    assert_eq!(outage["state"], "partial");
    let last_good = outage["from"]["last_good"].as_str().unwrap();
    assert!(["2021-01-13T08:00:00Z", "2021-01-13T14:00:00Z"].contains(&last_good), "{last_good}");
    assert!(outage["from"]["first_bad"].as_str().unwrap() <= "2021-01-13T20:00:00Z");
    assert_eq!(outage["until"]["first_good"], "2021-01-18T14:00:00Z");

    let parts = outage["parts"].as_array().unwrap();
    let state = |asn: &str| {
        parts.iter().find(|part| part["entity"] == asn).map(|part| part["state"].as_str().unwrap())
    };
    for asn in ["asn/AS327717", "asn/AS328358", "asn/AS36977"] {
        assert_eq!(state(asn), Some("complete"), "{asn}");
    }
    assert_eq!(state("asn/AS20294"), None);

    let verdict = &outage["verdict"];
    let first_two: Vec<&str> = verdict["causes"].as_array().unwrap()[..2]
        .iter()
        .map(|cause| cause["cause"].as_str().unwrap())
        .collect();
    assert!(first_two.contains(&"shutdown"), "{first_two:?}");
    for evidence in verdict["evidence"].as_array().unwrap() {
        let id = evidence["id"].as_str().unwrap();
        assert!(!id.contains("hour"), "six-hour samples prove no half hour: {evidence}");
    }
}

#[test]
fn quiet_months_have_no_national_outage() {
    let Some(data) = shared_data() else { return };
    for (file, name) in [("GB-2020-08-control.csv", "gb"), ("US-TX-2021-01-baseline.csv", "tx")] {
        let folder = tempfile::tempdir().unwrap();
        let file = data.join("visibility").join(file);
        let profile = profile_of(&file, name, folder.path());
        let document = replay(&converted(&file), &profile);
        let national = of(&document, &format!("network/{name}"));
        assert!(national.is_empty(), "{national:#?}");
    }
}
