//! The head of an input: what it is, when it begins, and whether another has the same content.

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use falter_model::Timestamp;
use falter_wire::capture::{self, Capture};
use falter_wire::mrt::{self, Framed, Kind};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::InputKind;
use super::kind::{HEAD_OCTETS, find_mrt, kind_of};
use super::origin::Origin;
use super::recorded::LONGEST_LINE_OCTETS;
use crate::compression::BlockDecoders;
use crate::recording::RecordingHeader;

/// Says whether two contents are the same.
pub(super) type Sum = [u8; 32];

/// What the first octets of an input tell.
pub(super) struct Head {
    pub(super) kind: Option<InputKind>,
    pub(super) first: First,
    /// Of the first 64 KiB after decompression.
    pub(super) sum: Sum,
    /// True where that is all of it.
    pub(super) is_whole: bool,
    /// Why it could not be read further.
    pub(super) fault: Option<io::Error>,
    /// The first octets, to be shown.
    pub(super) shown: Box<[u8]>,
    /// The first line of a recording.
    pub(super) recording: Option<Result<RecordingHeader, serde_json::Error>>,
    /// The whole content of what can't be opened again.
    content: Option<Box<dyn Read + Send>>,
}

/// Enough to see what a file might be.
const SHOWN_OCTETS: usize = 24;

/// When an input begins, and where in a table dump: what orders the pieces of an archive that was
/// cut, several of which may begin in the same second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct First {
    /// Time of the first record.
    pub(super) at: Timestamp,
    /// Tables apply before updates of the same moment.
    pub(super) class: Class,
    /// Of the first record in its table: 0 for the index of peers, then the sequence numbers.
    sequence: u64,
}

/// What comes first at the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Records of a table dump.
    Table,
    /// Everything else.
    Change,
}

impl Class {
    pub(super) const fn of(kind: Kind) -> Self {
        match kind {
            Kind::TableDump | Kind::TableDumpV2 => Self::Table,
            _ => Self::Change,
        }
    }
}

impl Head {
    /// Reads the head. What is streamed is opened for good: [`Head::take_content`] has it all.
    pub(super) fn read(origin: &mut Origin, count: &Arc<AtomicU64>) -> io::Result<Self> {
        let is_streamed = matches!(origin, Origin::Streamed(_));
        // A head that is read ahead is read again later, and counts then.
        let count = if is_streamed { Arc::clone(count) } else { Arc::default() };
        // A head alone is not worth decoding blocks ahead; what is streamed is read on from here.
        let decoders = is_streamed.then(BlockDecoders::default);
        let mut content = origin.open(count, decoders.as_ref())?;
        let mut octets = Vec::new();
        let mut read = content.by_ref().take(HEAD_OCTETS as u64).read_to_end(&mut octets);
        let is_whole = octets.len() < HEAD_OCTETS && read.is_ok();
        if !is_whole && is_long_line(&octets) {
            read = read.and_then(|_| read_long_line(&mut content, &mut octets));
        }
        let mut head = Self::of(&octets, is_whole, read.err());
        if is_streamed {
            head.content = Some(Box::new(Cursor::new(octets).chain(content)));
        }
        Ok(head)
    }

    fn of(octets: &[u8], is_whole: bool, fault: Option<io::Error>) -> Self {
        let kind = kind_of(octets);
        let (mut recording, mut first) = (None, First::UNKNOWN);
        match kind {
            Some(InputKind::Mrt) => first = First::of_mrt(octets),
            Some(InputKind::Recording) => {
                let mut lines = octets.split(|octet| *octet == b'\n');
                let header = lines.next().unwrap_or_default();
                let header = serde_json::from_slice::<RecordingHeader>(header);
                let from = header.as_ref().ok().and_then(|header| header.from);
                first.at = lines.find_map(time_of_line).or(from).unwrap_or(Timestamp::MIN);
                recording = Some(header);
            }
            Some(InputKind::Pcap) => first.at = first_packet(octets).unwrap_or(Timestamp::MIN),
            Some(InputKind::Series) | None => {}
        }
        let sum = Sha256::digest(octets.get(..HEAD_OCTETS).unwrap_or(octets)).into();
        let shown = octets.get(..SHOWN_OCTETS).unwrap_or(octets).into();
        Self { kind, first, sum, is_whole, fault, shown, recording, content: None }
    }

    /// The whole content of what is streamed; `None` for what can be opened.
    pub(super) fn take_content(&mut self) -> Option<Box<dyn Read + Send>> {
        self.content.take()
    }
}

impl First {
    const UNKNOWN: Self = Self { at: Timestamp::MIN, class: Class::Change, sequence: 0 };

    fn of_mrt(head: &[u8]) -> Self {
        let head = find_mrt(head).unwrap_or_default();
        let Some((header, at)) = first_header(head) else { return Self::UNKNOWN };
        let class = Class::of(header.kind);
        let number = |from: usize, octets: usize| {
            let number = head.get(from..from + octets).unwrap_or_default();
            number.iter().fold(0, |number, octet| number << 8 | u64::from(*octet))
        };
        let sequence = match (header.kind, header.subtype) {
            // After the header: the index of peers has no number, entries have four octets of it,
            // those of old dumps two, behind the view.
            (Kind::TableDumpV2, 1) => 0,
            (Kind::TableDumpV2, _) => 1 + number(mrt::HEADER_OCTETS, 4),
            (Kind::TableDump, _) => 1 + number(mrt::HEADER_OCTETS + 2, 2),
            _ => 0,
        };
        Self { at, class, sequence }
    }
}

/// The header at the start of MRT, even of a record that goes on beyond the head.
fn first_header(head: &[u8]) -> Option<(mrt::Header, Timestamp)> {
    match mrt::frame(head) {
        Ok(Framed::Record(record)) => Some((record.header, record.at)),
        Ok(Framed::NeedMore { .. }) => {
            // The length in the header is all that keeps it from being a record.
            let mut short = head.get(..mrt::HEADER_OCTETS)?.to_vec();
            let micros = head.get(mrt::HEADER_OCTETS..mrt::HEADER_OCTETS + 4).unwrap_or_default();
            let length = u32::try_from(micros.len()).ok()?;
            short.truncate(mrt::HEADER_OCTETS - 4);
            short.extend(length.to_be_bytes());
            short.extend(micros);
            match mrt::frame(&short) {
                Ok(Framed::Record(record)) => Some((record.header, record.at)),
                _ => None,
            }
        }
        Err(_) => None,
    }
}

/// True where the first line of a recording, with the state that it starts from, may be longer than a
/// head.
fn is_long_line(head: &[u8]) -> bool {
    head.first() == Some(&b'{') && !head.contains(&b'\n')
}

/// Reads on to the end of a first line, and as much behind it as a head has.
fn read_long_line(content: &mut impl Read, octets: &mut Vec<u8>) -> io::Result<usize> {
    while octets.len() <= LONGEST_LINE_OCTETS {
        let before = octets.len();
        let read = content.by_ref().take(HEAD_OCTETS as u64).read_to_end(octets)?;
        if read < HEAD_OCTETS {
            break;
        }
        if octets.get(before..).is_some_and(|read| read.contains(&b'\n')) {
            return content.by_ref().take(HEAD_OCTETS as u64).read_to_end(octets);
        }
    }
    Ok(0)
}

/// The time of the first packet of a capture; `None` where it lies behind the head, or behind damage.
fn first_packet(mut head: &[u8]) -> Option<Timestamp> {
    let mut capture = Capture::default();
    while let Ok(capture::Framed::Record(record)) = capture.frame(head) {
        if let Ok(Some(packet)) = capture.read(&record) {
            return Some(packet.at);
        }
        head = head.get(record.octets()..)?;
    }
    None
}

fn time_of_line(line: &[u8]) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct At {
        at: Timestamp,
    }
    serde_json::from_slice::<At>(line).ok().map(|line| line.at)
}

/// The digest of the whole content, as far as it can be read.
pub(super) fn whole_sum(origin: &mut Origin) -> io::Result<Sum> {
    let mut content = origin.open(Arc::default(), None)?;
    let mut digest = Sha256::new();
    let mut chunk = vec![0; 64 << 10];
    // A fault in the content ends it here as it does when it is read.
    while let Ok(read @ 1..) = content.read(&mut chunk) {
        digest.update(chunk.get(..read).unwrap_or_default());
    }
    Ok(digest.finalize().into())
}
