//! Archives that others wrote, against what others read in them, and broken in every way.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a helper of a test that fails must stop the test; a skip must be seen"
)]

mod archives;
mod bgpdump;
mod bgpkit;
mod broken;
