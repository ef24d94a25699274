//! What is probed, how, and how much of it.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use falter_model::{ControlKind, Method, Prefix, Text};

/// Everything that probing needs to know.
#[derive(Debug, Clone)]
pub struct ProbingPlan {
    /// Who asks, as observations name it.
    pub vantage: Text,
    /// Whom to write to about the probes; every echo carries it. Must not be empty.
    pub contact: Text,
    /// Who is asked.
    pub targets: Vec<Target>,
    /// By whom the vantage point checks itself.
    pub controls: Vec<ControlTarget>,
    /// Who wants to be left alone: nothing in these is ever asked.
    pub opt_out: Vec<Prefix>,
    /// How much of a TCP connection is made.
    pub handshake: Handshake,
    /// How many packets.
    pub pace: PacePlan,
    /// How often.
    pub rounds: RoundsPlan,
    /// The slow sweep for addresses that answer; `None` for none.
    pub sweep: Option<SweepPlan>,
    /// Traces; `None` for none.
    pub trace: Option<TracePlan>,
}

/// How much of a TCP connection is made where one is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Handshake {
    /// All of it, and it is closed at once.
    #[default]
    Whole,
    /// A SYN: what is agreed to is reset. Takes raw sockets; without them it is whole.
    Half,
}

/// An address of the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Its address.
    pub address: IpAddr,
    /// How it is asked, at least one.
    pub methods: Vec<Method>,
    /// Chance that it answers when all is well, in [0, 1]; seldom answering ones hurry nobody.
    pub availability: f64,
}

/// An address by which the vantage point checks itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlTarget {
    /// Far or near.
    pub kind: ControlKind,
    /// Its address.
    pub address: IpAddr,
    /// How it is asked.
    pub method: Method,
}

/// How many packets are sent at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PacePlan {
    /// In a second, for everything together; more than 0.
    pub total_pps: f64,
    /// No target is asked twice within this.
    pub per_target: Duration,
}

/// How often all are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoundsPlan {
    /// A round when all is well takes this long.
    pub calm: Duration,
    /// A round when something changes.
    pub quick: Duration,
    /// Whoever has not answered by now is silent.
    pub timeout: Duration,
}

/// The slow sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepPlan {
    /// What is swept; prefixes of IPv6 are passed over.
    pub prefixes: Vec<Prefix>,
    /// Packets a second, taken from the total.
    pub pps: f64,
    /// A sweep begins this long after the last one began.
    pub every: Duration,
    /// Where the list of addresses that answer is kept.
    pub state: PathBuf,
}

/// Traces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracePlan {
    /// Where they go.
    pub targets: Vec<IpAddr>,
    /// Each is traced this often.
    pub every: Duration,
    /// No further than this.
    pub most_hops: u8,
}

/// Why there is no probing.
#[derive(Debug, thiserror::Error)]
pub enum ProbingError {
    /// Nobody may be probed by somebody who does not say who it is.
    #[error("no contact is given: probes must say who sends them")]
    NoContact,
    /// A pace that is no pace.
    #[error("{pps} packets a second can't be kept")]
    Pace {
        /// What was asked for.
        pps: f64,
    },
    /// A socket could not be opened.
    #[error("opening a socket for {what}")]
    Socket {
        /// What it is for.
        what: &'static str,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Sending or receiving failed for good.
    #[error("probing")]
    Io(#[from] std::io::Error),
}

impl Default for PacePlan {
    /// 100 packets a second in all, as docs/method.md, "Probing", reckons with; two a second for a
    /// target: as ping does, by each of two methods.
    fn default() -> Self {
        Self { total_pps: 100.0, per_target: Duration::from_millis(500) }
    }
}

impl Default for RoundsPlan {
    /// See docs/method.md, "Probing": 5 s and 1.05 s, so that silence is sure within 15 s; the time-out
    /// of 3 s is trinarkular's.
    fn default() -> Self {
        Self {
            calm: Duration::from_secs(5),
            quick: Duration::from_millis(1_050),
            timeout: Duration::from_secs(3),
        }
    }
}
