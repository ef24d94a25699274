//! pcap (draft-ietf-opsawg-pcap): a header, then a record a packet.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |          Magic Number         (and five words more)           |
//! |          Major Version        |         Minor Version         |
//! |                  two reserved words, SnapLen                  |
//! | FCS |f|           0           |         LinkType              |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                      Timestamp (Seconds)                      |
//! |            Timestamp (Microseconds or nanoseconds)            |
//! |                    Captured Packet Length                     |
//! |                    Original Packet Length                     |
//! |                          Packet Data
//! ```

use std::num::NonZero;

use falter_model::Timestamp;

use super::link::{self, Link};
use super::order::Order;
use super::{Framed, Kind, NEAR_SECONDS, Packet, framed};
use crate::cursor::Cursor;
use crate::{Cost, Fault, Malformed};

/// Octets of the file's header.
pub(super) const FILE_HEADER: usize = 24;
/// Octets of a packet's header.
pub(super) const RECORD_HEADER: usize = 16;
/// No packet is longer: `MAXIMUM_SNAPLEN` of libpcap.
const LONGEST_PACKET: u32 = 262_144;
/// Magic number of a file with microseconds.
const MICROSECONDS: u32 = 0xA1B2_C3D4;
/// Magic number of a file with nanoseconds.
const NANOSECONDS: u32 = 0xA1B2_3C4D;
/// Nanoseconds of a microsecond.
const THOUSAND: NonZero<u32> = NonZero::<u32>::MIN.saturating_add(999);
/// Bits of the last word that are the type of the link; the upper ones tell of checksums.
const LINK_BITS: u32 = 0x03FF_FFFF;

/// What the header of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    order: Order,
    /// Parts of a microsecond that times are counted in.
    per_micro: NonZero<u32>,
    /// `None` for a kind that is not read.
    link: Option<Link>,
}

/// The header of a packet.
struct RecordHeader {
    seconds: u32,
    fraction: u32,
    captured: u32,
    original: u32,
}

/// The order of octets, if a file begins here. Read as a packet's time, a magic number lies in 2055.
pub(super) fn begins(octets: &[u8]) -> Option<Order> {
    [Order::Big, Order::Little].into_iter().find(|order| {
        let mut cursor = Cursor::new(octets, 0);
        let magic = order.u32(&mut cursor, "magic number");
        magic.is_ok_and(|magic| magic == MICROSECONDS || magic == NANOSECONDS)
    })
}

impl Header {
    /// Reads a header; and why packets can't be read, where they can't.
    pub(super) fn read(octets: &[u8], order: Order) -> Result<(Self, Option<Fault>), Fault> {
        let read = || -> Result<_, Malformed> {
            let mut cursor = Cursor::new(octets, 0);
            let magic = order.u32(&mut cursor, "magic number")?;
            // The version is 2.4 since 1998.
            cursor.take(16, "version and bounds")?;
            let link = order.u32(&mut cursor, "link type")? & LINK_BITS;
            let per_micro = if magic == NANOSECONDS { THOUSAND } else { NonZero::<u32>::MIN };
            let header = Self { order, per_micro, link: Link::from_number(link) };
            let doubt = header.link.is_none().then(|| link::unknown(&cursor, 4, link));
            Ok((header, doubt))
        };
        read().map_err(|what| what.costs(Cost::Record))
    }

    /// The packet that a window begins with.
    pub(super) fn frame(self, window: &[u8]) -> Result<Framed<'_>, Malformed> {
        if window.len() < RECORD_HEADER {
            return Ok(Framed::NeedMore { octets: RECORD_HEADER });
        }
        let header = self.record(&mut Cursor::new(window, 0))?;
        let captured = usize::try_from(header.captured).unwrap_or(usize::MAX);
        Ok(framed(window, RECORD_HEADER.saturating_add(captured), Kind::PcapPacket))
    }

    /// Takes out the packet of a record.
    pub(super) fn packet(self, record: &[u8]) -> Result<Option<Packet<'_>>, Fault> {
        let Some(link) = self.link else { return Ok(None) };
        let mut cursor = Cursor::new(record, 0);
        let header = self.record(&mut cursor).map_err(|what| what.costs(Cost::Record))?;
        let micros = i64::from(header.fraction / self.per_micro);
        let seconds = i64::from(header.seconds).saturating_mul(1_000_000);
        let at = Timestamp::from_micros(seconds.saturating_add(micros));
        Ok(link.packet(cursor.rest()).map(|octets| Packet { at, octets }))
    }

    /// Whether a packet seems to begin here: what is possible of its header, a time within a day of
    /// `last`, followed by another such header where the window reaches that far.
    pub(super) fn is_plausible(self, octets: &[u8], last: Option<i64>) -> bool {
        let is_near = |header: &RecordHeader| {
            let apart = |last| i64::from(header.seconds).saturating_sub(last);
            header.captured <= header.original
                && last.is_none_or(|last| apart(last).abs() <= NEAR_SECONDS)
        };
        let mut cursor = Cursor::new(octets, 0);
        let Ok(header) = self.record(&mut cursor) else { return false };
        let captured = usize::try_from(header.captured).unwrap_or(usize::MAX);
        let next = cursor.rest().get(captured..).unwrap_or_default();
        let goes_on = next.len() < RECORD_HEADER
            || begins(next).is_some()
            || self.record(&mut Cursor::new(next, 0)).is_ok_and(|next| is_near(&next));
        is_near(&header) && goes_on
    }

    fn record(self, cursor: &mut Cursor<'_>) -> Result<RecordHeader, Malformed> {
        let seconds = self.order.u32(cursor, "seconds")?;
        let fraction = self.order.u32(cursor, "parts of a second")?;
        if fraction / self.per_micro >= 1_000_000 {
            let field = "parts of a second";
            return Err(cursor.value_before(4, field, "less than a second", fraction.into()));
        }
        let captured = self.order.u32(cursor, "captured length")?;
        if captured > LONGEST_PACKET {
            let field = "captured length";
            return Err(cursor.value_before(4, field, "at most 262144", captured.into()));
        }
        let original = self.order.u32(cursor, "original length")?;
        Ok(RecordHeader { seconds, fraction, captured, original })
    }
}
