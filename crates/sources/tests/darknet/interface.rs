//! An interface, in namespaces of the test's own: nothing leaves the machine.

#![expect(clippy::print_stdout, reason = "a test that can't run says so")]

use std::process::{Command, Stdio};
use std::sync::Arc;

use falter_sources::clock::SystemClock;
use falter_sources::darknet::{ListenError, Listener, Scope, can_listen};

#[test]
fn an_interface_that_is_not_there_is_told() {
    let (scope, clock) = (Scope::of_victims(None), Arc::new(SystemClock));
    let error = Listener::open("nowhere0", "dark".into(), scope, clock).unwrap_err();
    assert!(matches!(error, ListenError::NoInterface { .. }), "{error}");
    assert_eq!(can_listen("nowhere0").unwrap_err().to_string(), "there is no interface nowhere0");
}

#[test]
fn an_interface_shows_what_arrives_there() {
    run_inside("what_arrives_is_told");
}

#[test]
fn an_interface_that_goes_down_is_told() {
    run_inside("a_cable_that_is_pulled_is_told");
}

/// Runs the ignored test of that name in namespaces of its own.
fn run_inside(name: &str) {
    let works = Command::new("unshare").args(["-Urnm", "ip", "link"]).output();
    if !works.is_ok_and(|output| output.status.success()) {
        println!("skipped: no lab here: unshare or ip does not work");
        return;
    }
    let output = Command::new("unshare")
        .args(["-Urnpm", "--fork", "--kill-child", "--mount-proc"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("inside::{name}"), "--ignored", "--nocapture"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{complained}");
}
