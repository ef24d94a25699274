//! One capture of a darknet while it is read: its packets, in order. What they show, the flows of all
//! captures together tell.

use falter_model::Timestamp;

use super::{InputReport, Place};
use crate::compression::Feed;
use crate::darknet::{Flows, Packets};

/// The name in which attacks are told that captures show: a capture does not say who made it.
pub(super) const DARKNET: &str = "darknet";

/// See the module.
pub(super) struct CaptureFile {
    packets: Packets,
    /// By which it is merged: the latest time so far.
    reached: Timestamp,
}

impl CaptureFile {
    pub(super) fn new(feed: Feed) -> Self {
        Self { packets: Packets::of(feed), reached: Timestamp::MIN }
    }

    /// Goes on to the next packet, and says by which time it is merged. `None` at the end. What can't be
    /// read is told.
    pub(super) fn advance(&mut self, report: &mut InputReport) -> Option<Timestamp> {
        let tell = |offset, error| report.tell(Place::Offset(offset), error);
        self.reached = self.reached.max(self.packets.advance(tell)?);
        Some(self.reached)
    }

    /// Hands over the packet that [`advance`](Self::advance) found.
    pub(super) fn take(&self, into: &mut Flows) {
        into.take(self.reached, self.packets.packet());
    }
}
