//! Live feeds of routes, against servers of our own and real daemons.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper that fails must stop the test"
)]
#![expect(clippy::print_stdout, reason = "says what was skipped")]

mod bmp;
mod frr;
mod gobgp;
mod lines;
#[path = "../namespaces/mod.rs"]
mod namespaces;
mod ris_live;
mod ris_live_of_archives;
