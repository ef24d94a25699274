//! One recording while it is read: its lines, in order.

use std::collections::VecDeque;

use falter_model::{Interned, Observation, Timestamp};

use super::widen::widen;
use super::{InputReport, Place};
use crate::compression::{Feed, Window};
use crate::recording::{LineError, RecordingHeader, read_line, read_value};

/// No line is longer: the end of a table dump with the largest number of peers has 6 MB.
pub(super) const LONGEST_LINE_OCTETS: usize = 16 << 20;

/// What held when a recording began.
#[derive(Debug, Default)]
pub(super) struct Start {
    at: Timestamp,
    state: VecDeque<serde_json::Value>,
}

impl Start {
    /// Takes it out of the header.
    pub(super) fn of(header: &mut RecordingHeader) -> Self {
        let state = std::mem::take(&mut header.starts_from);
        header.from.map_or_else(Self::default, |at| Self { at, state: state.into() })
    }

    /// When it held; `None` where nothing is known of it.
    pub(super) fn begins(&self) -> Option<Timestamp> {
        (!self.state.is_empty()).then_some(self.at)
    }

    fn next(&mut self, interned: &mut Interned) -> Option<Result<Observation, LineError>> {
        let told = read_value(self.state.pop_front()?, interned);
        Some(told.map(|observation| Observation { at: self.at, ..observation }))
    }
}

/// A recording that is being read.
pub(super) struct Recorded {
    start: Start,
    window: Window,
    /// The line that was read last; the header is line 1.
    line: u64,
    /// The next observation.
    ready: Option<Observation>,
    /// By which it is merged: the latest time so far, since lines stand in the order in which they
    /// became known, which is not that in which they happened.
    reached: Timestamp,
}

/// What a window begins with.
enum Line {
    /// A line of this length, its line feed included.
    Whole(usize),
    /// The last one, which no line feed ends; true where it was told why.
    CutOff(usize, bool),
    /// One that goes on and on.
    TooLong,
    End,
}

impl Recorded {
    /// Reads `feed`, after what held at the start. `reached` is the latest time of the recording that it
    /// goes on from, if it does.
    pub(super) const fn new(feed: Feed, start: Start, reached: Timestamp) -> Self {
        Self { start, window: Window::new(feed), line: 0, ready: None, reached }
    }

    /// The latest time so far.
    pub(super) const fn reached(&self) -> Timestamp {
        self.reached
    }

    /// Goes on to the next observation, and says by which time it is merged. `None` at the end. What
    /// can't be read is told.
    pub(super) fn advance(
        &mut self,
        interned: &mut Interned,
        report: &mut InputReport,
    ) -> Option<Timestamp> {
        while let Some(told) = self.start.next(interned) {
            match told {
                Ok(observation) => return Some(self.found(observation)),
                Err(error) => report.tell(Place::Line(1), error),
            }
        }
        loop {
            let (length, cut_off) = match self.find_line(report) {
                Line::Whole(length) => (length, None),
                Line::CutOff(length, is_told) => (length, Some(is_told)),
                Line::TooLong => {
                    let most = LONGEST_LINE_OCTETS;
                    report.tell(Place::Line(self.line + 1), LineError::TooLong { most });
                    self.skip_line(report);
                    continue;
                }
                Line::End => return None,
            };
            self.line += 1;
            let line = self.window.octets().get(..length).unwrap_or_default();
            // The header was read with the head of the file. Blank lines say nothing.
            let read =
                (self.line > 1 && !line.trim_ascii().is_empty()).then(|| read_line(line, interned));
            self.window.consume(length);
            match read {
                None => {}
                Some(Ok(observation)) => return Some(self.found(observation)),
                Some(Err(error)) => match cut_off {
                    None => report.tell(Place::Line(self.line), error),
                    Some(false) => report.tell(Place::Line(self.line), LineError::CutOff),
                    Some(true) => {}
                },
            }
        }
    }

    fn found(&mut self, observation: Observation) -> Timestamp {
        self.reached = self.reached.max(observation.at);
        self.ready = Some(observation);
        self.reached
    }

    /// The observation that [`advance`](Self::advance) found.
    pub(super) const fn take(&mut self) -> Option<Observation> {
        self.ready.take()
    }

    fn find_line(&mut self, report: &mut InputReport) -> Line {
        let mut searched = 0;
        loop {
            let octets = self.window.octets();
            let unseen = octets.get(searched..).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', unseen) {
                return Line::Whole(searched + end + 1);
            }
            searched = octets.len();
            if searched > LONGEST_LINE_OCTETS {
                return Line::TooLong;
            }
            let bad = report.bad_count;
            if !widen(&mut self.window, report) {
                let is_told = report.bad_count > bad;
                return if searched == 0 { Line::End } else { Line::CutOff(searched, is_told) };
            }
        }
    }

    fn skip_line(&mut self, report: &mut InputReport) {
        self.line += 1;
        loop {
            let octets = self.window.octets();
            let end = memchr::memchr(b'\n', octets).map(|end| end + 1);
            let skipped = end.unwrap_or(octets.len());
            self.window.consume(skipped);
            if end.is_some() || !widen(&mut self.window, report) {
                return;
            }
        }
    }
}
