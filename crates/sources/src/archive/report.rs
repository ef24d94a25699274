//! What became of each input: what it was, how much it held, what could not be read.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::Content;
use crate::darknet::CaptureError;
use crate::recording::LineError;
use crate::series::RowError;

/// What an input is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InputKind {
    /// BGP archives, RFC 6396.
    Mrt,
    /// JSON lines, one observation each.
    Recording,
    /// Series as CSV.
    Series,
    /// A capture of the packets that arrive at a darknet, pcap or pcapng.
    Pcap,
}

/// What became of one input.
#[derive(Debug, Clone)]
pub struct InputReport {
    /// The file; `-` for standard input.
    pub path: PathBuf,
    /// What it is; `None` where nothing fits.
    pub kind: Option<InputKind>,
    /// What was read from it: elems and changes of peers in BGP archives, watched or not; lines of
    /// recordings; values of series; packets of captures.
    pub observations: u64,
    /// What could not be read, in order of its place; the first [`InputReport::MOST_BAD`].
    pub bad: Vec<Bad>,
    /// How many there were in all.
    pub bad_count: u64,
    /// Another input with the same content, which was read instead.
    pub duplicate_of: Option<PathBuf>,
    /// What was read of it, once its end was reached; of a duplicate, what was read of the other one.
    /// `None` where nothing could be read, or digests were not asked for.
    pub content: Option<Content>,
}

/// One thing that could not be read.
#[derive(Debug, Clone)]
pub struct Bad {
    /// Where.
    pub place: Place,
    /// What was wrong.
    pub fault: Arc<Fault>,
}

/// Where in an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Octets from the start, after decompression.
    Offset(u64),
    /// A line, from 1.
    Line(u64),
}

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A record of a BGP archive.
    #[error(transparent)]
    Mrt(#[from] falter_wire::Fault),
    /// A line of a recording.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A row of a series.
    #[error(transparent)]
    Row(#[from] RowError),
    /// The file can't be read, or its compression is broken here.
    #[error("could not read on")]
    Read(#[from] io::Error),
    /// Nothing that is known.
    #[error(
        "expected MRT, a recording, a series as CSV or a capture, found a file that starts with {found:?}"
    )]
    Unknown {
        /// Its first octets, after decompression.
        found: Box<str>,
    },
    /// A record of a capture.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
}

/// How much was read, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Octets read, as they are on disk.
    pub read_octets: u64,
    /// Octets of all inputs; `None` where standard input is streamed.
    pub all_octets: Option<u64>,
}

impl InputReport {
    /// More bad places than this are counted, not kept: a file of garbage must not fill the memory.
    pub const MOST_BAD: usize = 1000;

    pub(crate) fn new(path: PathBuf, kind: Option<InputKind>) -> Self {
        Self {
            path,
            kind,
            observations: 0,
            bad: Vec::new(),
            bad_count: 0,
            duplicate_of: None,
            content: None,
        }
    }

    pub(crate) fn tell(&mut self, place: Place, fault: impl Into<Fault>) {
        self.bad_count += 1;
        if self.bad.len() < Self::MOST_BAD {
            self.bad.push(Bad { place, fault: Arc::new(fault.into()) });
        }
    }
}

impl InputKind {
    /// As the interface names it: `mrt`, `recording`, `series`, `pcap`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mrt => "mrt",
            Self::Recording => "recording",
            Self::Series => "series",
            Self::Pcap => "pcap",
        }
    }
}

impl fmt::Display for InputKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offset(offset) => write!(f, "offset {offset}"),
            Self::Line(line) => write!(f, "line {line}"),
        }
    }
}

impl fmt::Display for Bad {
    /// The place, the fault and its causes, in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.fault.to_string();
        let mut source = std::error::Error::source(&*self.fault);
        while let Some(error) = source {
            let cause = error.to_string();
            // Some errors tell their cause themselves.
            if !said.ends_with(&cause) {
                said = format!("{said}: {cause}");
            }
            source = error.source();
        }
        write!(f, "{}: {said}", self.place)
    }
}
