//! Live feeds of routes, against servers of our own and real daemons.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

mod bmp;
mod gobgp;
mod lines;
mod ris_live;
