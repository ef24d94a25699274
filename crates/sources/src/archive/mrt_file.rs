//! One BGP archive while it is read: finds its records, in order.

use falter_model::Timestamp;
use falter_wire::Fault as WireFault;
use falter_wire::mrt::{self, Framed, Header, RawRecord};

use super::elems::PeerTable;
use super::head::Class;
use super::widen::widen;
use super::{InputReport, Place};
use crate::compression::{Feed, Window};

/// How much is looked through at a time for the next record after one that can't be framed: several
/// times the longest update, so that a plausible record is judged by what follows it.
const SEARCH_OCTETS: usize = 256 << 10;

/// An archive that is being read.
pub(super) struct MrtFile {
    window: Window,
    /// The peers that entries of its table dump refer to.
    pub(super) table: Option<PeerTable>,
    /// By which its next record is merged: the latest time so far, since records of a file stay in
    /// the order in which they were written even where their times run backwards.
    reached: Timestamp,
    /// Of the record before, by its own clock.
    last: Option<Timestamp>,
    /// The record at the start of the window, which was framed once.
    ready: Option<Ready>,
}

/// What is known of a framed record without its octets.
#[derive(Clone, Copy)]
struct Ready {
    header: Header,
    at: Timestamp,
    octets: usize,
}

impl MrtFile {
    pub(super) const fn new(feed: Feed) -> Self {
        Self {
            window: Window::new(feed),
            table: None,
            reached: Timestamp::MIN,
            last: None,
            ready: None,
        }
    }

    /// Goes on to the next record: by which time it is merged, and of which class it is. `None` at
    /// the end. What can't be read is told.
    pub(super) fn advance(&mut self, report: &mut InputReport) -> Option<(Timestamp, Class)> {
        if let Some(read) = self.ready.take() {
            self.window.consume(read.octets);
        }
        loop {
            match mrt::frame(self.window.octets()) {
                Ok(Framed::Record(record)) => {
                    let RawRecord { header, at, .. } = record;
                    self.ready = Some(Ready { header, at, octets: record.octets() });
                    self.last = Some(record.at);
                    self.reached = self.reached.max(record.at);
                    return Some((self.reached, Class::of(record.header.kind)));
                }
                Ok(Framed::NeedMore { .. }) => {
                    if !widen(&mut self.window, report) {
                        let rest = self.window.octets();
                        if let Some(fault) = mrt::cut_off(rest) {
                            tell(report, self.window.offset(), fault);
                        }
                        let rest = rest.len();
                        self.window.consume(rest);
                        return None;
                    }
                }
                Err(fault) => {
                    tell(report, self.window.offset(), fault);
                    self.search(report);
                }
            }
        }
    }

    /// The record that [`advance`](Self::advance) found, its offset, and the peers.
    pub(super) fn record(&mut self) -> Option<(RawRecord<'_>, u64, &mut Option<PeerTable>)> {
        let Ready { header, at, octets } = self.ready?;
        let body = self.window.octets().get(mrt::HEADER_OCTETS..octets)?;
        Some((RawRecord { header, at, body }, self.window.offset(), &mut self.table))
    }

    /// Skips to the next plausible record.
    fn search(&mut self, report: &mut InputReport) {
        loop {
            while self.window.octets().len() < SEARCH_OCTETS && widen(&mut self.window, report) {}
            let octets = self.window.octets();
            let skip = mrt::resync(octets, self.last);
            let is_found = octets.len() - skip.min(octets.len()) >= mrt::HEADER_OCTETS;
            let is_end = octets.len() < SEARCH_OCTETS;
            self.window.consume(skip);
            if is_found || is_end {
                return;
            }
        }
    }
}

/// Tells a fault of a record that begins at `offset`.
pub(super) fn tell(report: &mut InputReport, offset: u64, fault: WireFault) {
    let place = Place::Offset(offset + fault.what.offset() as u64);
    report.tell(place, fault);
}
