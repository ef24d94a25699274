//! The program as a user meets it: what it says and how it ends when something is wrong.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn falter(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_falter"));
    command.args(arguments).env_remove("FALTER_STORE").stdin(Stdio::null());
    command
}

/// Checks the exit code, and that what was said on stderr holds these words.
fn check(output: &Output, code: i32, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    for word in words {
        assert!(said.contains(word), "expected {word:?} in {said:?}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Six-hour snapshots of one AS of 40 prefixes that loses all of them from the ninth day to the
/// eleventh.
fn series() -> String {
    let mut csv = String::from("time,entity,signal,value,n\n");
    for sample in 0..60 {
        let (day, hour) = (1 + sample / 4, 6 * (sample % 4));
        let value = if (9..11).contains(&day) { 0 } else { 40 };
        let time = format!("2021-01-{day:02}T{hour:02}:00Z");
        writeln!(csv, "{time},country/UG,bgp.visible-prefixes,{value},40").unwrap();
    }
    csv
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn an_outage_is_found_kept_listed_shown_and_reported() {
    let folder = Folder::new();
    let input = folder.write("series.csv", &series());
    let store = folder.path("store");
    let replayed = falter(&["replay", &input, "--store", text(&store), "--json"]);
    check(&replayed, 0, &[]);
    let document = json(&replayed);
    let outages = document["outages"].as_array().unwrap();
    assert_eq!(outages.len(), 1, "{document:#}");
    assert_eq!(outages[0]["state"], "complete");
    assert_eq!(outages[0]["from"]["first_bad"], "2021-01-09T00:00:00Z");
    assert_eq!(outages[0]["until"]["first_good"], "2021-01-11T00:00:00Z");
    let id = outages[0]["id"].as_str().unwrap();

    let mut listed = json(&falter(&["outages", "--store", text(&store), "--json"]));
    assert_eq!(take(&mut listed["outages"][0], "synthetic"), false);
    assert_eq!(listed["outages"], document["outages"]);
    let mut shown = json(&falter(&["show", id, "--store", text(&store), "--json"]));
    assert_eq!(take(&mut shown, "synthetic"), false);
    assert!(take(&mut shown, "rests_on").is_object());
    assert_eq!(shown, outages[0]);
    for ending in ["html", "md", "json", "svg"] {
        assert!(report(&folder, &store, id, ending).len() > 500);
    }
    let unknown = folder.path("report.docx");
    let asked = falter(&["report", id, "-o", text(&unknown), "--store", text(&store)]);
    check(&asked, 2, &["report.docx", ".html"]);
}

/// A field of an object, which loses it.
fn take(object: &mut Value, field: &str) -> Value {
    object.as_object_mut().unwrap().remove(field).unwrap()
}

/// SHA-256 of a text, in hexadecimal.
fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    let mut hex = String::new();
    for octet in sha2::Sha256::digest(text) {
        write!(hex, "{octet:02x}").unwrap();
    }
    hex
}

#[test]
fn a_kept_outage_names_by_digest_what_it_rests_on() {
    let folder = Folder::new();
    // One series in two parts, the second on standard input.
    let whole = series();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let (first, second) = (lines[..30].concat(), format!("{}{}", lines[0], lines[30..].concat()));
    let one = folder.write("one.csv", &first);
    let twice = folder.write("twice.csv", &first);
    let profile = "name = \"ug-test\"\ntitle = \"Uganda\"\naliases = [\"country/UG\"]\nasns = [\"AS20294\"]\n";
    let network = folder.write("ug-test.toml", profile);
    let config = "[signals]\n\"upstream.delay\" = \"up\"\n";
    let settings = folder.write("falter.toml", config);
    let store = folder.path("store");
    let mut child = command(&["replay", &one, &twice, "-", "--network", &network, "--json"])
        .args(["--store", text(&store), "--config", &settings])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(second.as_bytes()).unwrap();
    let replayed = child.wait_with_output().unwrap();
    check(&replayed, 0, &[]);
    let id = json(&replayed)["outages"][0]["id"].as_str().unwrap().to_owned();

    let kept = json(&falter(&["show", &id, "--store", text(&store), "--json"]));
    let rests_on = &kept["rests_on"];
    assert_eq!(rests_on["network"], "ug-test");
    assert_eq!(rests_on["digests"]["profile"], sha256(profile).as_str());
    assert_eq!(rests_on["digests"]["config"], sha256(config).as_str());
    assert_eq!(rests_on["digests"]["fit"], json(&replayed)["digests"]["fit"]);
    let input = |path: &str, content: &str| serde_json::json!({"path": path, "digest": sha256(content), "offset": content.len()});
    let inputs = [input("-", &second), input(&one, &first), input(&twice, &first)];
    assert_eq!(rests_on["inputs"], serde_json::json!(inputs));

    // Whoever reads the text or a report finds them too.
    let shown = falter(&["show", &id, "--store", text(&store)]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    for digest in [sha256(profile), sha256(config), sha256(&first), sha256(&second)] {
        let (short, _) = digest.split_at(12);
        assert!(shown.contains(short), "{shown}");
        for ending in ["html", "md", "json", "svg"] {
            let report = report(&folder, &store, &id, ending);
            let sought = if ending == "svg" { short } else { &digest };
            assert!(report.contains(sought), "no {sought} in {ending}");
            // It may be published: where things lie on this machine is nobody's business.
            assert!(!report.contains(text(folder.0.path())), "{ending}");
        }
    }
}

/// The report on an outage in one of its forms.
fn report(folder: &Folder, store: &Path, id: &str, ending: &str) -> String {
    let report = folder.path(&format!("report.{ending}"));
    check(&falter(&["report", id, "-o", text(&report), "--store", text(store)]), 0, &[]);
    fs::read_to_string(report).unwrap()
}

fn overload_by_hand() -> String {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    text(&scenarios.join("overload-by-hand/observations.jsonl.zst")).to_owned()
}

#[test]
fn a_re_enactment_is_never_shown_as_a_measurement() {
    let folder = Folder::new();
    let store = folder.path("store");
    let input = overload_by_hand();
    let replayed = falter(&["replay", &input, "--store", text(&store), "--json"]);
    check(&replayed, 0, &[]);
    let document = json(&replayed);
    assert_eq!(document["synthetic"], true);
    let id = document["outages"][0]["id"].as_str().unwrap();

    let listed = json(&falter(&["outages", "--store", text(&store), "--json"]));
    assert_eq!(listed["outages"][0]["synthetic"], true);
    let shown = json(&falter(&["show", id, "--store", text(&store), "--json"]));
    assert_eq!(shown["synthetic"], true);
    assert_eq!(shown["time_scale"], document["time_scale"]);
    for told in [
        falter(&["outages", "--store", text(&store)]),
        falter(&["show", id, "--store", text(&store)]),
        falter(&["replay", &input]),
    ] {
        let told = String::from_utf8(told.stdout).unwrap();
        assert!(told.contains("re-enact"), "{told}");
    }
    for (ending, mark) in [
        ("html", "re-enacted"),
        ("md", "re-enacted"),
        ("svg", "re-enacted"),
        ("json", "synthetic\": true"),
    ] {
        let report = report(&folder, &store, id, ending);
        assert!(report.contains(mark), "no {mark} in {ending}");
    }
}

#[test]
fn what_does_not_say_so_itself_is_marked_on_demand() {
    let folder = Folder::new();
    let input = folder.write("series.csv", &series());
    let store = folder.path("store");
    let played = ["replay", &input, "--store", text(&store), "--synthetic", "--json"];
    assert_eq!(json(&falter(&played))["synthetic"], true);
    let listed = json(&falter(&["outages", "--store", text(&store), "--json"]));
    assert_eq!(listed["outages"][0]["synthetic"], true);
    // What is measured of the same entity goes elsewhere, and the store keeps what it had.
    let measured = falter(&["replay", &input, "--store", text(&store), "--json"]);
    check(&measured, 3, &["country/UG", "re-enactments", "another"]);
    assert_eq!(json(&measured)["outages"].as_array().unwrap().len(), 1);
    assert_eq!(json(&falter(&["outages", "--store", text(&store), "--json"])), listed);
}

#[test]
fn an_outage_that_goes_on_ends_with_4_where_asked() {
    let folder = Folder::new();
    let cut = series().lines().take(38).collect::<Vec<_>>().join("\n");
    let input = folder.write("series.csv", &cut);
    check(&falter(&["replay", &input]), 0, &[]);
    check(&falter(&["replay", &input, "--exit-state"]), 4, &[]);
    let document = json(&falter(&["replay", &input, "--json"]));
    assert!(document["outages"][0]["until"].is_null());
}

#[test]
fn a_bad_line_is_told_and_costs_itself() {
    let folder = Folder::new();
    let mut csv = series();
    csv.push_str("2021-01-20T00:00Z,country/UG,bgp.visible-prefixes,forty,40\n");
    let input = folder.write("series.csv", &csv);
    let output = falter(&["replay", &input, "--json"]);
    check(&output, 1, &["series.csv", "62", "forty"]);
    assert_eq!(json(&output)["outages"].as_array().unwrap().len(), 1);
}

#[test]
fn a_missing_file_is_named() {
    check(&falter(&["replay", "/nowhere/at/all.gz"]), 3, &["/nowhere/at/all.gz"]);
}

#[test]
fn a_folder_without_input_is_an_error() {
    let folder = Folder::new();
    check(&falter(&["replay", text(folder.0.path())]), 3, &[text(folder.0.path())]);
}

#[test]
fn what_is_no_input_is_told() {
    let folder = Folder::new();
    let good = folder.write("series.csv", &series());
    let bad = folder.write("notes.txt", "Dear diary,\n");
    let output = falter(&["replay", &good, &bad, "--json"]);
    check(&output, 1, &["notes.txt"]);
    assert_eq!(json(&output)["outages"].as_array().unwrap().len(), 1);
}

#[test]
fn a_wrong_profile_is_told_with_its_line() {
    let folder = Folder::new();
    let input = folder.write("series.csv", &series());
    let profile = folder.write("wrong.toml", "name = \"x\"\ntitle = \"X\"\nasns = [\"ASx\"]\n");
    let output = falter(&["replay", &input, "--network", &profile]);
    check(&output, 2, &["wrong.toml", "3", "ASx"]);
    check(&falter(&["replay", &input, "--network", "atlantis"]), 2, &["atlantis", "kp"]);
}

#[test]
fn a_wrong_configuration_is_told() {
    let folder = Folder::new();
    let config = folder.write("falter.toml", "[store]\ndirectory = \"/tmp\"\n");
    check(&falter(&["signals", "--config", &config]), 2, &["falter.toml", "directory"]);
    check(&falter(&["signals", "--config", "/nowhere.toml"]), 2, &["/nowhere.toml"]);
}

#[test]
fn a_full_disk_is_a_failure() {
    let folder = Folder::new();
    let input = folder.write("series.csv", &series());
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = command(&["replay", &input, "--json"]).stdout(full).output().unwrap();
    check(&output, 3, &["stdout", "space"]);
}

#[test]
fn a_report_to_a_full_disk_is_a_failure() {
    let folder = Folder::new();
    let input = folder.write("series.csv", &series());
    let store = folder.path("store");
    let replayed = falter(&["replay", &input, "--store", text(&store), "--json"]);
    let id = json(&replayed)["outages"][0]["id"].as_str().unwrap().to_owned();
    let full = folder.path("full.svg");
    std::os::unix::fs::symlink("/dev/full", &full).unwrap();
    let output = falter(&["report", &id, "-o", text(&full), "--store", text(&store)]);
    check(&output, 3, &["full.svg", "space"]);
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let mut child = command(&["signals"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let folder = Folder::new();
    let input = folder.write("series.csv", &series());
    let store = folder.path("store");
    check(&falter(&["replay", &input, "--store", text(&store)]), 0, &[]);
    let database = store.join("falter.sqlite");
    rusqlite::Connection::open(&database).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(&database).unwrap();
    check(&falter(&["outages", "--store", text(&store)]), 3, &["99", "newer"]);
    check(&falter(&["replay", &input, "--store", text(&store)]), 3, &["99", "newer"]);
    assert_eq!(fs::read(&database).unwrap(), before);
}

#[test]
fn a_store_that_is_not_there_is_not_made_by_asking() {
    let folder = Folder::new();
    let store = folder.path("store");
    check(&falter(&["outages", "--store", text(&store)]), 3, &[text(&store)]);
    assert!(!store.exists());
    check(&falter(&["show", "kp-20220125T210000Z", "--store", text(&store)]), 3, &[]);
}

#[test]
fn an_id_that_is_not_there_is_told() {
    let folder = Folder::new();
    let input = folder.write("series.csv", &series());
    let store = folder.path("store");
    check(&falter(&["replay", &input, "--store", text(&store)]), 0, &[]);
    check(&falter(&["show", "xx-1", "--store", text(&store)]), 3, &["xx-1"]);
}

#[test]
fn imports_of_which_more_is_bad_are_configured() {
    let folder = Folder::new();
    let mut csv = String::from("time,entity,signal,value\n");
    for hour in 0..24 * 14 {
        let value = if (300..306).contains(&hour) { 95 } else { 20 + hour % 3 };
        let (day, hour) = (1 + hour / 24, hour % 24);
        writeln!(csv, "2021-01-{day:02}T{hour:02}:00Z,country/UG,upstream.delay,{value}").unwrap();
    }
    let input = folder.write("series.csv", &csv);
    let config = folder.write("falter.toml", "[signals]\n\"upstream.delay\" = \"up\"\n");
    let plain = json(&falter(&["replay", &input, "--json"]));
    assert_eq!(plain["outages"].as_array().unwrap().len(), 0, "{plain:#}");
    let told = json(&falter(&["replay", &input, "--json", "--config", &config]));
    assert_eq!(told["outages"].as_array().unwrap().len(), 1, "{told:#}");
    assert_ne!(plain["digests"]["config"], told["digests"]["config"]);
}

#[test]
fn the_manual_is_made_from_the_code() {
    let causes = json(&falter(&["causes", "--json"]));
    assert_eq!(causes["causes"].as_array().unwrap().len(), 6);
    let signals = json(&falter(&["signals", "--json"]));
    assert!(signals["signals"].as_array().unwrap().len() > 20);
    check(&falter(&["causes"]), 0, &[]);
    check(&falter(&["--help"]), 0, &[]);
    check(&falter(&["replay"]), 2, &["INPUT"]);
}
