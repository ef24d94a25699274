//! Packets that are sent and received by probes, or heard without asking: ICMP (RFC 792, RFC 4443), and of
//! IP and TCP the little that it takes to recognize an answer.
//!
//! Encoding appends to a buffer that is used again; decoding gives views of the octets received.
//! Offsets of what can't be read are counted from the start of what was handed in.

mod checksum;
mod datagram;
mod icmp;
mod ipv4;
mod ipv6;
mod quoted;
mod tcp;
mod unreachable;

pub use checksum::checksum;
pub use datagram::Datagram;
pub use icmp::{Echo, Icmp, IcmpVersion, Trouble};
pub use ipv4::Ipv4;
pub use ipv6::Ipv6;
pub use quoted::{Quoted, QuotedProbe};
pub use tcp::{ACK, RST, SYN, Tcp};
pub use unreachable::trouble_name;
