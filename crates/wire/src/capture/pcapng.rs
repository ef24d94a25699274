//! pcapng (draft-ietf-opsawg-pcapng): sections of blocks, each with its length at both ends.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                          Block Type                           |
//! |                      Block Total Length                       |
//! |                 Block Body, padded to words                   |
//! |                      Block Total Length                       |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use std::num::NonZero;

use falter_model::Timestamp;

use super::link::{self, Link};
use super::order::Order;
use super::{Framed, Kind, LONGEST_RECORD, Packet, framed};
use crate::cursor::Cursor;
use crate::{Cost, Fault, Malformed};

/// Octets of a block without a body.
pub(super) const LEAST_BLOCK: usize = 12;
/// Begins a section; the same in both orders.
const SECTION: u32 = 0x0A0D_0D0A;
/// Tells the order of octets of a section.
const ORDER_MAGIC: u32 = 0x1A2B_3C4D;
/// Describes an interface.
const INTERFACE: u32 = 1;
/// Holds a packet; obsolete.
const OLD_PACKET: u32 = 2;
/// Holds a packet without its time.
const SIMPLE_PACKET: u32 = 3;
/// Holds a packet.
const PACKET: u32 = 6;
/// Options of an interface: the end, the resolution of its times, seconds to add to them.
const OPTION_END: u16 = 0;
const OPTION_RESOLUTION: u16 = 9;
const OPTION_OFFSET: u16 = 14;
/// Times are in microseconds where no option says otherwise.
const MILLION: NonZero<u64> = NonZero::<u64>::MIN.saturating_add(999_999);
/// Interfaces of a section that are remembered: more are no honest capture's.
const MOST_INTERFACES: usize = 4096;

/// What is known of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    order: Order,
    interfaces: Vec<Interface>,
}

/// Where packets were captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Interface {
    /// `None` for a kind that is not read.
    link: Option<Link>,
    /// Parts of a second that times are counted in.
    per_second: NonZero<u64>,
    offset_seconds: i64,
}

/// True where a section begins.
pub(super) fn begins(octets: &[u8]) -> bool {
    octets.starts_with(&SECTION.to_be_bytes())
}

/// The block that a window begins with. A section tells its own order.
pub(super) fn frame(window: &[u8], order: Order) -> Result<Framed<'_>, Malformed> {
    if window.len() < LEAST_BLOCK {
        return Ok(Framed::NeedMore { octets: LEAST_BLOCK });
    }
    let mut cursor = Cursor::new(window, 0);
    let order = if begins(window) { order_of_section(window)? } else { order };
    order.u32(&mut cursor, "block type")?;
    let length = length(order, &mut cursor)?;
    let framed = framed(window, length, Kind::Block);
    if let Framed::Record(block) = framed {
        let before_end = length.saturating_sub(4);
        let rest = block.octets.get(before_end..).unwrap_or_default();
        let mut cursor = Cursor::new(rest, before_end);
        let again = order.u32(&mut cursor, "block length at the end")?;
        if usize::try_from(again) != Ok(length) {
            let (field, expected) = ("block length at the end", "the length at its beginning");
            return Err(cursor.value_before(4, field, expected, again.into()));
        }
    }
    Ok(framed)
}

/// How long a block is: whole words, and its own head and end at least.
fn length(order: Order, cursor: &mut Cursor<'_>) -> Result<usize, Malformed> {
    let told = order.u32(cursor, "block length")?;
    let length = usize::try_from(told).unwrap_or(usize::MAX);
    if (LEAST_BLOCK..=LONGEST_RECORD).contains(&length) && length.is_multiple_of(4) {
        return Ok(length);
    }
    Err(cursor.value_before(4, "block length", "a multiple of 4 from 12 to 16777216", told.into()))
}

fn order_of_section(block: &[u8]) -> Result<Order, Malformed> {
    let mut cursor = Cursor::new(block, 0);
    cursor.take(8, "block type and length")?;
    let magic = Order::Big.u32(&mut cursor, "order of octets")?;
    match magic {
        ORDER_MAGIC => Ok(Order::Big),
        _ if magic.swap_bytes() == ORDER_MAGIC => Ok(Order::Little),
        _ => Err(cursor.value_before(4, "order of octets", "1a2b3c4d either way", magic.into())),
    }
}

impl Section {
    /// The section that a block begins, if it does.
    pub(super) fn begun_by(block: &[u8]) -> Option<Self> {
        let order = begins(block).then(|| order_of_section(block).ok())??;
        Some(Self { order, interfaces: Vec::new() })
    }

    /// The order of its octets.
    pub(super) const fn order(&self) -> Order {
        self.order
    }

    /// Reads a block: takes in an interface, gives a packet, passes over what is neither.
    pub(super) fn read<'a>(&mut self, block: &'a [u8]) -> Result<Option<Packet<'a>>, Fault> {
        let order = self.order;
        let read = || -> Result<_, Malformed> {
            let mut cursor = Cursor::new(block, 0);
            let kind = order.u32(&mut cursor, "block type")?;
            order.u32(&mut cursor, "block length")?;
            let body = cursor.remaining().saturating_sub(4);
            Ok((kind, cursor.split(body, "block body")?))
        };
        let (kind, mut body) = read().map_err(|what| what.costs(Cost::Record))?;
        let packet = match kind {
            INTERFACE => return self.interface(&mut body).map(|()| None),
            PACKET => self.packet(order.u32(&mut body, "interface"), &mut body),
            OLD_PACKET => {
                let number = order.u16(&mut body, "interface");
                let lost = order.u16(&mut body, "packets lost");
                self.packet(lost.and(number).map(u32::from), &mut body)
            }
            SIMPLE_PACKET => {
                let cursor = Cursor::new(block, 0);
                let (field, expected) = ("block type", "a packet with its time");
                Err(cursor.value_before(0, field, expected, kind.into()))
            }
            _ => Ok(None),
        };
        packet.map_err(|what| what.costs(Cost::Record))
    }

    /// ```text
    /// |           LinkType            |           Reserved            |
    /// |                            SnapLen                            |
    /// |                            Options
    /// ```
    fn interface(&mut self, body: &mut Cursor<'_>) -> Result<(), Fault> {
        let order = self.order;
        if self.interfaces.len() >= MOST_INTERFACES {
            let what = body.value_before(0, "interface", "the 4096th at most", 4097);
            return Err(what.costs(Cost::Packets));
        }
        // Its number is taken, whatever can be read of it.
        let mut interface = Interface { link: None, per_second: MILLION, offset_seconds: 0 };
        let mut read = || -> Result<(), Fault> {
            let costs = |what: Malformed| what.costs(Cost::Packets);
            let number = order.u16(body, "link type").map_err(costs)?;
            let link = Link::from_number(number.into());
            let link = link.ok_or_else(|| link::unknown(body, 2, number.into()))?;
            body.take(6, "snapshot length").map_err(costs)?;
            interface.options(order, body).map_err(costs)?;
            interface.link = Some(link);
            Ok(())
        };
        let read = read();
        self.interfaces.push(interface);
        read
    }

    /// ```text
    /// |                         Interface ID                          |
    /// |                    Timestamp (Upper 4 bytes)                  |
    /// |                    Timestamp (Lower 4 bytes)                  |
    /// |                    Captured Packet Length                     |
    /// |                    Original Packet Length                     |
    /// |                  Packet Data, padded to words
    /// ```
    fn packet<'a>(
        &self,
        number: Result<u32, Malformed>,
        body: &mut Cursor<'a>,
    ) -> Result<Option<Packet<'a>>, Malformed> {
        let number = number?;
        let known = usize::try_from(number).ok().and_then(|number| self.interfaces.get(number));
        let Some(interface) = known else {
            let expected = "one that was described";
            return Err(body.value_before(4, "interface", expected, number.into()));
        };
        let high = self.order.u32(body, "time")?;
        let low = self.order.u32(body, "time")?;
        let captured = self.order.u32(body, "captured length")?;
        self.order.u32(body, "original length")?;
        let captured = usize::try_from(captured).unwrap_or(usize::MAX);
        let frame = body.take(captured, "packet data")?;
        let at = interface.time(u64::from(high) << 32 | u64::from(low));
        let octets = interface.link.and_then(|link| link.packet(frame));
        Ok(octets.map(|octets| Packet { at, octets }))
    }

    /// Whether a block of a known type seems to begin here, with the same length at both ends where the
    /// window reaches that far.
    pub(super) fn is_plausible(&self, octets: &[u8]) -> bool {
        let kind = self.order.u32(&mut Cursor::new(octets, 0), "block type");
        // Up to the packets, and statistics among them.
        let is_known =
            begins(octets) || kind.is_ok_and(|kind| (INTERFACE..=PACKET).contains(&kind));
        is_known && frame(octets, self.order).is_ok()
    }
}

impl Interface {
    fn options(&mut self, order: Order, options: &mut Cursor<'_>) -> Result<(), Malformed> {
        while !options.is_empty() {
            let code = order.u16(options, "option")?;
            let length = usize::from(order.u16(options, "option length")?);
            let mut value = options.split(length, "option value")?;
            match code {
                OPTION_END => return Ok(()),
                OPTION_RESOLUTION => self.per_second = parts_of_a_second(&mut value)?,
                OPTION_OFFSET => self.offset_seconds = order.i64(&mut value, "seconds to add")?,
                _ => {}
            }
            let padding = length.next_multiple_of(4).saturating_sub(length);
            options.take(padding.min(options.remaining()), "padding")?;
        }
        Ok(())
    }

    /// The time of so many parts of a second since 1970.
    fn time(&self, parts: u64) -> Timestamp {
        let micros =
            u128::from(parts).saturating_mul(1_000_000) / NonZero::<u128>::from(self.per_second);
        let micros = i64::try_from(micros).unwrap_or(i64::MAX);
        let offset = self.offset_seconds.saturating_mul(1_000_000);
        // Later than anything that is real, and far from overflow.
        Timestamp::from_micros(micros.saturating_add(offset).clamp(0, i64::MAX / 8))
    }
}

/// The resolution of times: a power of ten, or of two where the highest bit is set.
fn parts_of_a_second(value: &mut Cursor<'_>) -> Result<NonZero<u64>, Malformed> {
    let told = value.u8("resolution of times")?;
    let exponent = u32::from(told & 0x7F);
    let parts =
        if told & 0x80 == 0 { 10_u64.checked_pow(exponent) } else { 1_u64.checked_shl(exponent) };
    parts.and_then(NonZero::new).ok_or_else(|| {
        value.value_before(1, "resolution of times", "what 64 bits hold", told.into())
    })
}
