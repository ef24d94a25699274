//! What a file is, by its first octets after decompression.

use super::InputKind;
use crate::recording::is_header;
use crate::series::is_header as is_series_header;

/// Octets of decompressed data by which kind, first time and digest of the head are told. Enough for
/// the first record of everything but a table dump's peer index, whose head alone is needed.
pub(super) const HEAD_OCTETS: usize = 64 << 10;

/// Types of MRT records, RFC 6396 section 4, with those of section 4's older list that BGP archives
/// hold (5 to 10 were deprecated in 2001 and never were in public archives).
const MRT_TYPES: [u16; 10] = [11, 12, 13, 16, 17, 32, 33, 48, 49, 64];
/// No first record is longer; it tells MRT from text and other binary files.
const LONGEST_FIRST_RECORD_OCTETS: u32 = 16 << 20;

/// Told by the content; `None` for what is none of them.
pub(super) fn kind_of(head: &[u8]) -> Option<InputKind> {
    let line = first_line(head);
    if is_header(line) {
        Some(InputKind::Recording)
    } else if is_series_header(line) {
        Some(InputKind::Series)
    } else if is_pcap(head) {
        Some(InputKind::Pcap)
    } else if is_mrt(head) {
        Some(InputKind::Mrt)
    } else {
        None
    }
}

fn first_line(head: &[u8]) -> &[u8] {
    head.split(|octet| *octet == b'\n').next().unwrap_or_default()
}

/// pcap in either order of octets, with microseconds or nanoseconds, and pcapng.
const fn is_pcap(head: &[u8]) -> bool {
    matches!(
        head,
        [0xa1, 0xb2, 0xc3, 0xd4, ..]
            | [0xd4, 0xc3, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0x3c, 0x4d, ..]
            | [0x4d, 0x3c, 0xb2, 0xa1, ..]
            | [0x0a, 0x0d, 0x0d, 0x0a, ..]
    )
}

/// The common header of RFC 6396 section 2: time, type, subtype, length.
fn is_mrt(head: &[u8]) -> bool {
    let [_, _, _, _, type_high, type_low, subtype_high, _, a, b, c, d, ..] = head else {
        return false;
    };
    MRT_TYPES.contains(&u16::from_be_bytes([*type_high, *type_low]))
        && *subtype_high == 0
        && u32::from_be_bytes([*a, *b, *c, *d]) <= LONGEST_FIRST_RECORD_OCTETS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &[u8], expected: Option<InputKind>) {
        assert_eq!(kind_of(head), expected, "{}", head.escape_ascii());
    }

    #[test]
    fn content_tells_the_kind() {
        check(b"time,entity,signal,value\n", Some(InputKind::Series));
        check(b"\xef\xbb\xbfvalue,\"signal\",entity,time\r\n1,a", Some(InputKind::Series));
        check(b"{\"falter\":\"recording\",\"version\":1}\n", Some(InputKind::Recording));
        check(b"{ \"version\": 7, \"falter\": \"recording\" }", Some(InputKind::Recording));
        check(&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0], Some(InputKind::Pcap));
        check(&[0x5c, 0, 0, 0, 0, 16, 0, 4, 0, 0, 0, 99], Some(InputKind::Mrt));
    }

    #[test]
    fn anything_else_is_nothing() {
        check(b"", None);
        check(b"time,value\n", None);
        check(b"{\"falter\":\"outage\"}\n", None);
        check(b"{\"a\":1}\n", None);
        check(b"# North Korea\n", None);
        check(&[0x5c, 0, 0, 0, 0, 16, 0, 4, 0xff, 0, 0, 99], None);
        check(&[0x5c, 0, 0, 0, 0, 99, 0, 4, 0, 0, 0, 99], None);
        check(&[0x5c, 0, 0, 0, 0, 16], None);
    }
}
