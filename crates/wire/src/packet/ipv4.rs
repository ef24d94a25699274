//! The header of IPv4 (RFC 791).

use std::net::Ipv4Addr;

use super::checksum::Checksum;
use crate::Malformed;
use crate::cursor::Cursor;

/// What of a header matters to a probe, and what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ipv4<'a> {
    /// Who sent it, as it says.
    pub from: Ipv4Addr,
    /// To whom.
    pub to: Ipv4Addr,
    /// Time to live that is left.
    pub ttl: u8,
    /// 1 ICMP, 6 TCP, 17 UDP.
    pub protocol: u8,
    /// What follows the header; a quoted packet may be cut.
    pub payload: &'a [u8],
}

impl<'a> Ipv4<'a> {
    /// Octets of a header without options.
    pub const HEADER_OCTETS: usize = 20;

    /// Reads a packet, whole or cut after its header.
    pub fn decode(octets: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(octets, 0);
        let first = cursor.u8("IPv4 version")?;
        let words = first & 0x0F;
        if first >> 4 != 4 || words < 5 {
            let expected = "version 4 and five words or more";
            return Err(cursor.value_before(1, "IPv4 version", expected, first.into()));
        }
        cursor.take(7, "IPv4 service, length and fragment")?;
        let [ttl, protocol] = cursor.array("IPv4 time to live and protocol")?;
        cursor.take(2, "IPv4 checksum")?;
        let from: [u8; 4] = cursor.array("IPv4 source")?;
        let to: [u8; 4] = cursor.array("IPv4 destination")?;
        let options = usize::from(words.saturating_sub(5)).saturating_mul(4);
        cursor.take(options, "IPv4 options")?;
        let payload = cursor.rest();
        Ok(Self { from: from.into(), to: to.into(), ttl, protocol, payload })
    }

    /// Appends the packet; `None`, and nothing appended, where the payload is too long.
    pub fn encode(&self, to: &mut Vec<u8>) -> Option<()> {
        let length = Self::HEADER_OCTETS.checked_add(self.payload.len())?;
        let [length_0, length_1] = u16::try_from(length).ok()?.to_be_bytes();
        let head = [0x45, 0, length_0, length_1, 0, 0, 0x40, 0, self.ttl, self.protocol];
        let (from, whom) = (self.from.octets(), self.to.octets());
        let sum = Checksum::default().with(&head).with(&from).with(&whom).finish();
        to.extend_from_slice(&head);
        to.extend_from_slice(&sum.to_be_bytes());
        to.extend_from_slice(&from);
        to.extend_from_slice(&whom);
        to.extend_from_slice(self.payload);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::checksum;
    use super::*;

    proptest! {
        #[test]
        fn a_packet_is_read_as_it_was_written(
            from: [u8; 4],
            to: [u8; 4],
            ttl: u8,
            protocol: u8,
            payload in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            let (from, to) = (from.into(), to.into());
            let packet = Ipv4 { from, to, ttl, protocol, payload: &payload };
            let mut octets = Vec::new();
            packet.encode(&mut octets).unwrap();
            prop_assert_eq!(Ipv4::decode(&octets), Ok(packet));
            prop_assert_eq!(checksum(&octets[..20]), 0);
            for end in 0..20 {
                prop_assert!(Ipv4::decode(&octets[..end]).is_err());
            }
        }
    }

    #[test]
    fn options_are_passed_over_and_others_refused() {
        let mut octets = vec![0x46, 0, 0, 25, 0, 0, 0, 0, 9, 1, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2];
        octets.extend_from_slice(&[7, 7, 7, 7, 42]);
        assert_eq!(Ipv4::decode(&octets).unwrap().payload, [42]);
        octets[0] = 0x44;
        assert!(Ipv4::decode(&octets).is_err());
        octets[0] = 0x65;
        assert!(Ipv4::decode(&octets).is_err());
    }
}
