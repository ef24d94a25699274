//! Attacks from what arrives at a darknet: thresholds just met and just missed, every form of capture,
//! damaged files, a flood in the testbed, and an interface of a namespace.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a helper that fails must stop the test, and a test that can't run says so"
)]

mod captures;
mod flows;
mod inside;
mod interface;
#[path = "../namespaces/mod.rs"]
mod namespaces;
mod packets;
mod peer;
mod recorded;
