//! One recording while it is read: its lines, in order.

use falter_model::{Interned, Observation, Timestamp};

use super::widen::widen;
use super::{InputReport, Place};
use crate::compression::{Feed, Window};
use crate::recording::{LineError, read_line};

/// No line is longer: the end of a table dump with the largest number of peers has 6 MB.
const LONGEST_LINE_OCTETS: usize = 16 << 20;

/// A recording that is being read.
pub(super) struct Recorded {
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
    /// The last one, which no line feed ends.
    CutOff(usize),
    /// One that goes on and on.
    TooLong,
    End,
}

impl Recorded {
    pub(super) const fn new(feed: Feed) -> Self {
        Self { window: Window::new(feed), line: 0, ready: None, reached: Timestamp::MIN }
    }

    /// Goes on to the next observation, and says by which time it is merged. `None` at the end. What
    /// can't be read is told.
    pub(super) fn advance(
        &mut self,
        interned: &mut Interned,
        report: &mut InputReport,
    ) -> Option<Timestamp> {
        loop {
            let (length, is_cut_off) = match self.find_line(report) {
                Line::Whole(length) => (length, false),
                Line::CutOff(length) => (length, true),
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
                Some(Ok(observation)) => {
                    self.reached = self.reached.max(observation.at);
                    self.ready = Some(observation);
                    return Some(self.reached);
                }
                Some(Err(_)) if is_cut_off => {
                    report.tell(Place::Line(self.line), LineError::CutOff);
                }
                Some(Err(error)) => report.tell(Place::Line(self.line), error),
            }
        }
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
            if !widen(&mut self.window, report) {
                return if searched == 0 { Line::End } else { Line::CutOff(searched) };
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
