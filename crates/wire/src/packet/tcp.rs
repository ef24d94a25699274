//! The header of TCP (RFC 9293), as much of it as asking for a connection takes.

use std::net::IpAddr;

use super::checksum::Checksum;
use crate::Malformed;
use crate::cursor::Cursor;

/// Control bits (RFC 9293, section 3.1).
pub const SYN: u8 = 0x02;
/// See [`SYN`].
pub const RST: u8 = 0x04;
/// See [`SYN`].
pub const ACK: u8 = 0x10;

/// The protocol's number (IANA).
const TCP: u8 = 6;
/// The header's length without options, in words, in the high half of its octet.
const FIVE_WORDS: u8 = 5 << 4;
/// The window that is offered: nothing is ever sent into it.
const WINDOW: u16 = 1024;

/// What of a header matters to a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tcp {
    /// Who sent it.
    pub from_port: u16,
    /// To whom.
    pub to_port: u16,
    /// The number of its first octet.
    pub sequence: u32,
    /// The number of the octet that is expected next; counts with [`ACK`].
    pub acknowledgment: u32,
    /// [`SYN`], [`RST`], [`ACK`] and others.
    pub bits: u8,
}

impl Tcp {
    /// Reads a header, whole or cut after its control bits.
    pub fn decode(octets: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(octets, 0);
        let from_port = cursor.u16("TCP source port")?;
        let to_port = cursor.u16("TCP destination port")?;
        let sequence = cursor.u32("TCP sequence number")?;
        let acknowledgment = cursor.u32("TCP acknowledgment number")?;
        cursor.u8("TCP data offset")?;
        let bits = cursor.u8("TCP control bits")?;
        Ok(Self { from_port, to_port, sequence, acknowledgment, bits })
    }

    /// Appends a segment without data. Both addresses, of one family, are in its checksum; `None`, and
    /// nothing appended, where they are of two.
    pub fn encode(&self, from: IpAddr, whom: IpAddr, to: &mut Vec<u8>) -> Option<()> {
        let pseudo = pseudo_header(from, whom)?;
        let mut segment = Vec::with_capacity(usize::from(OCTETS));
        segment.extend_from_slice(&self.from_port.to_be_bytes());
        segment.extend_from_slice(&self.to_port.to_be_bytes());
        segment.extend_from_slice(&self.sequence.to_be_bytes());
        segment.extend_from_slice(&self.acknowledgment.to_be_bytes());
        segment.extend_from_slice(&[FIVE_WORDS, self.bits]);
        segment.extend_from_slice(&WINDOW.to_be_bytes());
        let sum = Checksum::default().with(&pseudo).with(&segment).finish();
        segment.extend_from_slice(&sum.to_be_bytes());
        // No urgent data.
        segment.extend_from_slice(&[0, 0]);
        to.extend_from_slice(&segment);
        Some(())
    }
}

/// Octets of a header without options.
const OCTETS: u16 = 20;

/// What is summed up besides the segment (RFC 9293, section 3.1; RFC 8200, section 8.1). Of both families
/// the same words in another order, which a sum does not see.
fn pseudo_header(from: IpAddr, to: IpAddr) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(36);
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            octets.extend_from_slice(&from.octets());
            octets.extend_from_slice(&to.octets());
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            octets.extend_from_slice(&from.octets());
            octets.extend_from_slice(&to.octets());
        }
        _ => return None,
    }
    octets.extend_from_slice(&[0, TCP]);
    octets.extend_from_slice(&OCTETS.to_be_bytes());
    Some(octets)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::checksum;
    use super::*;

    const SEGMENT: Tcp =
        Tcp { from_port: 40_000, to_port: 80, sequence: 0x0102_0304, acknowledgment: 0, bits: SYN };

    fn encoded(from: IpAddr, to: IpAddr) -> Vec<u8> {
        let mut octets = Vec::new();
        SEGMENT.encode(from, to, &mut octets).unwrap();
        octets
    }

    #[test]
    fn what_is_sent_holds_its_own_checksum() {
        let v4: [IpAddr; 2] = ["192.0.2.1".parse().unwrap(), "198.51.100.2".parse().unwrap()];
        let v6: [IpAddr; 2] = ["2001:db8::1".parse().unwrap(), "2001:db8:1::2".parse().unwrap()];
        for [from, to] in [v4, v6] {
            let segment = encoded(from, to);
            let all = [pseudo_header(from, to).unwrap(), segment].concat();
            assert_eq!(checksum(&all), 0);
        }
        assert_eq!(SEGMENT.encode(v4[0], v6[0], &mut Vec::new()), None);
    }

    #[test]
    fn a_segment_is_read_as_it_was_written_and_every_truncation_is_told() {
        let octets = encoded([192, 0, 2, 1].into(), [198, 51, 100, 2].into());
        assert_eq!(Tcp::decode(&octets), Ok(SEGMENT));
        for length in 0..octets.len() {
            assert_eq!(Tcp::decode(&octets[..length]).is_ok(), length >= 14, "{length}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(octets in prop::collection::vec(any::<u8>(), 0..64)) {
            let _read = Tcp::decode(&octets);
        }
    }
}
