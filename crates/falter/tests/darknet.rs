//! Captures of a darknet and its interface, as a user meets them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper that fails must stop the test, and a test that can't run says so"
)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// What a darknet heard of a flood in the testbed: 390 answers of one server within 124 s.
fn capture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../sources/tests/darknet/data/syn-flood-server.pcap.gz")
}

/// The same, not compressed.
fn plain(folder: &Path) -> PathBuf {
    let path = folder.join("plain");
    let mut packed = flate2::read::GzDecoder::new(File::open(capture()).unwrap());
    std::io::copy(&mut packed, &mut File::create(&path).unwrap()).unwrap();
    path
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_falter"));
    command.args(arguments).env_remove("FALTER_STORE").env_remove("NOTIFY_SOCKET");
    command
}

fn falter(arguments: &[&str], stdin: Stdio) -> Output {
    let output = command(arguments).stdin(stdin).output().unwrap();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complained}");
    output
}

fn replayed(input: &Path) -> Value {
    let arguments = ["replay", input.to_str().unwrap(), "--network", "kp", "--json"];
    serde_json::from_slice(&falter(&arguments, Stdio::null()).stdout).unwrap()
}

fn backscatter(document: &Value) -> Vec<Value> {
    let signals = document["signals"].as_array().unwrap().iter();
    signals.filter(|signal| signal["id"] == "darknet.backscatter").cloned().collect()
}

/// Answers in the attacks of a recording.
fn answers(recording: &[u8]) -> u64 {
    let lines = recording.split(|octet| *octet == b'\n').filter(|line| !line.is_empty());
    let values = lines.map(|line| serde_json::from_slice::<Value>(line).unwrap());
    values.filter_map(|line| line["attack"]["packets"].as_u64()).sum()
}

#[test]
fn a_capture_is_an_input_of_a_replay() {
    let document = replayed(&capture());
    let input = &document["inputs"][0];
    assert_eq!((&input["kind"], &input["observations"]), (&"pcap".into(), &390.into()));
    let signals = backscatter(&document);
    assert_eq!(signals.len(), 1);
    assert_eq!(signals[0]["entity"], "network/kp");
    // Known after a minute: two more minutes of the clock.
    assert_eq!(signals[0]["bins"], 2);
}

#[test]
fn a_capture_that_is_recorded_replays_to_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, out) = (plain(folder.path()), folder.path().join("kp.jsonl"));
    let arguments = ["record", "kp", "-o", out.to_str().unwrap(), "--lines", "-", "--own-time"];
    falter(&arguments, File::open(&plain).unwrap().into());
    let recorded = fs::read(&out).unwrap();
    assert_eq!(answers(&recorded), 390);
    let header: Value =
        serde_json::from_slice(recorded.split(|octet| *octet == b'\n').next().unwrap()).unwrap();
    assert_eq!(header["from"], "2025-04-15T05:13:03.108970Z");
    let ticks = String::from_utf8(recorded).unwrap().matches("\"tick\"").count();
    assert_eq!(ticks, 125, "one a second");
    let (of_recording, of_capture) = (replayed(&out), replayed(&plain));
    assert_eq!(backscatter(&of_recording), backscatter(&of_capture));
}

#[test]
fn a_watch_keeps_the_attacks_that_a_capture_shows() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, store) = (plain(folder.path()), folder.path().join("store"));
    let store = store.to_str().unwrap();
    let arguments = ["watch", "kp", "--store", store, "--lines", "-", "--own-time", "--json"];
    falter(&arguments, File::open(&plain).unwrap().into());
    let kept = fs::read_dir(Path::new(store).join("observations/kp")).unwrap();
    let kept: u64 = kept
        .map(|file| answers(&zstd::decode_all(File::open(file.unwrap().path()).unwrap()).unwrap()))
        .sum();
    assert_eq!(kept, 390);
}

/// A configuration whose only source is an interface.
fn listening_to(interface: &str, folder: &Path) -> String {
    let path = folder.join("falter.toml");
    let text =
        format!("[routes.ris_live]\nenabled = false\n[darknet]\ninterface = \"{interface}\"\n");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn an_interface_is_a_source() {
    let folder = tempfile::tempdir().unwrap();
    let config = listening_to("lo", folder.path());
    let out = folder.path().join("kp.jsonl");
    let output = Command::new("unshare")
        .args(["-Urn", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_falter"))
        .args(["--config", &config, "record", "kp", "--for", "2s", "--json", "-o"])
        .arg(&out)
        .output();
    let Ok(output) = output.inspect_err(|error| println!("skipped: no lab here: {error}")) else {
        return;
    };
    if String::from_utf8_lossy(&output.stderr).starts_with("unshare:") {
        println!("skipped: no lab here: unshare does not work");
        return;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let is_up = said.contains("\"source\":\"darknet lo\",\"state\":\"up\"");
    assert!(is_up, "{said}");
}

#[test]
fn an_interface_that_is_not_there_is_told_by_watch_and_doctor() {
    let folder = tempfile::tempdir().unwrap();
    let config = listening_to("nowhere0", folder.path());
    let out = folder.path().join("kp.jsonl");
    let arguments = ["--config", &config, "record", "kp", "--for", "2s", "-o"];
    let arguments = [&arguments[..], &[out.to_str().unwrap()]].concat();
    let said = String::from_utf8(falter(&arguments, Stdio::null()).stdout).unwrap();
    assert!(
        said.contains("source darknet nowhere0 down: could not listen to nowhere0: there is no")
    );

    let store = folder.path().join("store");
    let arguments = ["--config", &config, "--store", store.to_str().unwrap(), "doctor"];
    let output = command(&arguments).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("limited  darknet        there is no interface nowhere0"), "{said}");
}
