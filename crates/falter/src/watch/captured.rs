//! A capture of a darknet as a source: the attacks that its packets show, at their own times.

use std::io::Read;

use falter_model::{Interned, Observation, Span, Step, Timestamp};
use falter_sources::darknet::{Flows, Packets};
use falter_sources::live::TellError;

use super::sources::Start;

/// See the module.
pub(super) struct Captured {
    packets: Packets,
    /// When the packet was captured that is to be taken next; `None` at the end.
    next: Option<Timestamp>,
}

/// Whether the packets are the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ticks {
    /// They are: each second that they pass is told.
    Told,
    /// It passes elsewhere.
    LeftOut,
}

/// A capture that goes on only after this was interrupted: no second of it is told.
const LEAP: Span = Span::from_days(1);

impl Captured {
    /// Reads up to the first packet.
    pub(super) fn open(capture: Box<dyn Read + Send>) -> Self {
        let mut captured = Self { packets: Packets::growing(capture), next: None };
        captured.advance();
        captured
    }

    /// When its first packet was captured; `None` if it has none.
    pub(super) const fn begins(&self) -> Option<Timestamp> {
        self.next
    }

    /// Tells all that it shows to its end.
    pub(super) fn tell(
        mut self,
        mut flows: Flows,
        ticks: Ticks,
        with: &Start,
    ) -> anyhow::Result<()> {
        let mut second: Option<Timestamp> = None;
        let mut reached = None;
        while let Some(at) = self.next
            && !with.stop.is_cancelled()
        {
            while let Some(passed) = second.filter(|second| *second <= at && at - *second < LEAP) {
                flows.pass(passed);
                tell_passed(&mut flows, Some(passed).filter(|_| ticks == Ticks::Told), with)?;
                second = Some(passed + Step::SECOND.width());
            }
            second = Some(at.floor_second() + Step::SECOND.width()).max(second);
            reached = reached.max(Some(at));
            flows.take(at, self.packets.packet());
            tell_passed(&mut flows, None, with)?;
            self.advance();
        }
        flows.finish();
        tell_passed(&mut flows, reached.filter(|_| ticks == Ticks::Told), with)
    }

    fn advance(&mut self) {
        let warn = |offset, error| tracing::warn!(offset, %error, "Part of the capture not read.");
        self.next = self.packets.advance(warn);
    }
}

/// Tells attacks that were found, and that a second passed.
fn tell_passed(flows: &mut Flows, tick: Option<Timestamp>, with: &Start) -> anyhow::Result<()> {
    while let Some(attack) = flows.pop() {
        tell(&attack, with)?;
        with.status.told_one();
    }
    tick.map_or(Ok(()), |tick| tell(&Observation::tick(tick), with))
}

/// Tells an observation; nothing where nobody watches any more, which `stop` says too.
fn tell(observation: &Observation, with: &Start) -> anyhow::Result<()> {
    match with.tell.tell_blocking(observation, &Interned::new()) {
        Ok(()) | Err(TellError::Gone) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
