//! ICMP echo and errors, of both families (RFC 792, RFC 4443).
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |     Type      |     Code      |          Checksum             |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |           Identifier          |        Sequence Number        |   of an echo
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |     Data: of an error, the packet that caused it
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

mod quoted;

use falter_model::Family;

use crate::Malformed;
use crate::cursor::Cursor;

pub use quoted::Quoted;

/// Types of echo request and reply, by family.
const ECHO_V4: (u8, u8) = (8, 0);
/// See [`ECHO_V4`].
const ECHO_V6: (u8, u8) = (128, 129);

/// A message that says something of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icmp<'a> {
    /// An answer to an echo.
    EchoReply {
        /// As it was asked.
        id: u16,
        /// As it was asked.
        sequence: u16,
        /// As it was asked.
        payload: &'a [u8],
    },
    /// Somebody could not deliver a packet.
    Unreachable {
        /// Why: `net`, `host`, `port`, `admin`, `ttl`, ...
        code: &'static str,
        /// The packet, as far as it is quoted.
        quoted: Quoted<'a>,
    },
    /// Anything else, by its type.
    Other(u8),
}

/// An echo request. For IPv6 the kernel fills in the checksum, which covers addresses too.
pub fn echo_request(family: Family, id: u16, sequence: u16, payload: &[u8]) -> Vec<u8> {
    let kind = match family {
        Family::V4 => ECHO_V4.0,
        Family::V6 => ECHO_V6.0,
    };
    let mut octets = Vec::with_capacity(payload.len().saturating_add(8));
    octets.extend([kind, 0, 0, 0]);
    octets.extend(id.to_be_bytes());
    octets.extend(sequence.to_be_bytes());
    octets.extend(payload);
    if family == Family::V4 {
        let sum = checksum(&octets).to_be_bytes();
        if let Some(field) = octets.get_mut(2..4) {
            field.copy_from_slice(&sum);
        }
    }
    octets
}

/// The Internet checksum (RFC 1071); 0 over what carries its own.
pub fn checksum(octets: &[u8]) -> u16 {
    let words = octets.chunks(2).map(|pair| match pair {
        [high, low] => u16::from_be_bytes([*high, *low]),
        [high] => u16::from_be_bytes([*high, 0]),
        _ => 0,
    });
    let mut sum: u64 = words.map(u64::from).fold(0, u64::wrapping_add);
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF).wrapping_add(sum >> 16);
    }
    #[expect(clippy::cast_possible_truncation, reason = "folded to 16 bits")]
    let sum = sum as u16;
    !sum
}

impl<'a> Icmp<'a> {
    /// Reads a message without its IP header. IPv4's checksum must be right; IPv6's the kernel checks.
    pub fn decode(family: Family, octets: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(octets, 0);
        let kind = cursor.u8("type of ICMP")?;
        let code = cursor.u8("code of ICMP")?;
        let sum = cursor.u16("checksum of ICMP")?;
        if family == Family::V4 && checksum(octets) != 0 {
            return Err(cursor.value_before(
                2,
                "checksum of ICMP",
                "that of the message",
                sum.into(),
            ));
        }
        let reply = if family == Family::V4 { ECHO_V4.1 } else { ECHO_V6.1 };
        if kind == reply {
            let (id, sequence) = (cursor.u16("identifier")?, cursor.u16("sequence number")?);
            return Ok(Self::EchoReply { id, sequence, payload: cursor.rest() });
        }
        let Some(code) = unreachable(family, kind, code) else { return Ok(Self::Other(kind)) };
        cursor.u32("unused")?;
        Ok(Self::Unreachable { code, quoted: Quoted::read(family, &mut cursor)? })
    }
}

/// The message of an IPv4 packet: what follows its header, as raw sockets give it.
pub fn after_ipv4(packet: &[u8]) -> Option<&[u8]> {
    let words = packet.first().filter(|first| *first >> 4 == 4)? & 0x0F;
    packet.get(usize::from(words).checked_mul(4)?..)
}

/// In words, what RFC 792, RFC 1812 (section 5.2.7.1) and RFC 4443 number.
const fn unreachable(family: Family, kind: u8, code: u8) -> Option<&'static str> {
    Some(match (family, kind, code) {
        (Family::V4, 3, 0 | 6 | 11) | (Family::V6, 1, 0) => "net",
        (Family::V4, 3, 1 | 7 | 12) | (Family::V6, 1, 3) => "host",
        (Family::V4, 3, 2) => "protocol",
        (Family::V4, 3, 3) | (Family::V6, 1, 4) => "port",
        (Family::V4, 3, 4) | (Family::V6, 2, _) => "too-big",
        (Family::V4, 3, 9 | 10 | 13) | (Family::V6, 1, 1 | 5 | 6) => "admin",
        (Family::V4, 3, _) | (Family::V6, 1, _) => "other",
        (Family::V4, 11, _) | (Family::V6, 3, _) => "ttl",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_echo_comes_back_as_it_was_sent() {
        let mut octets = echo_request(Family::V4, 7, 300, b"who@example.org");
        assert_eq!((octets[0], checksum(&octets)), (8, 0));
        octets[0] = 0;
        // The sum of the request, eight more in the upper octet of a word.
        let sum = u16::from_be_bytes([octets[2], octets[3]]).wrapping_add(0x0800).to_be_bytes();
        octets[2..4].copy_from_slice(&sum);
        let reply = Icmp::decode(Family::V4, &octets).unwrap();
        let payload = b"who@example.org";
        assert_eq!(reply, Icmp::EchoReply { id: 7, sequence: 300, payload });
        octets[9] ^= 1;
        let error = Icmp::decode(Family::V4, &octets).unwrap_err().to_string();
        assert!(error.starts_with("checksum of ICMP at octet 2: expected that of"), "{error}");
    }

    /// RFC 1071, section 3.
    #[test]
    fn the_checksum_is_the_internet_s() {
        assert_eq!(checksum(&[0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]), !0xDDF2);
        assert_eq!(checksum(&[0x01]), !0x0100);
    }

    #[test]
    fn a_router_s_error_quotes_the_probe() {
        let echo = echo_request(Family::V4, 7, 300, b"token");
        let header = [0x45, 0, 0, 33, 0, 0, 0, 0, 1, 1, 0, 0, 10, 0, 0, 1, 175, 45, 176, 9];
        let mut octets = [&[3, 1, 0, 0, 0, 0, 0, 0][..], &header, &echo].concat();
        let sum = checksum(&octets).to_be_bytes();
        octets[2..4].copy_from_slice(&sum);
        let Icmp::Unreachable { code, quoted } = Icmp::decode(Family::V4, &octets).unwrap() else {
            panic!("no error");
        };
        assert_eq!(code, "host");
        assert_eq!(quoted.destination.to_string(), "175.45.176.9");
        assert_eq!(quoted.echo(), Some((7, 300)));
    }

    #[test]
    fn codes_have_words() {
        for (family, kind, code, expected) in [
            (Family::V4, 3, 0, Some("net")),
            (Family::V4, 3, 13, Some("admin")),
            (Family::V4, 11, 0, Some("ttl")),
            (Family::V4, 5, 0, None),
            (Family::V6, 1, 3, Some("host")),
            (Family::V6, 3, 0, Some("ttl")),
            (Family::V6, 128, 0, None),
        ] {
            assert_eq!(unreachable(family, kind, code), expected, "{family:?} {kind}/{code}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(octets in prop::collection::vec(any::<u8>(), 0..128), v6 in any::<bool>()) {
            let family = if v6 { Family::V6 } else { Family::V4 };
            if let Ok(Icmp::Unreachable { quoted, .. }) = Icmp::decode(family, &octets) {
                quoted.echo();
            }
            after_ipv4(&octets);
        }
    }
}
