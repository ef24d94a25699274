//! Floods: many small packets at a pace, from a process of its own. Bounded in rate and time whatever is
//! asked.

mod packets;

use std::fmt::{self, Display, Formatter};
use std::io::IoSlice;
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, MultiHeaders, SockFlag, SockProtocol, SockType, SockaddrIn, sendmmsg,
    socket,
};
use serde::{Deserialize, Serialize};

use crate::faults::Dice;

/// Packets a second at most: what one core sends and forwards.
const MOST_PPS: u32 = 80_000;
/// How long a flood may last.
const LONGEST: Duration = Duration::from_secs(30);
/// How often it is looked at how many packets are due. A full link of 512 kbit/s has room for a frame of 60
/// octets every 0.94 ms: what came in larger pieces would leave most of that room to others (measured: with
/// ticks of 2 ms, 40 times a link's capacity let 45 % of echo requests pass).
const TICK: Duration = Duration::from_micros(100);
/// Packets a system call, and a tick at most: a sender that fell behind does not catch up in a burst.
const BATCH: usize = 256;

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
    /// UDP in frames of 1,414 octets, as bulk traffic has them.
    Bulk,
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

/// Sends a flood to its end, from the namespace in which it is called; `source` is the sender's own
/// address there.
pub fn send(flood: &Flood, source: Ipv4Addr) -> Result<()> {
    if flood.targets.is_empty() {
        bail!("a flood without targets");
    }
    // A raw socket of this protocol takes the IP header from us (raw(7)).
    let raw = socket(AddressFamily::Inet, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::Raw)
        .context("opening a raw socket")?;
    let mut dice = Dice::new(u64::from(flood.rate_pps));
    let mut headers = MultiHeaders::preallocate(BATCH, None);
    let began = Instant::now();
    let mut sent = 0_usize;
    loop {
        let elapsed = began.elapsed();
        if elapsed >= flood.lasts() {
            return Ok(());
        }
        let due = flood.due(elapsed);
        let batch = due.saturating_sub(sent).min(BATCH);
        if batch > 0 {
            let packets: Vec<(Vec<u8>, Ipv4Addr)> = (sent..sent + batch)
                .filter_map(|number| {
                    let target = *flood.targets.get(number % flood.targets.len())?;
                    Some((packets::build(flood.packet, source, target, &mut dice), target))
                })
                .collect();
            hand_over(&raw, &mut headers, &packets)?;
        }
        // What could not be sent in its time is not sent at all.
        sent = if batch == BATCH { due } else { sent + batch };
        std::thread::sleep(TICK);
    }
}

/// Gives packets to the kernel. That one has no room or no way is no failure: it is a flood.
fn hand_over(
    raw: &OwnedFd,
    headers: &mut MultiHeaders<SockaddrIn>,
    packets: &[(Vec<u8>, Ipv4Addr)],
) -> Result<()> {
    let slices: Vec<[IoSlice<'_>; 1]> =
        packets.iter().map(|(octets, _)| [IoSlice::new(octets)]).collect();
    let addresses: Vec<Option<SockaddrIn>> = packets
        .iter()
        .map(|(_, target)| Some(SockaddrIn::from(std::net::SocketAddrV4::new(*target, 0))))
        .collect();
    let given = sendmmsg(raw.as_raw_fd(), headers, &slices, &addresses, [], MsgFlags::empty());
    match given.map(drop) {
        Ok(())
        | Err(
            Errno::ENOBUFS
            | Errno::EAGAIN
            | Errno::EPERM
            | Errno::ENETUNREACH
            | Errno::EHOSTUNREACH
            | Errno::EINVAL
            | Errno::ENETDOWN,
        ) => Ok(()),
        Err(error) => Err(error).context("sending"),
    }
}

impl Flood {
    /// How long it really lasts.
    fn lasts(&self) -> Duration {
        Duration::from_millis(u64::from(self.lasts_ms)).min(LONGEST)
    }

    /// How many packets are due by a time since it began.
    fn due(&self, elapsed: Duration) -> usize {
        let rate = f64::from(self.rate_pps.min(MOST_PPS));
        let elapsed = elapsed.as_secs_f64();
        let full = match self.shape {
            Shape::Ramp { up_ms } => {
                let up = f64::from(up_ms) / 1000.0;
                // The area under the ramp, then under the level.
                if elapsed < up { elapsed * elapsed / (2.0 * up) } else { elapsed - up / 2.0 }
            }
            Shape::Waves { on_ms, off_ms } => {
                let (on, off) = (f64::from(on_ms) / 1000.0, f64::from(off_ms) / 1000.0);
                let period = (on + off).max(0.001);
                let waves = (elapsed / period).floor();
                waves * on + (elapsed - waves * period).min(on)
            }
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most 80,000 a second for 30 s, and never negative"
        )]
        let due = (rate * full) as usize;
        due
    }
}

impl Display for Flood {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let targets: Vec<String> = self.targets.iter().map(ToString::to_string).collect();
        let targets = targets.join(", ");
        match self.packet {
            Packet::Udp => write!(f, "UDP packets to {targets}")?,
            Packet::Bulk => write!(f, "large UDP packets to {targets}")?,
            Packet::Syn { port } => {
                write!(f, "TCP SYNs from spoofed sources to port {port} of {targets}")?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn flood(rate_pps: u32, shape: Shape) -> Flood {
        Flood { packet: Packet::Udp, targets: Vec::new(), rate_pps, shape, lasts_ms: 99_000 }
    }

    #[test]
    fn a_ramp_rises_to_its_height() {
        let flood = flood(1000, Shape::Ramp { up_ms: 10_000 });
        let due = |s: u64| flood.due(Duration::from_secs(s));
        assert_eq!((due(0), due(5), due(10), due(12)), (0, 1250, 5000, 7000));
    }

    #[test]
    fn waves_come_and_go() {
        let flood = flood(100, Shape::Waves { on_ms: 2000, off_ms: 3000 });
        let due = |s: u64| flood.due(Duration::from_secs(s));
        assert_eq!((due(1), due(2), due(5), due(6), due(9)), (100, 200, 200, 300, 400));
    }

    #[test]
    fn nothing_is_faster_or_longer_than_is_bounded() {
        let flood = flood(10_000_000, Shape::Ramp { up_ms: 0 });
        assert_eq!(flood.due(Duration::from_secs(1)), 80_000);
        assert_eq!(flood.lasts(), LONGEST);
    }
}
