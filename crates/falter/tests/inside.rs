//! Recordings with vantage points inside and outside of the network, through the real binary.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]
#![expect(clippy::panic, reason = "a helper that fails must stop the test")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use falter_model::{Span, Timestamp};
use serde_json::{Value, json};

const START: i64 = 1_767_225_600;
/// Minutes in which the country is cut off, of eighty.
const CUT: std::ops::Range<i64> = 25..60;
const MINUTES: i64 = 80;

/// Somebody who asks eight hosts, two far controls and a near one three times a minute, a name
/// server and a site once.
#[derive(Clone, Copy)]
struct Who {
    id: &'static str,
    asn: &'static str,
    place: &'static str,
    methods: &'static [&'static str],
    /// Whether hosts, names and sites, and far controls fail with the country.
    loses_hosts: bool,
    loses_far: bool,
}

const BOTH: &[&str] = &["icmp", "tcp:80"];
const OUT_1: Who = Who {
    id: "out-1",
    asn: "AS64496",
    place: "outside",
    methods: BOTH,
    loses_hosts: true,
    loses_far: false,
};
const IN_1: Who = Who {
    id: "in-1",
    asn: "AS131279",
    place: "inside",
    methods: BOTH,
    loses_hosts: false,
    loses_far: true,
};

fn outcome(answers: bool) -> (&'static str, Value) {
    if answers {
        ("reply", json!({"rtt_us": 9000}))
    } else {
        ("timeout", json!({"after_us": 3_000_000}))
    }
}

impl Who {
    fn header(&self) -> Value {
        json!({"id": self.id, "asn": self.asn, "place": self.place})
    }

    /// What it asks at a second, as the facts of lines.
    fn asks(&self, second: i64) -> Vec<Value> {
        let cut = CUT.contains(&(second / 60));
        let hosts = !(cut && self.loses_hosts);
        let far = !(cut && self.loses_far);
        let mut facts = Vec::new();
        let phase = second % 20;
        for method in self.methods {
            let probe = |fact: &str, kind: Option<&str>, target: String, answers: bool| {
                let (said, how) = outcome(answers);
                let mut body = json!({"target": target, "method": method, said: how});
                if let Some(kind) = kind {
                    body["kind"] = json!(kind);
                }
                json!({fact: body})
            };
            if phase < 8 {
                facts.push(probe("probe", None, format!("175.45.176.{}", 10 + phase), hosts));
            }
            if phase < 2 {
                facts.push(probe("control", Some("far"), format!("192.0.2.{}", 1 + phase), far));
            }
            if phase == 2 {
                facts.push(probe("control", Some("near"), "203.0.113.1".to_owned(), true));
            }
        }
        if second % 60 == 30 {
            let mut name = json!({"server": "ns1.kptc.kp", "zone": "kp", "transport": "udp"});
            let mut page = json!({"site": "http://www.example.kp/"});
            if hosts {
                name["answer"] =
                    json!({"rcode": "NOERROR", "aa": true, "serial": 1, "rtt_us": 900});
                page["stage"] = json!("status");
                page["status"] = json!(200);
                page["times_us"] = json!({"connect": 900});
            } else {
                name["error"] = json!("timeout");
                page["stage"] = json!("connect");
                page["error"] = json!("timeout");
                page["times_us"] = json!({});
            }
            facts.extend([json!({"name": name}), json!({"page": page})]);
        }
        facts
    }
}

/// A recording by these, of the seconds in `span`; its header tells of those in `told`.
fn recording(who: &[Who], told: &[Who], span: std::ops::Range<i64>) -> String {
    let at = |second: i64| (Timestamp::EPOCH + Span::from_seconds(START + second)).to_string();
    let points: Vec<Value> = told.iter().map(Who::header).collect();
    let header = json!({"falter": "recording", "version": 1, "network": "kp",
        "from": at(span.start), "synthetic": true, "vantage_points": points});
    let mut text = format!("{header}\n");
    for second in span {
        for who in who {
            for mut fact in who.asks(second) {
                fact["at"] = json!(at(second));
                fact["vantage"] = json!(who.id);
                writeln!(text, "{fact}").unwrap();
            }
        }
        writeln!(text, "{}", json!({"at": at(second), "tick": {}})).unwrap();
    }
    text
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("inside-{name}"));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn replay(inputs: &[&Path]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_falter"))
        .args(["replay", "--json"])
        .args(inputs)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn replay_all(name: &str, who: &[Who]) -> Value {
    let folder = Folder::new(name);
    replay(&[&folder.write("all.jsonl", &recording(who, who, 0..MINUTES * 60))])
}

fn national(document: &Value) -> &Value {
    let outages = document["outages"].as_array().unwrap();
    let [outage] = outages.as_slice() else { panic!("expected one outage: {outages:#?}") };
    assert_eq!(outage["entity"], "network/kp");
    outage
}

/// The evidence from inside: its sentence.
fn inside(outage: &Value) -> Option<&str> {
    let evidence = outage["verdict"]["evidence"].as_array().unwrap();
    evidence.iter().find(|each| each["id"] == "inside.up")?["says"].as_str()
}

fn signals(document: &Value) -> Vec<&str> {
    document["signals"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap()).collect()
}

#[test]
fn a_country_that_is_up_inside_and_cut_from_outside_is_isolated() {
    let document = replay_all("isolated", &[OUT_1, IN_1]);
    let outage = national(&document);
    assert_eq!(outage["state"], "isolated", "{outage:#}");
    assert_eq!(outage["from"]["first_bad"], "2026-01-01T00:25:02Z");
    assert_eq!(outage["until"]["first_good"], "2026-01-01T01:00:07Z");
    assert_eq!(outage["seen_by"], json!({"in-1": "isolated", "out-1": "complete"}));
    assert_eq!(inside(outage), Some("Up when asked from inside: only the way out was gone."));
    assert_eq!(document["blind"], json!([]));
    let signals = signals(&document);
    for id in ["inside.up-share", "inside.answer-share", "inside.ok-share"] {
        assert!(signals.contains(&id), "{signals:?}");
    }
}

#[test]
fn the_same_country_with_its_hosts_down_inside_is_complete() {
    let document = replay_all("complete", &[OUT_1, Who { loses_hosts: true, ..IN_1 }]);
    let outage = national(&document);
    assert_eq!(outage["state"], "complete", "{outage:#}");
    assert_eq!(outage["seen_by"], json!({"in-1": "complete", "out-1": "complete"}));
    assert!(inside(outage).unwrap().starts_with("Down when asked from inside"));
    let order = outage["order"].as_array().unwrap();
    for id in ["inside.up-share", "inside.answer-share"] {
        assert!(order.iter().any(|step| step["signal"] == id), "{order:#?}");
    }
}

#[test]
fn two_vantage_points_of_one_as_with_one_protocol_are_partial_and_of_two_complete() {
    let one = Who { methods: &["icmp"], ..OUT_1 };
    let same_as = Who { id: "out-2", ..one };
    let document = replay_all("one-as", &[one, same_as]);
    assert_eq!(national(&document)["state"], "partial");
    let document = replay_all("two-ases", &[one, Who { asn: "AS64500", ..same_as }]);
    assert_eq!(national(&document)["state"], "complete");
    // Nobody tells where they are: each id stands for an AS of its own.
    let folder = Folder::new("unknown-ases");
    let text = recording(&[one, same_as], &[], 0..MINUTES * 60);
    assert_eq!(national(&replay(&[&folder.write("all.jsonl", &text)]))["state"], "complete");
}

#[test]
fn an_inside_alone_says_that_it_is_blind_towards_outside_and_concludes_nothing() {
    let document = replay_all("alone", &[IN_1]);
    assert_eq!(document["outages"], json!([]));
    let blind = document["blind"].as_array().unwrap();
    let [blind] = blind.as_slice() else { panic!("{blind:#?}") };
    assert_eq!(blind["vantage"], "in-1");
    assert_eq!(blind["why"], "far controls failed inside, and nobody watched from outside");
    let signals = signals(&document);
    assert!(signals.iter().all(|id| id.starts_with("inside.")), "{signals:?}");
}

#[test]
fn who_tells_of_a_vantage_point_and_in_which_file_changes_nothing() {
    let who = [OUT_1, Who { id: "out-2", ..OUT_1 }, IN_1];
    let expected = replay_all("whole", &who);
    let folder = Folder::new("cut");
    let middle = MINUTES * 30;
    let [a, b] = [
        // The first file tells of all, backwards; the second of nobody.
        folder.write("a.jsonl", &recording(&who, &[who[2], who[1], who[0]], 0..middle)),
        folder.write("b.jsonl", &recording(&who, &[], middle..MINUTES * 60)),
    ];
    for inputs in [[a.as_path(), b.as_path()], [b.as_path(), a.as_path()]] {
        let found = replay(&inputs);
        for key in ["signals", "blind", "outages", "from", "until"] {
            assert_eq!(found[key], expected[key], "{key}");
        }
    }
}
