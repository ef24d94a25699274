//! Finding the records in a stream, of which a reader holds a window.

use falter_model::Timestamp;

use super::{Header, Kind};
use crate::cursor::Cursor;
use crate::{Cost, Fault, Malformed};

/// Octets of a record's header.
pub const HEADER_OCTETS: usize = 12;

/// Octets that the body of any record can have at most: what a reader must be able to hold.
///
/// A prefix with 65,535 entries of 256 octets. The largest in RouteViews has about 1,000 entries of
/// 100 octets.
pub const LONGEST_RECORD: u32 = 16 << 20;

/// What stands at the start of a window.
#[derive(Debug, Clone, Copy)]
pub enum Framed<'a> {
    /// A whole record.
    Record(RawRecord<'a>),
    /// Not yet a whole record.
    NeedMore {
        /// Octets that the window needs for the next step, at least.
        octets: usize,
    },
}

/// A record that was found, but not yet read.
#[derive(Debug, Clone, Copy)]
pub struct RawRecord<'a> {
    /// Its header.
    pub header: Header,
    /// Its time, with microseconds where it has them.
    pub at: Timestamp,
    /// The octets after the header.
    pub body: &'a [u8],
}

impl RawRecord<'_> {
    /// Octets of header and body: where the next record begins.
    pub const fn octets(&self) -> usize {
        HEADER_OCTETS.saturating_add(self.body.len())
    }
}

/// The record that a window begins with.
///
/// An error means that no record begins here: see [`resync`](super::resync). A window that holds less than a record
/// at the end of the stream is a record [`cut_off`].
#[inline]
pub fn frame(window: &[u8]) -> Result<Framed<'_>, Fault> {
    let Some((octets, rest)) = window.split_first_chunk::<HEADER_OCTETS>() else {
        return Ok(Framed::NeedMore { octets: HEADER_OCTETS });
    };
    let header = read_header(octets).map_err(|what| what.costs(Cost::Framing))?;
    let length = usize::try_from(header.length).unwrap_or(usize::MAX);
    let Some(body) = rest.get(..length) else {
        return Ok(Framed::NeedMore { octets: HEADER_OCTETS.saturating_add(length) });
    };
    let mut at = Timestamp::from_seconds(header.seconds.into());
    if header.kind.has_micros()
        && let Some(micros) = body.first_chunk::<4>()
    {
        let micros = i64::from(u32::from_be_bytes(*micros));
        at = Timestamp::from_micros(at.micros().saturating_add(micros));
    }
    Ok(Framed::Record(RawRecord { header, at, body }))
}

/// The fault of a stream that ends within a record; `None` where nothing is left.
pub fn cut_off(window: &[u8]) -> Option<Fault> {
    if window.is_empty() {
        return None;
    }
    match frame(window) {
        Ok(Framed::NeedMore { octets }) => {
            let field = if octets == HEADER_OCTETS { "record header" } else { "record" };
            Some(Cursor::new(window, 0).short(octets, field).costs(Cost::Record))
        }
        Ok(Framed::Record(_)) => None,
        Err(fault) => Some(fault),
    }
}

/// Reads a header, and refuses one that no record has.
pub(super) fn read_header(octets: &[u8; HEADER_OCTETS]) -> Result<Header, Malformed> {
    let mut cursor = Cursor::new(octets, 0);
    let seconds = cursor.u32("timestamp")?;
    let number = cursor.u16("record type")?;
    let Some(kind) = Kind::from_number(number) else {
        let expected = "an assigned type (5, 11 to 13, 16, 17, ...)";
        return Err(cursor.value_before(2, "record type", expected, number.into()));
    };
    let subtype = cursor.u16("record subtype")?;
    let length = cursor.u32("record length")?;
    if length > kind.longest_body() {
        let expected = "no more than such a record can have";
        return Err(cursor.value_before(4, "record length", expected, length.into()));
    }
    Ok(Header { seconds, kind, subtype, length })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mrt::{Writer, read};

    fn header(kind: u16, length: u32) -> Vec<u8> {
        let parts = [&[0x61, 0, 0, 0][..], &kind.to_be_bytes(), &[0, 4], &length.to_be_bytes()];
        parts.concat()
    }

    #[test]
    fn a_length_that_lies_can_not_make_a_reader_wait_for_long() {
        for (kind, longest) in [(16, 0xFFFF + 48), (12, 0xFFFF + 46), (13, LONGEST_RECORD)] {
            let needs = usize::try_from(longest).unwrap() + HEADER_OCTETS;
            let Ok(Framed::NeedMore { octets }) = frame(&header(kind, longest)) else {
                panic!("{kind}: no record")
            };
            assert_eq!(octets, needs);
            let fault = frame(&header(kind, longest + 1)).unwrap_err();
            assert_eq!((fault.cost, fault.what.offset()), (Cost::Framing, 8));
        }
    }

    #[test]
    fn a_type_that_is_not_assigned_begins_no_record() {
        let fault = frame(&header(1000, 4)).unwrap_err();
        assert_eq!((fault.cost, fault.what.offset()), (Cost::Framing, 4));
    }

    #[test]
    fn a_window_may_end_anywhere() {
        let octets = header(16, 2);
        for end in 0..octets.len() {
            let Ok(Framed::NeedMore { octets }) = frame(&octets[..end]) else { panic!("{end}") };
            assert_eq!(octets, HEADER_OCTETS);
        }
        assert_eq!(cut_off(&[]), None);
        let fault = cut_off(&octets).unwrap();
        assert_eq!(
            fault.to_string(),
            "the record was skipped: record at octet 0: expected 14 octets, found 12"
        );
    }

    #[test]
    fn microseconds_are_part_of_the_time() {
        let at = Timestamp::from_micros(1_643_144_400_000_001);
        let peer = crate::mrt::ElemPeer {
            asn: falter_model::Asn(1),
            address: [192, 0, 2, 1].into(),
            number: None,
        };
        let mut writer = Writer::new();
        writer.keepalive(at, peer).unwrap();
        let Ok(Framed::Record(raw)) = frame(writer.octets()) else { panic!("no record") };
        assert_eq!(raw.at, at);
        read(writer.octets(), |told| panic!("a keepalive tells nothing: {told:?}"));
    }
}
