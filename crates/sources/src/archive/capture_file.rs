//! One capture of a darknet while it is read: the attacks that its packets show.

use falter_model::{Observation, Prefix, Timestamp};

use super::{InputReport, Place};
use crate::compression::Feed;
use crate::darknet::{Packets, Taken, Vectors};

/// What attacks that a capture shows are told as seen by: a capture does not say who made it.
pub(super) const DARKNET: &str = "darknet";

/// A capture that is being read.
pub(super) struct CaptureFile {
    packets: Packets,
    vectors: Vectors,
    ready: Option<Observation>,
}

impl CaptureFile {
    /// Tells attacks on victims in `prefixes`; on all of them if `None`.
    pub(super) fn new(feed: Feed, prefixes: Option<Vec<Prefix>>) -> Self {
        let vectors = Vectors::new(DARKNET.into(), prefixes);
        Self { packets: Packets::of(feed), vectors, ready: None }
    }

    /// Goes on to the next attack, or part of one, and says by which time it is merged: when it became
    /// known. `None` at the end. What can't be read is told.
    pub(super) fn advance(&mut self, report: &mut InputReport) -> Option<Timestamp> {
        let mut is_over = false;
        loop {
            if let Some((known, observation)) = self.vectors.pop() {
                self.ready = Some(observation);
                return Some(known);
            }
            if is_over {
                return None;
            }
            match self.packets.next(|at, packet| self.vectors.take(at, packet)) {
                Taken::Record => {}
                Taken::Bad(offset, error) => report.tell(Place::Offset(offset), error),
                Taken::End => {
                    self.vectors.finish();
                    is_over = true;
                }
            }
        }
    }

    /// What [`advance`](Self::advance) found.
    pub(super) fn take(&mut self) -> Option<Observation> {
        self.ready.take()
    }
}
