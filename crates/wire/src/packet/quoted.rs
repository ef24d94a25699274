//! The packet that an ICMP trouble quotes: whose probe it was.

use std::net::IpAddr;

use super::icmp::IcmpVersion;
use super::ipv4::Ipv4;
use super::ipv6::Ipv6;
use crate::Malformed;
use crate::cursor::Cursor;

/// A quoted packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quoted<'a> {
    /// Who sent it.
    pub from: IpAddr,
    /// To whom.
    pub to: IpAddr,
    /// What it was.
    pub probe: QuotedProbe<'a>,
}

/// What kind of probe was quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotedProbe<'a> {
    /// An echo request.
    Echo {
        /// Identifier.
        id: u16,
        /// Sequence number.
        sequence: u16,
        /// As much of the payload as was quoted, perhaps nothing.
        payload: &'a [u8],
    },
    /// The beginning of a TCP segment: ports and sequence number are always quoted (RFC 792).
    Tcp {
        /// Who sent it.
        from_port: u16,
        /// To whom.
        to_port: u16,
        /// The number of its first octet.
        sequence: u32,
    },
    /// Any other protocol, by its number.
    Other(u8),
}

impl<'a> Quoted<'a> {
    /// Reads what follows the eight octets of a trouble.
    pub fn decode(octets: &'a [u8], version: IcmpVersion) -> Result<Self, Malformed> {
        let (from, to, protocol, payload) = match version {
            IcmpVersion::V4 => {
                let packet = Ipv4::decode(octets)?;
                (packet.from.into(), packet.to.into(), packet.protocol, packet.payload)
            }
            IcmpVersion::V6 => {
                let packet = Ipv6::decode(octets)?;
                (packet.from.into(), packet.to.into(), packet.next_header, packet.payload)
            }
        };
        Ok(Self { from, to, probe: QuotedProbe::decode(protocol, payload, version)? })
    }
}

impl<'a> QuotedProbe<'a> {
    /// Reads what follows the header of IP.
    pub fn decode(
        protocol: u8,
        payload: &'a [u8],
        version: IcmpVersion,
    ) -> Result<Self, Malformed> {
        match protocol {
            1 | 58 => echo(payload, version),
            6 => segment(payload),
            _ => Ok(Self::Other(protocol)),
        }
    }
}

fn segment(payload: &[u8]) -> Result<QuotedProbe<'_>, Malformed> {
    let mut cursor = Cursor::new(payload, 0);
    let from_port = cursor.u16("quoted TCP source port")?;
    let to_port = cursor.u16("quoted TCP destination port")?;
    let sequence = cursor.u32("quoted TCP sequence number")?;
    Ok(QuotedProbe::Tcp { from_port, to_port, sequence })
}

fn echo(payload: &[u8], version: IcmpVersion) -> Result<QuotedProbe<'_>, Malformed> {
    let mut cursor = Cursor::new(payload, 0);
    let kind = cursor.u8("quoted ICMP type")?;
    if kind != version.request() {
        return Err(cursor.value_before(1, "quoted ICMP type", "an echo request", kind.into()));
    }
    cursor.take(3, "quoted ICMP code and checksum")?;
    let id = cursor.u16("quoted ICMP identifier")?;
    let sequence = cursor.u16("quoted ICMP sequence number")?;
    Ok(QuotedProbe::Echo { id, sequence, payload: cursor.rest() })
}

#[cfg(test)]
mod tests {
    use super::super::{Echo, Icmp, SYN, Tcp};
    use super::*;

    /// A trouble as a router sends it: eight octets, then the packet, cut after `quoted` octets.
    fn trouble(packet: &[u8], quoted: usize) -> Vec<u8> {
        let mut octets = vec![3, 1, 0, 0, 0, 0, 0, 0];
        octets.extend_from_slice(&packet[..quoted]);
        octets
    }

    #[test]
    fn eight_quoted_octets_are_enough() {
        let mut echo = Vec::new();
        Echo { id: 7, sequence: 9, payload: b"falter" }.encode_request(IcmpVersion::V4, &mut echo);
        let (from, to) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let mut packet = Vec::new();
        Ipv4 { from, to, ttl: 1, protocol: 1, payload: &echo }.encode(&mut packet).unwrap();
        for quoted in 0..=packet.len() {
            let octets = trouble(&packet, quoted);
            let Ok(Icmp::Trouble(read)) = Icmp::decode(&octets, IcmpVersion::V4) else { panic!() };
            assert_eq!(read.quoted.is_some(), quoted >= 28, "{quoted}");
            if let Some(read) = read.quoted {
                let payload = &packet[28..quoted];
                assert_eq!(read.probe, QuotedProbe::Echo { id: 7, sequence: 9, payload });
                assert_eq!(read.to, IpAddr::V4(to));
            }
        }
    }

    #[test]
    fn a_quoted_segment_tells_its_ports_and_number() {
        let syn = Tcp { from_port: 40_000, to_port: 80, sequence: 7, acknowledgment: 0, bits: SYN };
        let mut segment = Vec::new();
        syn.encode([192, 0, 2, 1].into(), [192, 0, 2, 2].into(), &mut segment).unwrap();
        let quoted = QuotedProbe::decode(6, &segment[..8], IcmpVersion::V4).unwrap();
        assert_eq!(quoted, QuotedProbe::Tcp { from_port: 40_000, to_port: 80, sequence: 7 });
        assert!(QuotedProbe::decode(6, &segment[..7], IcmpVersion::V4).is_err());
    }

    #[test]
    fn a_quoted_answer_is_not_ours() {
        let mut echo = Vec::new();
        Echo { id: 7, sequence: 9, payload: &[] }.encode_reply(IcmpVersion::V4, &mut echo);
        assert!(QuotedProbe::decode(1, &echo, IcmpVersion::V4).is_err());
    }
}
