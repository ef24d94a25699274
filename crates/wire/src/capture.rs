//! Captures of packets: pcap (draft-ietf-opsawg-pcap) with microseconds or nanoseconds, and pcapng
//! (draft-ietf-opsawg-pcapng), each in either order of octets.
//!
//! A reader keeps a window of a stream and asks [`Capture::frame`] for the record that it begins with,
//! then [`Capture::read`] for the packet in it. Where no record begins, [`Capture::resync`] finds the
//! next one, so that damage costs itself alone.

mod link;
mod order;
mod pcap;
mod pcapng;

use falter_model::Timestamp;

use crate::cursor::Cursor;
use crate::{Cost, Fault, Malformed};
use order::Order;

/// Octets of the longest record: the bound of Wireshark for a block of pcapng. Packets of pcap are
/// shorter. What a reader must be able to hold.
pub const LONGEST_RECORD: usize = 16 << 20;

/// How far the time of a record may be from the last good one to be believed when the place of records
/// is lost, in seconds: a day. Chance alone passes one time of 25,000.
const NEAR_SECONDS: i64 = 86_400;

/// What is known of a capture: its form, the order of its octets, its interfaces. It grows while records
/// are [read](Self::read).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capture {
    form: Form,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Form {
    /// Nothing was read yet.
    #[default]
    Unknown,
    Pcap(pcap::Header),
    Sections(pcapng::Section),
}

/// What stands at the start of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framed<'a> {
    /// A whole record.
    Record(Record<'a>),
    /// Not yet a whole record.
    NeedMore {
        /// Octets that the window needs for the next step, at least.
        octets: usize,
    },
}

/// A record that was found, but not yet read: the head of a file, or a packet; of pcapng, a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    octets: &'a [u8],
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    PcapHeader(Order),
    PcapPacket,
    Block,
}

/// A packet that was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// When; nanoseconds are cut off.
    pub at: Timestamp,
    /// From its IP header on, as far as it was captured.
    pub octets: &'a [u8],
}

/// Whether octets, from the first of a file, are a capture.
pub fn looks_like_capture(head: &[u8]) -> bool {
    pcap::begins(head).is_some() || pcapng::begins(head)
}

impl Record<'_> {
    /// How many octets it has: where the next one begins.
    pub const fn octets(&self) -> usize {
        self.octets.len()
    }
}

impl Capture {
    /// The record that a window begins with.
    ///
    /// An error means that no record begins here: see [`resync`](Self::resync). A window that holds less
    /// than a record at the end of the stream is [cut off](Self::cut_off).
    pub fn frame<'a>(&self, window: &'a [u8]) -> Result<Framed<'a>, Fault> {
        let framed = match &self.form {
            // Files that were joined have a header in the middle.
            Form::Unknown | Form::Pcap(_) if let Some(order) = pcap::begins(window) => {
                Ok(framed(window, pcap::FILE_HEADER, Kind::PcapHeader(order)))
            }
            Form::Unknown if pcapng::begins(window) => pcapng::frame(window, Order::Big),
            Form::Unknown => no_capture(window),
            Form::Pcap(header) => header.frame(window),
            Form::Sections(section) => pcapng::frame(window, section.order()),
        };
        framed.map_err(|what| what.costs(Cost::Framing))
    }

    /// Takes the record in, and gives the packet in it, if it holds one that can be read. An error costs
    /// this record, or the packets of the interface that it describes.
    pub fn read<'a>(&mut self, record: &Record<'a>) -> Result<Option<Packet<'a>>, Fault> {
        match (record.kind, &mut self.form) {
            (Kind::PcapHeader(order), form) => {
                let (header, doubt) = pcap::Header::read(record.octets, order)?;
                *form = Form::Pcap(header);
                doubt.map_or(Ok(None), Err)
            }
            (Kind::PcapPacket, Form::Pcap(header)) => header.packet(record.octets),
            (Kind::Block, form) => {
                if let Some(section) = pcapng::Section::begun_by(record.octets) {
                    *form = Form::Sections(section);
                    return Ok(None);
                }
                match form {
                    Form::Sections(section) => section.read(record.octets),
                    Form::Unknown | Form::Pcap(_) => Ok(None),
                }
            }
            (Kind::PcapPacket, Form::Unknown | Form::Sections(_)) => Ok(None),
        }
    }

    /// How many octets to skip from the start of a window at which no record begins: up to the next
    /// plausible record, or as many as surely don't begin one. At least 1, unless the window is empty.
    ///
    /// `last` is the time of the last packet that was read, where there was one.
    pub fn resync(&self, window: &[u8], last: Option<Timestamp>) -> usize {
        let begins_here = |octets: &[u8]| match &self.form {
            Form::Unknown => false,
            Form::Pcap(header) => header.is_plausible(octets, last.map(Timestamp::seconds)),
            Form::Sections(section) => section.is_plausible(octets),
        };
        let shortest = match &self.form {
            Form::Unknown => 0,
            Form::Pcap(_) => pcap::RECORD_HEADER,
            Form::Sections(_) => pcapng::LEAST_BLOCK,
        };
        (1..window.len())
            .find(|skip| {
                let rest = window.get(*skip..).unwrap_or_default();
                rest.len() < shortest || begins_here(rest)
            })
            .unwrap_or(window.len())
    }

    /// The fault of a stream that ends within a record; `None` where nothing is left.
    pub fn cut_off(&self, window: &[u8]) -> Option<Fault> {
        if window.is_empty() {
            return None;
        }
        match self.frame(window) {
            Ok(Framed::NeedMore { octets }) => {
                Some(Cursor::new(window, 0).short(octets, "record").costs(Cost::Record))
            }
            Ok(Framed::Record(_)) => None,
            Err(fault) => Some(fault),
        }
    }
}

/// The record of this length that a window begins with.
fn framed(window: &[u8], length: usize, kind: Kind) -> Framed<'_> {
    match window.get(..length) {
        Some(octets) => Framed::Record(Record { octets, kind }),
        None => Framed::NeedMore { octets: length },
    }
}

/// Neither form begins here.
fn no_capture(window: &[u8]) -> Result<Framed<'_>, Malformed> {
    let mut cursor = Cursor::new(window, 0);
    let field = "magic number of a capture";
    match Order::Big.u32(&mut cursor, field) {
        Ok(found) => Err(cursor.value_before(4, field, "that of pcap or pcapng", found.into())),
        Err(_) => Ok(Framed::NeedMore { octets: 4 }),
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]
mod tests;
