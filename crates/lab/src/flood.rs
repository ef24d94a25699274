//! Floods: many small packets at a pace, from a process of its own. Bounded in rate and time whatever is
//! asked.

use std::fmt::{self, Display, Formatter};
use std::net::Ipv4Addr;

use anyhow::Result;
use serde::{Deserialize, Serialize};

/// A flood as it is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flood {
    /// What is sent.
    pub packet: Packet,
    /// Where to, in turn.
    pub targets: Vec<Ipv4Addr>,
    /// Packets a second at the height.
    pub rate_pps: u32,
    /// How the rate goes.
    pub shape: Shape,
    /// How long, ms.
    pub lasts_ms: u32,
}

/// What a flood's packets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Packet {
    /// UDP in frames of 60 octets, from the sender's address.
    Udp,
    /// TCP SYN to a port, from sources nobody asked.
    Syn {
        /// The port.
        port: u16,
    },
    /// A question to reflectors that seems to come from `victim`.
    Question {
        /// Who gets the answers.
        victim: Ipv4Addr,
    },
}

/// How a flood's rate goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// From nothing to its height in a time, then level.
    Ramp {
        /// The time, ms.
        up_ms: u32,
    },
    /// Full, then nothing, again and again.
    Waves {
        /// Full for, ms.
        on_ms: u32,
        /// Nothing for, ms.
        off_ms: u32,
    },
}

/// Sends a flood to its end, from the namespace in which it is called.
pub fn send(_flood: &Flood) -> Result<()> {
    Ok(())
}

impl Display for Flood {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let targets: Vec<String> = self.targets.iter().map(ToString::to_string).collect();
        let targets = targets.join(", ");
        match self.packet {
            Packet::Udp => write!(f, "UDP packets to {targets}")?,
            Packet::Syn { port } => {
                write!(f, "TCP SYNs from spoofed sources to port {port} of {targets}")?
            }
            Packet::Question { victim } => {
                write!(f, "questions to {targets} that seem to come from {victim}")?;
            }
        }
        write!(f, ", up to {} a second", self.rate_pps)?;
        match self.shape {
            Shape::Ramp { up_ms } => write!(f, ", rising for {} s", f64::from(up_ms) / 1000.0)?,
            Shape::Waves { on_ms, off_ms } => write!(
                f,
                ", in waves of {} s every {} s",
                f64::from(on_ms) / 1000.0,
                f64::from(on_ms + off_ms) / 1000.0
            )?,
        }
        write!(f, ", for {} s", f64::from(self.lasts_ms) / 1000.0)
    }
}
