//! What can be done to the country, one thing at a time.

use std::fmt::{self, Display, Formatter};
use std::net::Ipv4Addr;

use falter_model::Prefix;

use crate::country::{Link, Service};
use crate::flood::Flood;
use crate::stage::{Policy, ZoneState};

/// One thing that is done to the stage. `Display` gives the words of `truth.toml`.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A cable loses its signal: both ends go down and know it at once.
    Sever(Cable),
    /// A severed cable has its signal again.
    Splice(Cable),
    /// A cable carries nothing, and neither end is told.
    Hush(Cable),
    /// A hushed cable carries everything again.
    Unhush(Cable),
    /// A cable loses packets in both directions.
    Lose {
        /// Which.
        cable: Cable,
        /// Of a thousand packets; zero ends it.
        per_mille: u16,
    },
    /// A cable carries less than planned, in both directions.
    Squeeze {
        /// Which.
        cable: Cable,
        /// What it carries, kbit/s; zero is as planned.
        kbit: u32,
    },
    /// A node has no power any more: its programs are gone and it answers nothing.
    PowerOff {
        /// Which.
        node: String,
        /// Whether neighbors see the signal go.
        signal: Signal,
    },
    /// A node has power again: it boots, and its programs start.
    PowerOn {
        /// Which.
        node: String,
    },
    /// A program is ended in order.
    Stop {
        /// Where.
        node: String,
        /// Which.
        service: Service,
    },
    /// A program ends at once and without a word.
    Crash {
        /// Where.
        node: String,
        /// Which.
        service: Service,
    },
    /// A program is started.
    Start {
        /// Where.
        node: String,
        /// Which.
        service: Service,
    },
    /// A router stops announcing a prefix of its own.
    Withdraw {
        /// Which router.
        node: String,
        /// What.
        prefix: Prefix,
    },
    /// A router announces a prefix of its own again.
    Announce {
        /// Which router.
        node: String,
        /// What.
        prefix: Prefix,
    },
    /// A router gets another policy.
    SetPolicy {
        /// Which router.
        node: String,
        /// What.
        policy: Policy,
    },
    /// A router's session is closed and opened again.
    ResetSession {
        /// Which router.
        node: String,
        /// The session's other side.
        neighbor: String,
    },
    /// Routing makes noise elsewhere: an AS changes an attribute of a route, or takes it back.
    Churn {
        /// Which AS's router.
        node: String,
        /// The attribute is there.
        changed: bool,
    },
    /// A name server's zones change.
    SetZones {
        /// Which server.
        node: String,
        /// To what.
        state: ZoneState,
    },
    /// A web server is upgraded.
    Upgrade {
        /// Which.
        node: String,
        /// How it is afterwards.
        outcome: Outcome,
    },
    /// A node's packet filter gets a rule.
    Filter {
        /// Where.
        node: String,
        /// What it drops.
        drops: Dropped,
    },
    /// A node's packet filter is as planned again.
    Unfilter {
        /// Where.
        node: String,
    },
    /// A router throws away what is for a prefix, though it goes on announcing it.
    NullRoute {
        /// Where.
        node: String,
        /// What.
        prefix: Prefix,
        /// Addresses in it that are forwarded to all the same.
        remainder: Vec<Ipv4Addr>,
    },
    /// A router forwards what is for a prefix again.
    LiftNullRoute {
        /// Where.
        node: String,
        /// What.
        prefix: Prefix,
    },
    /// Packets are sent, more than is good.
    Flood {
        /// From which node.
        node: String,
        /// How.
        flood: Flood,
    },
    /// A flood ends.
    EndFlood {
        /// From which node.
        node: String,
    },
    /// A machine moves to other addresses of the country.
    Renumber {
        /// Which.
        node: String,
        /// From and to.
        moves: Vec<(Ipv4Addr, Ipv4Addr)>,
    },
    /// A machine has its planned addresses again.
    RenumberBack {
        /// Which.
        node: String,
    },
    /// An observer's clock is off; the recorder of a run takes notice, nothing else changes.
    SetClock {
        /// Which observer.
        node: String,
        /// By how much it is ahead, ms; zero is right.
        ahead_ms: i64,
    },
}

/// A cable, by its ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cable {
    /// One end.
    pub left: String,
    /// The other.
    pub right: String,
}

/// What neighbors see when a node goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Their ports lose the signal.
    Lost,
    /// Their ports go on as before; the node is silent.
    Kept,
}

/// How an upgrade goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every page fails inside the server.
    Broken,
    /// As before.
    Right,
}

/// What a rule of a packet filter drops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dropped {
    /// All that comes in or goes out on a device, but what is for or from the remainder and what holds
    /// routing together (TCP port 179).
    Border {
        /// The neighbors towards which it works.
        neighbors: Vec<String>,
        /// Destinations inside that stay reachable.
        remainder: Vec<Ipv4Addr>,
    },
    /// All that is forwarded or arrives, but BGP: a rule too many in one's own firewall.
    Everything,
    /// Echo requests only.
    Echo,
    /// A share of what arrives and is forwarded, in a thousand.
    Share(u16),
}

impl Cable {
    /// The cable between two nodes.
    pub fn between(left: &str, right: &str) -> Self {
        Self { left: left.to_owned(), right: right.to_owned() }
    }

    /// True for the cable of that link.
    pub fn is(&self, link: &Link) -> bool {
        (link.left == self.left && link.right == self.right)
            || (link.left == self.right && link.right == self.left)
    }
}

impl Display for Cable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "the cable between {} and {}", self.left, self.right)
    }
}

impl Display for Dropped {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Border { neighbors, remainder } => {
                write!(f, "everything from and to {}", neighbors.join(" and "))?;
                but(f, remainder.iter())
            }
            Self::Everything => f.write_str("everything but BGP"),
            Self::Echo => f.write_str("echo requests"),
            Self::Share(per_mille) => {
                write!(f, "{} % of all packets", f64::from(*per_mille) / 10.0)
            }
        }
    }
}

/// What is excepted, where anything is.
fn but<'a>(f: &mut Formatter<'_>, remainder: impl Iterator<Item = &'a Ipv4Addr>) -> fmt::Result {
    let listed: Vec<String> = remainder.map(ToString::to_string).collect();
    if listed.is_empty() { Ok(()) } else { write!(f, ", but not for {}", listed.join(", ")) }
}

impl Display for Action {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sever(cable) => write!(f, "{cable} loses its signal"),
            Self::Splice(cable) => write!(f, "{cable} has its signal again"),
            Self::Hush(cable) => write!(f, "{cable} carries nothing, without loss of signal"),
            Self::Unhush(cable) => write!(f, "{cable} carries everything again"),
            Self::Lose { cable, per_mille: 0 } => write!(f, "{cable} loses nothing more"),
            Self::Lose { cable, per_mille } => {
                write!(f, "{cable} loses {} % of packets", f64::from(*per_mille) / 10.0)
            }
            Self::Squeeze { cable, kbit: 0 } => write!(f, "{cable} carries as much as planned"),
            Self::Squeeze { cable, kbit } => write!(f, "{cable} carries {kbit} kbit/s only"),
            Self::PowerOff { node, signal: Signal::Lost } => {
                write!(f, "{node} has no power, and neighbors lose its signal")
            }
            Self::PowerOff { node, signal: Signal::Kept } => {
                write!(f, "{node} has no power; neighbors see silence only")
            }
            Self::PowerOn { node } => write!(f, "{node} has power again and boots"),
            Self::Stop { node, service } => write!(f, "{} of {node} is stopped", service.name()),
            Self::Crash { node, service } => write!(f, "{} of {node} crashes", service.name()),
            Self::Start { node, service } => write!(f, "{} of {node} is started", service.name()),
            Self::Withdraw { node, prefix } => write!(f, "{node} withdraws {prefix}"),
            Self::Announce { node, prefix } => write!(f, "{node} announces {prefix}"),
            Self::SetPolicy { node, policy } => write!(f, "{node} {policy}"),
            Self::ResetSession { node, neighbor } => {
                write!(f, "{node} closes its session with {neighbor} and opens it again")
            }
            Self::Churn { node, changed: true } => {
                write!(f, "{node} adds a community to its route")
            }
            Self::Churn { node, changed: false } => {
                write!(f, "{node} takes the community off its route")
            }
            Self::SetZones { node, state } => write!(f, "zones at {node} are {state}"),
            Self::Upgrade { node, outcome: Outcome::Broken } => {
                write!(f, "an upgrade of the web server of {node} goes wrong")
            }
            Self::Upgrade { node, outcome: Outcome::Right } => {
                write!(f, "the web server of {node} is as it was before the upgrade")
            }
            Self::Filter { node, drops } => write!(f, "the packet filter of {node} drops {drops}"),
            Self::Unfilter { node } => write!(f, "the packet filter of {node} is as planned"),
            Self::NullRoute { node, prefix, remainder } => {
                write!(f, "{node} throws away what is for {prefix}, still announced")?;
                but(f, remainder.iter().filter(|ip| prefix.contains((**ip).into())))
            }
            Self::LiftNullRoute { node, prefix } => write!(f, "{node} forwards to {prefix} again"),
            Self::Flood { node, flood } => write!(f, "{node} sends {flood}"),
            Self::EndFlood { node } => write!(f, "the flood from {node} ends"),
            Self::Renumber { node, moves } => {
                write!(f, "{node} moves {} addresses:", moves.len())?;
                moves.iter().try_for_each(|(from, to)| write!(f, " {from} to {to}"))
            }
            Self::RenumberBack { node } => write!(f, "{node} has its old addresses again"),
            Self::SetClock { node, ahead_ms: 0 } => write!(f, "the clock of {node} is right again"),
            Self::SetClock { node, ahead_ms } => {
                let direction = if *ahead_ms < 0 { "behind" } else { "ahead" };
                write!(f, "the clock of {node} is {} ms {direction}", ahead_ms.unsigned_abs())
            }
        }
    }
}
