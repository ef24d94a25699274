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
#[path = "../namespaces/mod.rs"]
mod namespaces;
mod stage;

use namespaces::run_inside;

#[test]
fn every_method_is_answered_and_told() {
    run_inside("inside::every_method");
}

#[test]
fn a_connection_that_is_left_half_open_is_noticed_by_nobody() {
    run_inside("inside::half_open");
}

#[test]
fn an_unreachable_host_is_told_with_who_says_so() {
    run_inside("inside::unreachable");
}

#[test]
fn our_own_uplink_is_no_fault_of_the_target() {
    run_inside("inside::own_uplink");
}

#[test]
fn a_sweep_finds_every_address_that_answers() {
    run_inside("inside::sweep_finds_all");
}

#[test]
fn a_trace_tells_every_hop() {
    run_inside("inside::trace_hops");
}

#[test]
fn without_raw_sockets_datagram_sockets_do() {
    run_inside("inside::datagram");
}
