//! A run's time mapped onto a calendar: a minute of the machine becomes minutes or hours of a recording.
//!
//! [`Calendar`] is the map; the rest applies it to the forms in which a run is kept: MRT, BMP and pcap.
//! All of them keep every record and its order.

mod bmp;
mod growth;
mod mrt;
mod pcap;

use falter_model::Timestamp;

pub use bmp::messages;
pub use growth::{Growth, Watch};
pub use mrt::{RestampError, table, updates};
pub use pcap::packets;

/// The map: linear, from the moment at which the run's recording began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// By the machine's clock.
    began: Timestamp,
    /// The same moment on the calendar.
    start: Timestamp,
    /// What a second becomes, in seconds.
    slower: u32,
}

impl Calendar {
    /// Maps `began` to `start`, and a second after it to `slower` seconds.
    pub const fn new(began: Timestamp, start: Timestamp, slower: u32) -> Self {
        Self { began, start, slower }
    }

    /// When a moment of the machine is on the calendar.
    pub fn there(&self, at: Timestamp) -> Timestamp {
        self.start + (at - self.began).times(i64::from(self.slower))
    }

    /// When the recording begins.
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// What a second becomes, in seconds.
    pub const fn slower(&self) -> u32 {
        self.slower
    }
}

/// Seconds and microseconds as the headers of captures hold them; `None` before 1970 and after 2106.
fn split(at: Timestamp) -> Option<(u32, u32)> {
    let seconds = u32::try_from(at.seconds()).ok()?;
    let micros = u32::try_from(at.micros().rem_euclid(1_000_000)).ok()?;
    Some((seconds, micros))
}
