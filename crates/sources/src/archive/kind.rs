//! What a file is, by its first octets after decompression.

use falter_wire::capture::looks_like_capture;
use falter_wire::mrt::{self, Framed};

use super::InputKind;
use crate::recording::is_header;
use crate::series::is_header as is_series_header;

/// Octets of decompressed data by which kind, first time and digest of the head are told. Enough for
/// the first record of everything but a table dump's peer index, whose head alone is needed.
pub(super) const HEAD_OCTETS: usize = 64 << 10;

/// Told by the content; `None` for what is none of them.
pub(super) fn kind_of(head: &[u8]) -> Option<InputKind> {
    let line = first_line(head);
    if is_header(line) {
        Some(InputKind::Recording)
    } else if is_series_header(line) {
        Some(InputKind::Series)
    } else if looks_like_capture(head) {
        Some(InputKind::Pcap)
    } else if find_mrt(head).is_some() {
        Some(InputKind::Mrt)
    } else {
        None
    }
}

fn first_line(head: &[u8]) -> &[u8] {
    head.split(|octet| *octet == b'\n').next().unwrap_or_default()
}

/// From the first record of MRT on; `None` where there is none.
///
/// A first record with a damaged header costs itself, not the file: then another must be found, with
/// a third behind it.
pub(super) fn find_mrt(head: &[u8]) -> Option<&[u8]> {
    if mrt::looks_like_mrt(head) {
        return Some(head);
    }
    let skip = mrt::resync(head, None);
    let found = head.get(skip..)?;
    let Ok(Framed::Record(record)) = mrt::frame(found) else { return None };
    let next = found.get(record.octets()..)?;
    (mrt::looks_like_mrt(found) && next.len() >= mrt::HEADER_OCTETS).then_some(found)
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
    fn a_damaged_first_header_does_not_hide_an_archive() {
        let mut record = vec![0x5c, 0, 0, 0, 0, 16, 0, 5, 0, 0, 0, 24];
        record.extend([0; 24]);
        let mut head = record.repeat(4);
        head[4] = 0x80;
        check(&head, Some(InputKind::Mrt));
        assert_eq!(find_mrt(&head), Some(&head[36..]));
        check(&head[..48], None);
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
