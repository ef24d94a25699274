//! Packets as captures hold them: what a link puts before them, and the headers of IPv4 and IPv6
//! (RFC 791, RFC 8200), as far as it takes to know who sent what to whom.

mod link;

use std::net::IpAddr;

use falter_model::Family;

use crate::Malformed;
use crate::cursor::Cursor;

pub use link::Link;

/// ICMP, of IPv4.
pub const ICMP: u8 = 1;
/// TCP.
pub const TCP: u8 = 6;
/// UDP.
pub const UDP: u8 = 17;
/// ICMP, of IPv6.
pub const ICMP_V6: u8 = 58;

/// Extension headers that are passed over: more are no honest packet's.
const MOST_EXTENSIONS: usize = 8;

/// A packet of either family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Captured<'a> {
    /// Who says it sent it.
    pub source: IpAddr,
    /// Where it went.
    pub destination: IpAddr,
    /// What it carries, by the number of its protocol; of IPv6 behind extension headers.
    pub protocol: u8,
    /// What it carries, as far as it was captured; empty for all but the first fragment.
    pub payload: &'a [u8],
}

impl<'a> Captured<'a> {
    /// Reads a packet from its IP header on. A capture may have cut it off anywhere behind that.
    pub fn decode(octets: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(octets, 0);
        let first = cursor.u8("version of IP")?;
        match first >> 4 {
            4 => Self::v4(usize::from(first & 0x0F).saturating_mul(4), &mut cursor),
            6 => Self::v6(&mut cursor),
            version => Err(cursor.value_before(1, "version of IP", "4 or 6", u64::from(version))),
        }
    }

    /// ```text
    /// |Version|  IHL  |Type of Service|          Total Length         |
    /// |         Identification        |Flags|      Fragment Offset    |
    /// |  Time to Live |    Protocol   |         Header Checksum       |
    /// |                       Source Address                          |
    /// |                    Destination Address                        |
    /// |                    Options                    |    Padding    |
    /// ```
    fn v4(header: usize, cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        cursor.u8("type of service")?;
        let total = usize::from(cursor.u16("total length")?);
        cursor.u16("identification")?;
        let fragment = cursor.u16("fragment offset")? & 0x1FFF;
        cursor.u8("time to live")?;
        let protocol = cursor.u8("protocol")?;
        cursor.u16("checksum of the header")?;
        let source = cursor.address(Family::V4, "source")?;
        let destination = cursor.address(Family::V4, "destination")?;
        cursor.take(header.saturating_sub(20), "options")?;
        // Links fill short packets up. A length of 0 is what offloading leaves.
        let length = total.checked_sub(header).unwrap_or(usize::MAX);
        let payload = if fragment == 0 { upto(cursor.rest(), length) } else { &[] };
        Ok(Self { source, destination, protocol, payload })
    }

    /// ```text
    /// |Version| Traffic Class |           Flow Label                  |
    /// |         Payload Length        |  Next Header  |   Hop Limit   |
    /// |                  Source Address (16 octets)                   |
    /// |                Destination Address (16 octets)                |
    /// ```
    fn v6(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        cursor.take(3, "flow label")?;
        let length = usize::from(cursor.u16("payload length")?);
        let mut protocol = cursor.u8("next header")?;
        cursor.u8("hop limit")?;
        let source = cursor.address(Family::V6, "source")?;
        let destination = cursor.address(Family::V6, "destination")?;
        let mut payload = upto(cursor.rest(), if length == 0 { usize::MAX } else { length });
        for _ in 0..MOST_EXTENSIONS {
            let mut extension = Cursor::new(payload, cursor.offset());
            let skip = match protocol {
                // Hop-by-hop, routing, destination options: their length in eights beyond the first.
                0 | 43 | 60 => {
                    protocol = extension.u8("next header")?;
                    usize::from(extension.u8("length of extension")?)
                        .saturating_mul(8)
                        .saturating_add(6)
                }
                // A fragment: only the first has what follows.
                44 => {
                    protocol = extension.u8("next header")?;
                    extension.u8("reserved")?;
                    if extension.u16("fragment offset")? >> 3 != 0 {
                        payload = &[];
                        break;
                    }
                    4
                }
                _ => break,
            };
            extension.take(skip, "extension header")?;
            payload = extension.rest();
        }
        Ok(Self { source, destination, protocol, payload })
    }
}

fn upto(octets: &[u8], length: usize) -> &[u8] {
    octets.get(..length).unwrap_or(octets)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const V4: [u8; 24] =
        [0x45, 0, 0, 22, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 175, 45, 176, 9, b'a', b'b', 0, 0];

    fn v6(next: u8, payload: &[u8]) -> Vec<u8> {
        let mut octets = vec![0x60, 0, 0, 0, 0, u8::try_from(payload.len()).unwrap(), next, 64];
        octets.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        octets.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
        octets.extend(payload);
        octets
    }

    #[test]
    fn ipv4_ends_where_it_says() {
        let packet = Captured::decode(&V4).unwrap();
        assert_eq!(packet.source.to_string(), "10.0.0.1");
        assert_eq!(packet.destination.to_string(), "175.45.176.9");
        assert_eq!((packet.protocol, packet.payload), (TCP, &b"ab"[..]));
    }

    #[test]
    fn later_fragments_carry_no_header() {
        let mut octets = V4;
        octets[7] = 1;
        assert_eq!(Captured::decode(&octets).unwrap().payload, b"");
    }

    #[test]
    fn extensions_are_passed_over() {
        let plain = v6(TCP, b"abc");
        assert_eq!(Captured::decode(&plain).unwrap().payload, b"abc");
        let options = [&[TCP, 0, 0, 0, 0, 0, 0, 0][..], b"abc"].concat();
        let octets = v6(60, &options);
        let packet = Captured::decode(&octets).unwrap();
        assert_eq!((packet.protocol, packet.payload), (TCP, &b"abc"[..]));
        let fragment = [&[TCP, 0, 0, 9, 0, 0, 0, 0][..], b"abc"].concat();
        let octets = v6(44, &fragment);
        let packet = Captured::decode(&octets).unwrap();
        assert_eq!((packet.protocol, packet.payload), (TCP, &b""[..]));
    }

    #[test]
    fn every_truncation_of_a_header_is_told() {
        for length in 0..20 {
            assert!(Captured::decode(&V4[..length]).is_err(), "{length}");
        }
        let octets = v6(TCP, b"");
        for length in 0..40 {
            assert!(Captured::decode(&octets[..length]).is_err(), "{length}");
        }
        assert!(Captured::decode(&[0x50; 40]).is_err());
    }

    proptest! {
        #[test]
        fn nothing_panics(octets in prop::collection::vec(any::<u8>(), 0..128)) {
            let _read = Captured::decode(&octets);
        }
    }
}
