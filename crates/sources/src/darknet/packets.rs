//! The packets of a capture, one after the other.

use std::io::{self, Read};

use falter_model::Timestamp;
use falter_wire::Fault;
use falter_wire::capture::{Capture, Framed};

use super::flows::LATE;
use crate::compression::{Feed, Window};

/// Of a packet, what is needed: the headers, and those that an ICMP error quotes, with all options.
pub(super) const SNAP_OCTETS: usize = 512;
/// How much is looked through at a time for the next record after one that can't be framed.
const SEARCH_OCTETS: usize = 256 << 10;

/// Reads the packets of a capture. What can't be read costs itself.
pub struct Packets {
    window: Window,
    capture: Capture,
    /// The latest time so far.
    last: Option<Timestamp>,
    packet: Vec<u8>,
    /// What kept it from reading on, not told yet.
    fault: Option<io::Error>,
}

/// What becomes of what the window begins with.
enum Step {
    /// The packet was taken.
    Packet(Timestamp),
    /// It holds none that matters.
    Passed,
    /// It can't be read, or not be believed.
    Bad(CaptureError),
    /// No record begins here.
    Lost(Fault),
    /// The window is too short for it.
    Short,
}

/// What can't be read of a capture.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// It can't be read on, or its compression is broken.
    #[error("could not read on")]
    Read(#[from] io::Error),
    /// Something in it.
    #[error(transparent)]
    Malformed(#[from] Fault),
    /// A packet whose time is far from those around it.
    #[error("the record was skipped: expected a time near {near}, found {found}")]
    Time {
        /// That of a packet beside it.
        near: Timestamp,
        /// Its own.
        found: Timestamp,
    },
}

impl Packets {
    /// Reads a capture that may be written while it is read: each packet is given as soon as it is there.
    pub fn growing(capture: Box<dyn Read + Send>) -> Self {
        Self::of(Feed::growing(capture))
    }

    pub(crate) fn of(feed: Feed) -> Self {
        let (window, capture) = (Window::new(feed), Capture::default());
        Self { window, capture, last: None, packet: Vec::new(), fault: None }
    }

    /// Goes on to the next packet, and says when it was captured. `None` at the end. What can't be read is
    /// told, with its offset in the capture.
    pub fn advance(&mut self, mut tell: impl FnMut(u64, CaptureError)) -> Option<Timestamp> {
        loop {
            let offset = self.window.offset();
            match self.step() {
                Step::Packet(at) => return Some(at),
                Step::Passed => {}
                Step::Bad(error) => tell(offset, error),
                Step::Lost(fault) => {
                    tell(offset, fault.into());
                    self.search();
                }
                Step::Short => {
                    if !self.widen() {
                        self.end(tell);
                        return None;
                    }
                }
            }
        }
    }

    /// The first octets of the packet that [`advance`](Self::advance) found, from its IP header on.
    pub fn packet(&self) -> &[u8] {
        &self.packet
    }

    fn step(&mut self) -> Step {
        let record = match self.capture.frame(self.window.octets()) {
            Ok(Framed::Record(record)) => record,
            Ok(Framed::NeedMore { .. }) => return Step::Short,
            Err(fault) => return Step::Lost(fault),
        };
        let length = record.octets();
        let step = match self.capture.read(&record) {
            Ok(Some(packet)) => {
                let snapped = packet.octets.get(..SNAP_OCTETS).unwrap_or(packet.octets);
                self.packet.clear();
                self.packet.extend_from_slice(snapped);
                self.judge(packet.at, length)
            }
            Ok(None) => Step::Passed,
            Err(fault) => Step::Bad(fault.into()),
        };
        self.window.consume(length);
        step
    }

    /// Whether the time of the packet in the record of this length is believed: not one that lies before the
    /// others, nor one that the next packet takes back.
    fn judge(&mut self, at: Timestamp, length: usize) -> Step {
        let is_before = |near: &Timestamp| *near - at > LATE;
        let leapt = self.last.is_none_or(|last| at - last > LATE);
        let behind = if leapt { self.following(length) } else { None };
        let is_taken_back = |near: &Timestamp| at - *near > LATE;
        let near = self.last.filter(is_before).or_else(|| behind.filter(is_taken_back));
        if let Some(near) = near {
            return Step::Bad(CaptureError::Time { near, found: at });
        }
        self.last = self.last.max(Some(at));
        Step::Packet(at)
    }

    /// When the packet behind the record of this length was captured; `None` where none follows at once.
    fn following(&mut self, length: usize) -> Option<Timestamp> {
        let mut ahead = self.capture.clone();
        loop {
            let rest = self.window.octets().get(length..).unwrap_or_default();
            match ahead.frame(rest).ok()? {
                Framed::Record(record) => return Some(ahead.read(&record).ok()??.at),
                Framed::NeedMore { .. } => {}
            }
            if !self.widen() {
                return None;
            }
        }
    }

    /// Skips to the next plausible record.
    fn search(&mut self) {
        loop {
            while self.window.octets().len() < SEARCH_OCTETS && self.widen() {}
            let octets = self.window.octets();
            let (skip, length) = (self.capture.resync(octets, self.last), octets.len());
            self.window.consume(skip);
            if skip < length || length < SEARCH_OCTETS {
                return;
            }
        }
    }

    /// Widens the window; false at the end, and where it can't be read on, which is told there.
    fn widen(&mut self) -> bool {
        self.window.widen().unwrap_or_else(|error| {
            self.fault = Some(error);
            false
        })
    }

    /// Tells why it ends, where that is not its whole end.
    fn end(&mut self, mut tell: impl FnMut(u64, CaptureError)) {
        let (offset, rest) = (self.window.offset(), self.window.octets());
        if let Some(error) = self.fault.take() {
            tell(offset + rest.len() as u64, error.into());
        } else if let Some(fault) = self.capture.cut_off(rest) {
            tell(offset, fault.into());
        }
        self.window.consume(usize::MAX);
    }
}

impl std::fmt::Debug for Packets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packets").field("offset", &self.window.offset()).finish_non_exhaustive()
    }
}
