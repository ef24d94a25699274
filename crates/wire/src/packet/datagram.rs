//! A packet of either family, as far as it takes to know who sent what to whom.

use std::net::IpAddr;

use super::ipv4::Ipv4;
use super::ipv6::Ipv6;
use crate::Malformed;
use crate::cursor::Cursor;

/// Extension headers that are passed over: more are no honest packet's.
const MOST_EXTENSIONS: usize = 8;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// Who sent it, as it says.
    pub from: IpAddr,
    /// To whom.
    pub to: IpAddr,
    /// What it carries: 1 ICMP, 6 TCP, 17 UDP, 58 `ICMPv6`; of IPv6 behind extension headers.
    pub protocol: u8,
    /// What it carries, as far as it was captured; empty for all but the first fragment.
    pub payload: &'a [u8],
}

impl<'a> Datagram<'a> {
    /// Reads a packet from its IP header on. A capture, or whoever quotes it, may have cut it off anywhere
    /// behind that.
    pub fn decode(octets: &'a [u8]) -> Result<Self, Malformed> {
        match octets.first().map(|first| first >> 4) {
            Some(6) => Self::v6(octets),
            _ => Self::v4(octets),
        }
    }

    fn v4(octets: &'a [u8]) -> Result<Self, Malformed> {
        let packet = Ipv4::decode(octets)?;
        let header = octets.len().saturating_sub(packet.payload.len());
        let (total, fragment) = total_and_fragment(octets)?;
        let payload = if fragment == 0 { upto(packet.payload, total, header) } else { &[] };
        let (from, to) = (packet.from.into(), packet.to.into());
        Ok(Self { from, to, protocol: packet.protocol, payload })
    }

    fn v6(octets: &'a [u8]) -> Result<Self, Malformed> {
        let packet = Ipv6::decode(octets)?;
        let mut length = Cursor::new(octets, 0);
        length.take(4, "IPv6 class and label")?;
        let length = length.u16("IPv6 length")?;
        let rest = upto(packet.payload, length, 0);
        let (protocol, payload) = behind_extensions(packet.next_header, rest)?;
        Ok(Self { from: packet.from.into(), to: packet.to.into(), protocol, payload })
    }
}

/// Of a header of IPv4 its total length and where in the packet this fragment belongs.
fn total_and_fragment(octets: &[u8]) -> Result<(u16, u16), Malformed> {
    let mut cursor = Cursor::new(octets, 0);
    cursor.take(2, "IPv4 version and service")?;
    let total = cursor.u16("IPv4 total length")?;
    cursor.take(2, "IPv4 identification")?;
    Ok((total, cursor.u16("IPv4 fragment")? & 0x1FFF))
}

/// The payload of a packet that says how long it is: links fill short packets up. A length of 0 is what a
/// card that cuts packets leaves, and what a jumbogram has.
fn upto(payload: &[u8], told: u16, header: usize) -> &[u8] {
    let length = usize::from(told).checked_sub(header).filter(|_| told > 0);
    length.and_then(|length| payload.get(..length)).unwrap_or(payload)
}

/// Passes over the extension headers of IPv6 (RFC 8200, section 4).
fn behind_extensions(first: u8, rest: &[u8]) -> Result<(u8, &[u8]), Malformed> {
    let (mut protocol, mut cursor) = (first, Cursor::new(rest, Ipv6::HEADER_OCTETS));
    for _ in 0..MOST_EXTENSIONS {
        let skip = match protocol {
            // Hop-by-hop, routing, destination options: their length in eights beyond the first.
            0 | 43 | 60 => {
                protocol = cursor.u8("IPv6 next header")?;
                let eights = usize::from(cursor.u8("IPv6 length of extension")?);
                eights.saturating_mul(8).saturating_add(6)
            }
            // A fragment: only the first has what follows.
            44 => {
                protocol = cursor.u8("IPv6 next header")?;
                cursor.u8("IPv6 reserved")?;
                if cursor.u16("IPv6 fragment")? >> 3 != 0 {
                    return Ok((protocol, &[]));
                }
                4
            }
            _ => break,
        };
        cursor.take(skip, "IPv6 extension")?;
    }
    Ok((protocol, cursor.rest()))
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

    fn check(octets: &[u8], protocol: u8, payload: &[u8]) {
        let packet = Datagram::decode(octets).unwrap();
        assert_eq!((packet.protocol, packet.payload), (protocol, payload), "{octets:?}");
    }

    #[test]
    fn a_packet_ends_where_it_says() {
        check(&V4, 6, b"ab");
        let packet = Datagram::decode(&V4).unwrap();
        assert_eq!(packet.from.to_string(), "10.0.0.1");
        assert_eq!(packet.to.to_string(), "175.45.176.9");
        let mut offloaded = V4;
        offloaded[3] = 0;
        check(&offloaded, 6, b"ab\0\0");
        check(&[&v6(6, b"abc")[..], b"filling"].concat(), 6, b"abc");
    }

    #[test]
    fn later_fragments_carry_no_header() {
        let mut octets = V4;
        octets[7] = 1;
        check(&octets, 6, b"");
        check(&v6(44, b"\x06\0\0\x09\0\0\0\0abc"), 6, b"");
        check(&v6(44, b"\x06\0\0\x01\0\0\0\0abc"), 6, b"abc");
    }

    #[test]
    fn extensions_are_passed_over() {
        check(&v6(60, b"\x06\0\0\0\0\0\0\0abc"), 6, b"abc");
        check(&v6(0, b"\x2B\0\0\0\0\0\0\0\x06\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0abc"), 6, b"abc");
        assert!(Datagram::decode(&v6(60, b"\x06\x01\0\0\0\0\0\0abc")).is_err());
    }

    #[test]
    fn every_truncation_of_a_header_is_told() {
        for length in 0..20 {
            assert!(Datagram::decode(&V4[..length]).is_err(), "{length}");
        }
        let octets = v6(6, b"");
        for length in 0..40 {
            assert!(Datagram::decode(&octets[..length]).is_err(), "{length}");
        }
        assert!(Datagram::decode(&[0x50; 40]).is_err());
    }

    proptest! {
        #[test]
        fn nothing_panics(octets in prop::collection::vec(any::<u8>(), 0..128)) {
            let _read = Datagram::decode(&octets);
        }
    }
}
