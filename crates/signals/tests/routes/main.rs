//! Routes, as small stories: what the peers tell, and what is measured of it.
#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

mod facts;
mod feeds;
mod invariants;
mod scene;
mod sparse;
mod visible;
