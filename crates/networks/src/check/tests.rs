//! Every finding has a profile that shows it: the good one with one thing changed.

use super::*;

/// A profile without findings.
const GOOD: &str = r#"
name = "x"
title = "X"
time_zone = "Africa/Kampala"
asns = ["AS1", "AS2"]
prefixes = ["41.210.128.0/18", "102.80.0.0/12", "2c0f:f6d0::/32"]
transits = ["AS3"]
[[zones]]
name = "example"
servers = ["ns1.example", "ns2.example"]
[[sites]]
url = "https://www.example/"
[[services]]
address = "41.210.129.1"
tcp = 25
[controls]
far = ["8.8.8.8", "1.1.1.1", "9.9.9.9"]
near = ["196.60.0.1"]
[priors]
power = 0.5
[[calendar]]
from = "2026-01-01"
until = "2026-01-02T00:00:00Z"
kind = "holiday"
source = "https://example.org/"
"#;

/// Replaces a piece of the good profile and expects one more finding, which begins as given.
fn check_changed(old: &str, new: &str, expected: &str) {
    assert!(GOOD.contains(old), "{old}");
    let findings = check_text(&GOOD.replacen(old, new, 1), "x.toml").unwrap();
    let lines: Vec<String> = findings
        .iter()
        .map(|finding| format!("{:?}: {}", finding.severity, finding.what).to_lowercase())
        .collect();
    assert_eq!(lines, [expected.to_lowercase()], "{new}");
}

#[test]
fn a_good_profile_has_no_findings() {
    assert_eq!(check_text(GOOD, "x.toml").unwrap(), []);
}

#[test]
fn routing() {
    let check = check_changed;
    check(
        r#"asns = ["AS1", "AS2"]"#,
        "",
        "warning: no asns: a new origin of its prefixes can't be told from a usual one",
    );
    check(r#""AS1", "AS2""#, r#""AS1", "AS1""#, "warning: asns: AS1 is given twice");
    check(
        r#""AS2""#,
        r#""AS64512""#,
        "warning: asns: AS64512 never stands in the Internet's routes (private, RFC 6996)",
    );
    check(
        r#"["AS3"]"#,
        "[]",
        "warning: no transits: the loss of one can't be told from other changes of paths",
    );
    check(r#"["AS3"]"#, r#"["AS3", "AS1"]"#, "warning: transits: AS1 is one of its own asns");
    check(
        r#""102.80.0.0/12""#,
        r#""102.80.0.0/12", "102.81.0.0/16""#,
        "warning: prefixes: 102.81.0.0/16 lies within 102.80.0.0/12",
    );
    check(
        r#""102.80.0.0/12""#,
        r#""102.80.0.0/12", "102.80.0.0/12""#,
        "warning: prefixes: 102.80.0.0/12 is given twice",
    );
    check(
        r#""102.80.0.0/12""#,
        r#""102.80.0.1/12""#,
        "error: line 6: 102.80.0.1/12 has bits beyond its length",
    );
    check(
        r#""102.80.0.0/12""#,
        r#""192.168.0.0/24""#,
        "error: prefixes: 192.168.0.0/24 is never routed (private, RFC 1918)",
    );
    check(
        r#""102.80.0.0/12""#,
        r#""102.80.0.0/25""#,
        "warning: prefixes: 102.80.0.0/25 is smaller than a block",
    );
    check(
        r#""102.80.0.0/12""#,
        r#""102.0.0.0/7""#,
        "error: prefixes: 102.0.0.0/7 is larger than any allocation",
    );
}

#[test]
fn nothing_to_watch() {
    let findings = check_text("name = 'x'\ntitle = 'X'\n", "x.toml").unwrap();
    assert_eq!(findings[0].severity, Severity::Error);
    assert_eq!(findings[0].what, "neither asns nor prefixes: there is nothing to watch");
    assert_eq!(findings.last().map(|finding| finding.severity), Some(Severity::Note));
}

#[test]
fn time_zones() {
    check_changed(
        "Africa/Kampala",
        "Africa/Kampla",
        "error: time_zone \"Africa/Kampla\" is not known",
    );
    check_changed(
        "time_zone = \"Africa/Kampala\"",
        "",
        "note: no time_zone: evidence of the local hour is withheld",
    );
}

#[test]
fn names() {
    let check = check_changed;
    check(r#"["ns1.example", "ns2.example"]"#, "[]", "error: zone example has no servers");
    check(r#", "ns2.example""#, "", "note: zone example has one server");
    check(
        r#""ns2.example""#,
        r#""ns2.example", "ns1.example""#,
        "warning: zone example names a server twice",
    );
    check(r#"name = "example""#, r#"name = "example.""#, "error: zone example. ends with a dot");
    check(
        r#""ns1.example", "ns2.example""#,
        r#""175.45.176.15", "175.45.176.16""#,
        "note: all servers of zone example lie in 175.45.176.0/24: they share its fate",
    );
    check(
        "https://www.example/",
        "www.example",
        "error: site www.example has no scheme that can be visited",
    );
    check("https://www.example/", "https:///x", "error: site https:///x has no host");
    check("tcp = 25", "tcp = 0", "error: service 41.210.129.1 port 0: there is no port 0");
    check(
        "41.210.129.1",
        "10.0.0.1",
        "error: service 10.0.0.1 port 25 is not on the Internet (private, RFC 1918)",
    );
    check(
        "41.210.129.1",
        "41.210.1.1",
        "warning: service 41.210.1.1 port 25 is outside the network's prefixes",
    );
    check(
        "[controls]",
        "[[sites]]\nurl = \"https://www.example/\"\n[controls]",
        "warning: site https://www.example/ is given twice",
    );
    check(
        "[controls]",
        "[[services]]\naddress = \"41.210.129.1\"\ntcp = 25\n[controls]",
        "warning: service 41.210.129.1 port 25 is given twice",
    );
    check(
        "[controls]",
        "[[zones]]\nname = \"example\"\nservers = [\"a\", \"b\"]\n[controls]",
        "warning: zone example is given twice",
    );
}

#[test]
fn controls() {
    let check = check_changed;
    check(
        r#"["8.8.8.8", "1.1.1.1", "9.9.9.9"]"#,
        "[]",
        "warning: no far controls: probing can't tell the observer's own faults from the network's",
    );
    check(r#", "9.9.9.9""#, "", "warning: far controls: 2 make no quorum when one dies");
    check(
        r#""9.9.9.9""#,
        r#""9.9.9.9", "9.9.9.9""#,
        "warning: far controls: 9.9.9.9 is given twice",
    );
    check("196.60.0.1", "41.210.129.9", "error: near controls: 41.210.129.9 is inside the network");
    check("196.60.0.1", "9.9.9.9", "error: controls: 9.9.9.9 is both far and near");
    check(
        "9.9.9.9",
        "192.168.0.9",
        "warning: far controls: 192.168.0.9 is not on the Internet (private, RFC 1918)",
    );
}

#[test]
fn priors() {
    check_changed(
        "power = 0.5",
        "power = 0.5\nlink = 0.6",
        "error: priors sum to 1.100, more than 1",
    );
    check_changed(
        "power = 0.5",
        "power = 0.1\noverload = 0.1\nlink = 0.1\nfault = 0.1\nshutdown = 0.1\nmaintenance = 0.1",
        "error: all priors are stated and sum to 0.600, less than 1",
    );
    check_changed(
        "power = 0.5",
        "power = 0.0",
        "warning: priors.power is 0: no evidence can ever speak for it",
    );
}

#[test]
fn calendars() {
    check_changed(
        "2026-01-02T00:00:00Z",
        "2025-12-31",
        "error: calendar entry 1 (2026-01-01 to 2025-12-31) ends before it begins",
    );
    check_changed(
        "2026-01-01",
        "New Year",
        "error: calendar entry 1 (New Year to 2026-01-02T00:00:00Z) has a time that can't be read",
    );
    check_changed(
        "source = \"https://example.org/\"",
        "",
        "note: calendar entry 1 (2026-01-01 to 2026-01-02T00:00:00Z) has no source",
    );
}
