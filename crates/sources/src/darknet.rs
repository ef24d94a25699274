//! Darknets: addresses that nobody uses, where what victims of floods with forged sources answer
//! arrives all the same.
//!
//! [`Flows`] infers attacks from packets; [`Packets`] reads them from captures (pcap and pcapng),
//! [`Listener`] from an interface. Both lead through the same inference, so that a capture shows what an
//! interface would have shown.

mod flow;
mod flows;
mod listener;
mod packets;
mod scope;

pub use falter_wire::capture::looks_like_capture;
pub use flows::{DarknetCounts, Flows};
pub use listener::{ListenError, Listener, can_listen};
pub use packets::{CaptureError, Packets};
pub use scope::Scope;
