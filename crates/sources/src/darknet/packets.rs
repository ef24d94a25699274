//! The packets of a capture: pcap and pcapng, by `pcap-parser`.

use std::io::{self, Read};

use falter_model::Timestamp;
use falter_wire::capture::Link;
use pcap_parser::nom::Err as Stop;
use pcap_parser::pcapng::{Block, parse_block_be, parse_block_le, parse_sectionheaderblock};
use pcap_parser::{
    InterfaceDescriptionBlock, LegacyPcapBlock, PcapError, PcapHeader, parse_pcap_frame,
    parse_pcap_frame_be, parse_pcap_frame_modified, parse_pcap_header,
};

use crate::compression::{Feed, Window};

/// No frame is longer: libpcap's own bound is 256 KiB.
const LONGEST_OCTETS: usize = 1 << 20;
/// Interfaces of a section that are remembered.
const MOST_INTERFACES: usize = 4096;

/// Reads the packets of a capture, one after the other.
pub struct Packets {
    window: Window,
    form: Form,
    has_told_link: bool,
}

/// What becomes of one record of a capture.
#[derive(Debug)]
pub enum Taken {
    /// It was handed over, or held no packet.
    Record,
    /// Something at this offset can't be read.
    Bad(u64, CaptureError),
    /// There is no more.
    End,
}

/// What can't be read of a capture.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// It can't be read on, or its compression is broken.
    #[error("could not read on")]
    Read(#[from] io::Error),
    /// The capture ends here.
    #[error("the last record of the capture is cut off")]
    CutOff,
    /// From here on nothing can be made of it.
    #[error("expected a record of a capture")]
    Malformed,
    /// Frames of a kind that is not read; told once.
    #[error("expected frames of Ethernet, IP or a cooked socket, found link type {found}")]
    Link {
        /// Its number.
        found: i32,
    },
}

enum Form {
    /// Nothing was read yet.
    Unknown,
    Legacy(PcapHeader),
    /// pcapng, from the first octet of a section on; its interfaces so far.
    Sections {
        is_big_endian: bool,
        interfaces: Vec<Interface>,
    },
    Ended,
}

/// An interface of pcapng.
#[derive(Debug, Clone, Copy)]
struct Interface {
    link: i32,
    /// Units of time in a second.
    units: u64,
    offset_seconds: i64,
}

/// What a parser found.
enum Found {
    Frame { at: Timestamp, link: i32, frame: std::ops::Range<usize> },
    Nothing,
}

impl Packets {
    /// Reads a capture, which is not compressed.
    pub fn new(capture: Box<dyn Read + Send>) -> Self {
        Self::of(Feed::direct(capture))
    }

    pub(crate) const fn of(feed: Feed) -> Self {
        Self { window: Window::new(feed), form: Form::Unknown, has_told_link: false }
    }

    /// Goes on by a record; hands over its packet, from the IP header on, and when it was captured.
    pub fn next(&mut self, take: impl FnOnce(Timestamp, &[u8])) -> Taken {
        let offset = self.window.offset();
        loop {
            if matches!(self.form, Form::Ended)
                || (self.window.octets().is_empty() && !self.can_widen())
            {
                return Taken::End;
            }
            match self.form.parse(self.window.octets()) {
                Ok((length, found)) => {
                    let bad = self.hand_over(found, take);
                    self.window.consume(length);
                    return bad.map_or(Taken::Record, |bad| Taken::Bad(offset, bad));
                }
                Err(Missing::More) if self.window.octets().len() < LONGEST_OCTETS => {
                    match self.window.widen() {
                        Ok(true) => {}
                        Ok(false) => return self.end(offset, CaptureError::CutOff),
                        Err(error) => return self.end(offset, error.into()),
                    }
                }
                Err(Missing::More | Missing::Sense) => {
                    return self.end(offset, CaptureError::Malformed);
                }
            }
        }
    }

    /// Whether more comes; a fault is told by the next who asks for more.
    fn can_widen(&mut self) -> bool {
        self.window.widen().unwrap_or(false)
    }

    fn end(&mut self, offset: u64, why: CaptureError) -> Taken {
        self.form = Form::Ended;
        Taken::Bad(offset, why)
    }

    fn hand_over(
        &mut self,
        found: Found,
        take: impl FnOnce(Timestamp, &[u8]),
    ) -> Option<CaptureError> {
        let Found::Frame { at, link, frame } = found else { return None };
        let frame = self.window.octets().get(frame)?;
        // The upper bits tell of checksums at the end of frames.
        let number = u32::try_from(link & 0x03FF_FFFF).unwrap_or(u32::MAX);
        let Some(kind) = Link::from_number(number) else {
            let is_first = !std::mem::replace(&mut self.has_told_link, true);
            return is_first.then_some(CaptureError::Link { found: link });
        };
        if let Some(packet) = kind.packet(frame) {
            take(at, packet);
        }
        None
    }
}

/// Why a record can't be parsed.
enum Missing {
    More,
    Sense,
}

impl From<Stop<PcapError<&[u8]>>> for Missing {
    fn from(stop: Stop<PcapError<&[u8]>>) -> Self {
        match stop {
            Stop::Incomplete(_) | Stop::Error(PcapError::Incomplete(_)) => Self::More,
            Stop::Error(_) | Stop::Failure(_) => Self::Sense,
        }
    }
}

impl Form {
    /// Parses what lies at the start of `octets`; how long it is, and what it holds.
    fn parse(&mut self, octets: &[u8]) -> Result<(usize, Found), Missing> {
        match self {
            Self::Unknown => self.begin(octets),
            Self::Legacy(header) => {
                let parse = match (header.is_modified_format(), header.is_bigendian()) {
                    (true, _) => parse_pcap_frame_modified,
                    (_, true) => parse_pcap_frame_be,
                    _ => parse_pcap_frame,
                };
                let (rest, block) = parse(octets)?;
                let length = octets.len() - rest.len();
                let LegacyPcapBlock { ts_sec, ts_usec, data, .. } = block;
                let per_micro = if header.is_nanosecond_precision() { 1000 } else { 1 };
                let micros = i64::from(ts_sec) * 1_000_000 + i64::from(ts_usec / per_micro);
                let (at, frame) = (Timestamp::from_micros(micros), within(octets, data));
                Ok((length, Found::Frame { at, link: header.network.0, frame }))
            }
            Self::Sections { is_big_endian, interfaces } => {
                // A section header tells its own order of octets.
                if octets.starts_with(&SECTION) {
                    return self.begin(octets);
                }
                let parse = if *is_big_endian { parse_block_be } else { parse_block_le };
                let (rest, block) = parse(octets)?;
                let length = octets.len() - rest.len();
                Ok((length, of_block(&block, octets, interfaces)))
            }
            Self::Ended => Err(Missing::Sense),
        }
    }

    /// The head of a file, or of a section in it.
    fn begin(&mut self, octets: &[u8]) -> Result<(usize, Found), Missing> {
        if octets.starts_with(&SECTION) {
            let (rest, section) = parse_sectionheaderblock(octets)?;
            let is_big_endian = section.big_endian();
            *self = Self::Sections { is_big_endian, interfaces: Vec::new() };
            return Ok((octets.len() - rest.len(), Found::Nothing));
        }
        let (rest, header) = parse_pcap_header(octets)?;
        *self = Self::Legacy(header);
        Ok((octets.len() - rest.len(), Found::Nothing))
    }
}

/// The type of a block that begins a section of pcapng, the same in both orders.
const SECTION: [u8; 4] = [0x0A, 0x0D, 0x0D, 0x0A];

fn of_block(block: &Block<'_>, octets: &[u8], interfaces: &mut Vec<Interface>) -> Found {
    match block {
        Block::InterfaceDescription(described) => {
            if interfaces.len() < MOST_INTERFACES {
                interfaces.push(Interface::of(described));
            }
            Found::Nothing
        }
        Block::EnhancedPacket(packet) => {
            let number = usize::try_from(packet.if_id).unwrap_or(usize::MAX);
            let Some(interface) = interfaces.get(number) else { return Found::Nothing };
            let units = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
            // Data is padded to words.
            let length = usize::try_from(packet.caplen).unwrap_or(usize::MAX);
            let data = packet.data.get(..length).unwrap_or(packet.data);
            let frame = within(octets, data);
            Found::Frame { at: interface.at(units), link: interface.link, frame }
        }
        // A simple packet has no time.
        _ => Found::Nothing,
    }
}

impl Interface {
    fn of(described: &InterfaceDescriptionBlock<'_>) -> Self {
        Self {
            link: described.linktype.0,
            units: described.ts_resolution().unwrap_or(1_000_000).max(1),
            offset_seconds: described.ts_offset(),
        }
    }

    fn at(&self, units: u64) -> Timestamp {
        let micros = u128::from(units) * 1_000_000 / u128::from(self.units);
        let micros = i64::try_from(micros).unwrap_or(i64::MAX / 8);
        let micros = micros.saturating_add(self.offset_seconds.saturating_mul(1_000_000));
        Timestamp::from_micros(micros.clamp(0, i64::MAX / 8))
    }
}

/// Where `part` lies in `whole`, of which it is a part.
fn within(whole: &[u8], part: &[u8]) -> std::ops::Range<usize> {
    let from = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    from..from.saturating_add(part.len())
}

impl std::fmt::Debug for Packets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packets").field("offset", &self.window.offset()).finish_non_exhaustive()
    }
}
