//! Probing addresses: ICMP echo from one thread, at a pace that is never exceeded.
//!
//! A probe carries who sends it and a token, a keyed hash of its target and its time, so that a reply is
//! matched to its probe by what it says alone: what was forged, or answers somebody else, is not taken for
//! a reply. Targets are asked in turn, slowly while all is well and quickly when something changed; between
//! them the profile's addresses are swept for others that answer.

mod pace;
mod prober;
mod schedule;
mod sockets;
mod sweep;
mod targets;
mod tokens;
mod waiting;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use falter_model::{Clock, Controls, Prefix, Text};

use crate::live::Teller;

pub use prober::{Prober, ProbingError};
pub use sockets::{Allowed, allowed};

/// Who is probed, how, and by whom.
pub struct ProbingPlan {
    /// The vantage point's name.
    pub vantage: Text,
    /// Whom to write to about probes: each carries it.
    pub contact: String,
    /// Addresses that are always probed.
    pub targets: Vec<IpAddr>,
    /// Prefixes whose IPv4 addresses are swept for more.
    pub prefixes: Vec<Prefix>,
    /// Addresses by which the vantage point checks itself.
    pub controls: Controls,
    /// Never probed.
    pub opt_out: Vec<Prefix>,
    /// Packets a second to all targets together.
    pub packets_per_second: u32,
    /// Packets a second to one target at most.
    pub per_target: f64,
    /// The file that keeps what the sweep found.
    pub found: PathBuf,
    /// Where facts go.
    pub teller: Teller,
    /// What time it is.
    pub clock: Arc<dyn Clock + Send + Sync>,
    /// Told, in words, of what goes wrong with probing itself, and whether it works.
    pub listener: Listener,
}

/// Whoever is told how probing goes: whether it works, and what happened.
pub type Listener = Arc<dyn Fn(bool, &str) + Send + Sync>;

impl std::fmt::Debug for ProbingPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProbingPlan")
            .field("vantage", &self.vantage)
            .field("targets", &self.targets)
            .finish_non_exhaustive()
    }
}
