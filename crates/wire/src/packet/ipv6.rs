//! The header of IPv6 (RFC 8200). Extension headers are not walked: probes have none.

use std::net::Ipv6Addr;

use crate::Malformed;
use crate::cursor::Cursor;

/// What of a header matters to a probe, and what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ipv6<'a> {
    /// Who sent it, as it says.
    pub from: Ipv6Addr,
    /// To whom.
    pub to: Ipv6Addr,
    /// Hops that are left.
    pub hop_limit: u8,
    /// 58 `ICMPv6`, 6 TCP, 17 UDP, or an extension.
    pub next_header: u8,
    /// What follows the header.
    pub payload: &'a [u8],
}

impl<'a> Ipv6<'a> {
    /// Octets of the header.
    pub const HEADER_OCTETS: usize = 40;

    /// Reads a packet, whole or cut after its header.
    pub fn decode(octets: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(octets, 0);
        let first = cursor.u8("IPv6 version")?;
        if first >> 4 != 6 {
            return Err(cursor.value_before(1, "IPv6 version", "version 6", first.into()));
        }
        cursor.take(5, "IPv6 class, label and length")?;
        let [next_header, hop_limit] = cursor.array("IPv6 next header and hop limit")?;
        let from: [u8; 16] = cursor.array("IPv6 source")?;
        let to: [u8; 16] = cursor.array("IPv6 destination")?;
        let payload = cursor.rest();
        Ok(Self { from: from.into(), to: to.into(), hop_limit, next_header, payload })
    }

    /// Appends the packet; `None`, and nothing appended, where the payload is too long.
    pub fn encode(&self, to: &mut Vec<u8>) -> Option<()> {
        let [length_0, length_1] = u16::try_from(self.payload.len()).ok()?.to_be_bytes();
        let head = [0x60, 0, 0, 0, length_0, length_1, self.next_header, self.hop_limit];
        to.extend_from_slice(&head);
        to.extend_from_slice(&self.from.octets());
        to.extend_from_slice(&self.to.octets());
        to.extend_from_slice(self.payload);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_packet_is_read_as_it_was_written(
            from: [u8; 16],
            to: [u8; 16],
            hop_limit: u8,
            next_header: u8,
            payload in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            let (from, to) = (from.into(), to.into());
            let packet = Ipv6 { from, to, hop_limit, next_header, payload: &payload };
            let mut octets = Vec::new();
            packet.encode(&mut octets).unwrap();
            prop_assert_eq!(Ipv6::decode(&octets), Ok(packet));
            for end in 0..40 {
                prop_assert!(Ipv6::decode(&octets[..end]).is_err());
            }
        }
    }
}
