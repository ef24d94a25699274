//! The header of TCP (RFC 9293): a SYN to send, and a SYN-ACK or RST to recognize.

use std::net::IpAddr;

use super::checksum::Checksum;
use crate::Malformed;
use crate::cursor::Cursor;

/// Protocol number of TCP.
const TCP: u8 = 6;
/// Octets of a header without options.
const HEADER_OCTETS: usize = 20;

/// The control bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TcpFlags(pub u8);

/// A segment without payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// The sender's port.
    pub from_port: u16,
    /// The receiver's port.
    pub to_port: u16,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgment number: of a SYN, its sequence number and one.
    pub acknowledgment: u32,
    /// Control bits.
    pub flags: TcpFlags,
}

impl TcpFlags {
    /// Asks for a connection.
    pub const SYN: Self = Self(0x02);
    /// Refuses or ends one.
    pub const RST: Self = Self(0x04);
    /// The acknowledgment number counts.
    pub const ACK: Self = Self(0x10);
    /// Agrees to a connection.
    pub const SYN_ACK: Self = Self(0x12);

    /// True where all bits of `other` are set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl Segment {
    /// Reads a header, whole or its first eight octets (RFC 792 quotes no more): then what is missing
    /// is zero.
    pub fn decode_quoted(octets: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(octets, 0);
        let from_port = cursor.u16("TCP source port")?;
        let to_port = cursor.u16("TCP destination port")?;
        let sequence = cursor.u32("TCP sequence number")?;
        let acknowledgment = cursor.u32("TCP acknowledgment number").unwrap_or(0);
        let flags = cursor.u16("TCP flags").map_or(TcpFlags(0), flags_of);
        Ok(Self { from_port, to_port, sequence, acknowledgment, flags })
    }

    /// Reads a whole header; options and payload are passed over.
    pub fn decode(octets: &[u8]) -> Result<Self, Malformed> {
        Cursor::new(octets, 0).take(HEADER_OCTETS, "TCP header")?;
        Self::decode_quoted(octets)
    }

    /// Appends the segment; `None`, and nothing appended, where the addresses are of different
    /// families.
    pub fn encode(&self, from: IpAddr, to: IpAddr, octets: &mut Vec<u8>) -> Option<()> {
        let header = |sum: u16| {
            let mut header = [0u8; HEADER_OCTETS];
            let fields = self.from_port.to_be_bytes().into_iter();
            let fields = fields
                .chain(self.to_port.to_be_bytes())
                .chain(self.sequence.to_be_bytes())
                .chain(self.acknowledgment.to_be_bytes())
                // Five words, the flags, and a window of 1,024.
                .chain([0x50, self.flags.0, 0x04, 0x00])
                .chain(sum.to_be_bytes());
            header.iter_mut().zip(fields).for_each(|(octet, field)| *octet = field);
            header
        };
        let sum = Checksum::pseudo(from, to, TCP, HEADER_OCTETS)?.with(&header(0)).finish();
        octets.extend_from_slice(&header(sum));
        Some(())
    }
}

fn flags_of(offset_and_flags: u16) -> TcpFlags {
    let [_, flags] = offset_and_flags.to_be_bytes();
    TcpFlags(flags & 0x3F)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_segment_is_read_as_it_was_written(
            from_port: u16,
            to_port: u16,
            sequence: u32,
            acknowledgment: u32,
            flags in 0u8..64,
        ) {
            let flags = TcpFlags(flags);
            let segment = Segment { from_port, to_port, sequence, acknowledgment, flags };
            let (from, to) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
            let mut octets = Vec::new();
            segment.encode(from, to, &mut octets).unwrap();
            prop_assert_eq!(Segment::decode(&octets), Ok(segment));
            let sum = Checksum::pseudo(from, to, TCP, octets.len()).unwrap().with(&octets).finish();
            prop_assert_eq!(sum, 0);
            for end in 0..8 {
                prop_assert!(Segment::decode_quoted(&octets[..end]).is_err());
            }
            prop_assert_eq!(Segment::decode_quoted(&octets[..8]).unwrap().sequence, sequence);
            prop_assert!(Segment::decode(&octets[..19]).is_err());
        }
    }

    #[test]
    fn a_syn_ack_has_both_of_its_flags() {
        assert!(TcpFlags::SYN_ACK.has(TcpFlags::SYN));
        assert!(TcpFlags::SYN_ACK.has(TcpFlags::ACK));
        assert!(!TcpFlags::SYN.has(TcpFlags::SYN_ACK));
    }
}
