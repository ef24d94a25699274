//! What links put before a packet, by the numbers of captures
//! (www.tcpdump.org/linktypes.html).

use crate::cursor::Cursor;
use crate::{Cost, Fault};

/// A kind of link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// Ethernet: two addresses of 6 octets, perhaps tags (IEEE 802.1Q), a type.
    Ethernet,
    /// Nothing.
    Raw,
    /// Linux, "cooked": 16 octets, the type in the last two.
    Cooked,
    /// Linux, "cooked", second form: 20 octets, the type in the first two.
    Cooked2,
    /// BSD's loopback: a family in 4 octets.
    Loopback,
}

/// Types of Ethernet that are packets (IEEE 802 numbers).
const IPV4: [u8; 2] = [0x08, 0x00];
/// See [`IPV4`].
const IPV6: [u8; 2] = [0x86, 0xDD];
/// A tag of four octets comes first.
const TAGS: [[u8; 2]; 2] = [[0x81, 0x00], [0x88, 0xA8]];
/// Tags that are passed over: one of the provider, one of the customer.
const MOST_TAGS: usize = 2;

impl Link {
    /// By its number in a capture; `None` for links that are not read.
    pub(super) const fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            0 | 108 => Self::Loopback,
            1 => Self::Ethernet,
            // 12 and 14 stand in files of systems that number it otherwise.
            12 | 14 | 101 | 228 | 229 => Self::Raw,
            113 => Self::Cooked,
            276 => Self::Cooked2,
            _ => return None,
        })
    }

    /// The packet in a frame, from its IP header on; `None` where the frame holds something else.
    pub(super) fn packet(self, frame: &[u8]) -> Option<&[u8]> {
        match self {
            Self::Raw => Some(frame),
            Self::Loopback => frame.get(4..),
            Self::Ethernet => {
                let mut rest = frame.get(12..)?;
                for _ in 0..MOST_TAGS {
                    let kind: &[u8; 2] = rest.first_chunk()?;
                    if TAGS.contains(kind) {
                        rest = rest.get(4..)?;
                    }
                }
                typed(*rest.first_chunk()?, rest.get(2..)?)
            }
            Self::Cooked => typed(*frame.get(14..)?.first_chunk()?, frame.get(16..)?),
            Self::Cooked2 => typed(*frame.first_chunk()?, frame.get(20..)?),
        }
    }
}

/// That the field of `octets` octets just read names a link that is not read.
pub(super) fn unknown(cursor: &Cursor<'_>, octets: usize, found: u32) -> Fault {
    let expected = "Ethernet, IP, loopback or Linux cooked";
    cursor.value_before(octets, "link type", expected, found.into()).costs(Cost::Packets)
}

fn typed(kind: [u8; 2], packet: &[u8]) -> Option<&[u8]> {
    (kind == IPV4 || kind == IPV6).then_some(packet)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(number: u32, before: &[u8], expected: Option<&[u8]>) {
        let frame = [before, b"ip"].concat();
        let link = Link::from_number(number).unwrap();
        assert_eq!(link.packet(&frame), expected, "{number}: {before:?}");
    }

    #[test]
    fn what_links_put_before_a_packet_is_taken_off() {
        let packet = Some(&b"ip"[..]);
        check(101, &[], packet);
        check(0, &[2, 0, 0, 0], packet);
        check(1, &[&[0; 12][..], &IPV4].concat(), packet);
        check(1, &[&[0; 12][..], &IPV6].concat(), packet);
        check(1, &[&[0; 12][..], &TAGS[1], &[0, 7], &TAGS[0], &[0, 9], &IPV4].concat(), packet);
        check(1, &[&[0; 12][..], &[0x08, 0x06]].concat(), None);
        check(113, &[&[0; 14][..], &IPV4].concat(), packet);
        check(276, &[&IPV6[..], &[0; 18]].concat(), packet);
        assert_eq!(Link::from_number(147), None);
        assert_eq!(Link::Ethernet.packet(&[0; 13]), None);
    }
}
