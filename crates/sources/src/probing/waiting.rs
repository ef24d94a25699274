//! Probes that were sent and not answered yet.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Instant;

use falter_model::{ControlKind, Timestamp};

/// What a probe is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    Target,
    Control(ControlKind),
    Sweep,
}

/// A probe that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    /// When, for the observation.
    pub(super) at: Timestamp,
    /// When, by the prober's own clock: tells two probes of one number apart.
    pub(super) clock_us: u64,
    pub(super) aim: Aim,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// By whom they ask and their number.
    sent: BTreeMap<(IpAddr, u16), Sent>,
    /// In the order in which they time out.
    deadlines: VecDeque<(Instant, IpAddr, u16, u64)>,
}

impl Waiting {
    /// A probe waits until `deadline`; deadlines come in order.
    pub(super) fn add(&mut self, target: IpAddr, sequence: u16, sent: Sent, deadline: Instant) {
        self.sent.insert((target, sequence), sent);
        self.deadlines.push_back((deadline, target, sequence, sent.clock_us));
    }

    /// A probe was answered: takes it, if it is the one that was sent then and still waits.
    pub(super) fn answered(
        &mut self,
        target: IpAddr,
        sequence: u16,
        clock_us: u64,
    ) -> Option<Sent> {
        let key = (target, sequence);
        let is_it = self.sent.get(&key).is_some_and(|sent| sent.clock_us == clock_us);
        is_it.then(|| self.sent.remove(&key)).flatten()
    }

    /// Somebody else said what became of a probe: takes it.
    pub(super) fn refused(&mut self, target: IpAddr, sequence: u16) -> Option<Sent> {
        self.sent.remove(&(target, sequence))
    }

    /// The next probe that has waited long enough.
    pub(super) fn timed_out(&mut self, now: Instant) -> Option<(IpAddr, Sent)> {
        while let Some((deadline, target, sequence, clock_us)) = self.deadlines.front().copied()
            && deadline <= now
        {
            self.deadlines.pop_front();
            if let Some(sent) = self.answered(target, sequence, clock_us) {
                return Some((target, sent));
            }
        }
        None
    }

    /// When the next has waited long enough, unless it is answered.
    pub(super) fn next(&self) -> Option<Instant> {
        self.deadlines.front().map(|(deadline, ..)| *deadline)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::monotonic;

    #[test]
    fn a_probe_ends_once() {
        let (mut waiting, now) = (Waiting::default(), monotonic());
        let target = IpAddr::from([192, 0, 2, 1]);
        let sent = |clock_us| Sent { at: Timestamp::EPOCH, clock_us, aim: Aim::Target };
        let after = |seconds| now + Duration::from_secs(seconds);
        waiting.add(target, 1, sent(10), after(3));
        waiting.add(target, 2, sent(20), after(4));
        // The number came round again before the first of it timed out.
        waiting.add(target, 2, sent(30), after(5));
        assert_eq!(waiting.answered(target, 1, 11), None);
        assert_eq!(waiting.answered(target, 1, 10), Some(sent(10)));
        assert_eq!(waiting.answered(target, 1, 10), None);
        assert_eq!(waiting.timed_out(after(4)), None);
        assert_eq!(waiting.timed_out(after(5)), Some((target, sent(30))));
        assert_eq!(waiting.timed_out(after(9)), None);
    }
}
