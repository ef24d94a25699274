//! Darknets: addresses that nobody uses, where what victims of floods with forged sources answer
//! arrives all the same.
//!
//! [`Vectors`] infers attacks from packets; [`Packets`] reads them from captures (pcap and pcapng),
//! [`Listener`] from an interface. Both lead through the same inference, so that a capture replays
//! to what was told live.

mod listener;
mod packets;
mod vector;
mod vectors;

pub use listener::{ListenError, Listener};
pub use packets::{CaptureError, Packets, Taken};
pub use vectors::{DarknetCounts, Vectors};
