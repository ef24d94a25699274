//! Probing over real sockets, in network namespaces of the test's own: nothing leaves the machine.
//!
//! Each test runs itself again under `unshare`, builds vantage point - router - network there, and asks.
//! All addresses of 198.18.0.0/22 answer in the network; 203.0.113.1 is the router.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a helper that fails must stop the test, and a test that can't run says so"
)]

mod inside;
mod stage;

use std::process::{Command, Stdio};

/// Says so and gives false where there are no namespaces.
fn has_namespaces() -> bool {
    let output = Command::new("unshare").args(["-Urnm", "ip", "link"]).output();
    let works = output.is_ok_and(|output| output.status.success())
        && Command::new("nft").arg("--version").output().is_ok();
    if !works {
        println!("skipped: no lab here: unshare, ip or nft does not work");
    }
    works
}

/// Runs the ignored test of that name in namespaces of its own.
fn run_inside(name: &str) {
    if !has_namespaces() {
        return;
    }
    let itself = std::env::current_exe().unwrap();
    let output = Command::new("unshare")
        .args(["-Urnpm", "--fork", "--kill-child", "--mount-proc"])
        .arg(itself)
        .args(["--exact", &format!("inside::{name}"), "--ignored", "--nocapture"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complained}");
    assert!(said.contains("1 passed"), "{said}\n{complained}");
    println!("{said}");
}

#[test]
fn every_method_is_answered_and_told() {
    run_inside("every_method");
}

#[test]
fn a_connection_that_is_left_half_open_is_noticed_by_nobody() {
    run_inside("half_open");
}

#[test]
fn an_unreachable_host_is_told_with_who_says_so() {
    run_inside("unreachable");
}

#[test]
fn our_own_uplink_is_no_fault_of_the_target() {
    run_inside("own_uplink");
}

#[test]
fn a_sweep_finds_every_address_that_answers() {
    run_inside("sweep_finds_all");
}

#[test]
fn a_trace_tells_every_hop() {
    run_inside("trace_hops");
}

#[test]
fn without_raw_sockets_datagram_sockets_do() {
    run_inside("datagram");
}
