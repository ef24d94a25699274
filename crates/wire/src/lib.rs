//! Octets to values and back: MRT archives (RFC 6396, RFC 8050), the stream of a router's BMP
//! (RFC 7854, 8671, 9069) and the BGP UPDATE in both (RFC 4271, 4760, 6793, 7606, 7911, 7999); the
//! JSON of RIS Live.
//!
//! Pure: no I/O, no clock, no allocation for an elem. A reader keeps a window of a stream and asks
//! [`mrt::frame`] for the next record, [`mrt::Record::decode`] for what kind of record it is, and
//! [`mrt::Record::visit`] for its elems. Everything inside an elem is a view into the window: the
//! origin, the path or the communities are decoded when somebody asks for them.
//!
//! Input that can't be read is a value too: a [`Fault`] says where in the record, what was expected,
//! what was found, and what it cost. What stood before it is kept.
//!
//! [`packet`] is what probes send and hear: ICMP, and the headers around it. [`capture`] reads the files
//! that packets are kept in, [`backscatter`] tells what a packet at an unused address is.
//!
//! [`mrt::Writer`] goes the other way, for tests and generated archives.

#![warn(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

pub mod backscatter;
pub mod bgp;
pub mod bmp;
pub mod capture;
mod cursor;
mod fault;
pub mod mrt;
pub mod packet;
pub mod ris_live;

pub use fault::{Cost, Fault, Malformed};
