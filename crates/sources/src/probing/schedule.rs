//! When each target is asked next: slowly while all is well, quickly when something changed.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Between two questions to a target while all is well: what a round of Trinocular's gets in eleven minutes
/// (Quan, Heidemann and Pradkin, SIGCOMM 2013) takes ten here, so that it costs a target six packets a minute.
const CALM: Duration = Duration::from_secs(10);
/// So long after the last surprise all are asked quickly: the end of an outage is bracketed too.
const ALARMED: Duration = Duration::from_mins(1);
/// Who answers so often is a surprise when it does not.
const STEADY: f64 = 0.8;
/// So many steady targets that are silent at once, or all of fewer, are a surprise.
const SURPRISED_BY: usize = 2;
/// The weight of a new answer in what is thought of a target: some twenty count.
const NEW: f64 = 0.05;

/// See the module.
#[derive(Debug)]
pub(super) struct Schedule {
    targets: BTreeMap<IpAddr, Target>,
    /// Between two questions to a target at most so often.
    quick: Duration,
    alarmed_until: Option<Instant>,
    /// When the first calm round began.
    begin: Instant,
}

#[derive(Debug)]
struct Target {
    next: Instant,
    /// Its own moment in the calm round, in [0, 1): questions are spread over all of it, so that the first
    /// that is not answered comes soon.
    phase: f64,
    /// How often it answers, in [0, 1].
    answers: f64,
    is_silent: bool,
}

impl Schedule {
    /// Targets that are asked once in `quick` at most; each for the first time within that time.
    pub(super) fn new(
        quick: Duration,
        targets: impl IntoIterator<Item = IpAddr>,
        now: Instant,
    ) -> Self {
        let mut schedule =
            Self { targets: BTreeMap::new(), quick, alarmed_until: None, begin: now };
        let all: Vec<IpAddr> = targets.into_iter().collect();
        let count = u32::try_from(all.len()).unwrap_or(u32::MAX).max(1);
        for (place, target) in (0_u32..).zip(all) {
            schedule.add(target, now + quick * place / count);
        }
        schedule
    }

    /// One more, first asked at `next`; no change where it is known.
    pub(super) fn add(&mut self, target: IpAddr, next: Instant) {
        // Multiples of the golden section, cut off to [0, 1), are spread as evenly as numbers can be that
        // come one by one (Knuth, The Art of Computer Programming, volume 3, section 6.4).
        let count = u32::try_from(self.targets.len()).unwrap_or(u32::MAX);
        let phase = (f64::from(count) * 0.618_033_988_749_895).fract();
        let new = Target { next, phase, answers: 0.5, is_silent: false };
        self.targets.entry(target).or_insert(new);
    }

    pub(super) fn is_target(&self, address: IpAddr) -> bool {
        self.targets.contains_key(&address)
    }

    /// The target whose time has come for the longest, if there is any; it is then not due.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<IpAddr> {
        let (alarmed, begin, quick) = (self.is_alarmed(now), self.begin, self.quick);
        let due = self.targets.iter_mut().filter(|(_, target)| target.next <= now);
        let (address, target) = due.min_by_key(|(_, target)| target.next)?;
        target.next = if alarmed {
            // A stall is not made up for.
            target.next.max(now.checked_sub(quick).unwrap_or(now)) + quick
        } else {
            calm(begin, now + quick, target.phase)
        };
        Some(*address)
    }

    /// When the next is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.targets.values().map(|target| target.next).min()
    }

    /// What came of a question.
    pub(super) fn heard(&mut self, address: IpAddr, answered: bool, now: Instant) {
        let Some(target) = self.targets.get_mut(&address) else { return };
        let was_silent = target.is_silent;
        target.is_silent = !answered;
        let is_steady = target.answers >= STEADY;
        if !self.is_alarmed(now) {
            // Nothing is learned of targets while something is wrong with all.
            if let Some(target) = self.targets.get_mut(&address) {
                target.answers += NEW * (f64::from(u8::from(answered)) - target.answers);
            }
        }
        if was_silent != answered {
            return;
        }
        // Who fell silent, or returned, is asked again soon.
        if is_steady && let Some(target) = self.targets.get_mut(&address) {
            target.next = target.next.min(now + self.quick);
        }
        let steady = self.targets.values().filter(|target| target.answers >= STEADY / 2.0);
        let (count, silent) = steady.fold((0, 0), |(count, silent), target| {
            (count + 1, silent + usize::from(target.is_silent))
        });
        if silent >= SURPRISED_BY.min(count) && silent > 0 || (answered && self.is_alarmed(now)) {
            self.alarm(now);
        }
    }

    /// Between two questions to a target when it matters.
    pub(super) const fn quick(&self) -> Duration {
        self.quick
    }

    /// All are asked quickly for a while.
    fn alarm(&mut self, now: Instant) {
        let was_calm = !self.is_alarmed(now);
        self.alarmed_until = Some(now + ALARMED);
        if was_calm {
            let count = u32::try_from(self.targets.len()).unwrap_or(u32::MAX).max(1);
            for (place, target) in (0_u32..).zip(self.targets.values_mut()) {
                target.next = target.next.min(now + self.quick * place / count);
            }
        }
    }

    pub(super) fn is_alarmed(&self, now: Instant) -> bool {
        self.alarmed_until.is_some_and(|until| now < until)
    }
}

/// The first moment of a phase of the calm round that is not before `from`.
fn calm(begin: Instant, from: Instant, phase: f64) -> Instant {
    let round = CALM.as_secs_f64();
    let passed = from.saturating_duration_since(begin).as_secs_f64() / round;
    let rounds = (passed - phase).max(0.0).ceil();
    begin + Duration::from_secs_f64((rounds + phase) * round)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::monotonic;

    const QUICK: Duration = Duration::from_secs(1);

    fn address(n: u8) -> IpAddr {
        [175, 45, 176, n].into()
    }

    /// Asks for so many seconds; what `answers` says comes of a question three seconds later, or at once
    /// where it is answered. The number of questions.
    fn ask(
        schedule: &mut Schedule,
        begin: Instant,
        seconds: std::ops::Range<u64>,
        answers: impl Fn(IpAddr) -> bool,
    ) -> usize {
        let mut silent: Vec<(Instant, IpAddr)> = Vec::new();
        let mut asked = 0;
        for tenth in seconds.start * 10..seconds.end * 10 {
            let now = begin + Duration::from_millis(tenth * 100);
            while let Some(target) = schedule.take_due(now) {
                asked += 1;
                if answers(target) {
                    schedule.heard(target, true, now);
                } else {
                    silent.push((now + Duration::from_secs(3), target));
                }
            }
            silent.retain(|(at, target)| {
                let is_due = *at <= now;
                if is_due {
                    schedule.heard(*target, false, now);
                }
                !is_due
            });
        }
        asked
    }

    #[test]
    fn calm_is_slow_and_silence_is_quick() {
        let begin = monotonic();
        let mut schedule = Schedule::new(QUICK, (0..20).map(address), begin);
        ask(&mut schedule, begin, 0..600, |_| true);
        let calm = ask(&mut schedule, begin, 600..660, |_| true);
        assert!((100..=140).contains(&calm), "{calm}");
        // All silent: nine seconds later each is known to be so.
        let first = ask(&mut schedule, begin, 660..669, |_| false);
        assert!(first > 20 * 2, "{first}");
        let silent = schedule.targets.values().filter(|target| target.is_silent).count();
        assert_eq!(silent, 20);
    }

    #[test]
    fn a_target_that_often_is_silent_alarms_nobody() {
        let begin = monotonic();
        let mut schedule = Schedule::new(QUICK, (0..20).map(address), begin);
        let flaky = |n: u8| move |target: IpAddr| target != address(n);
        ask(&mut schedule, begin, 0..600, flaky(3));
        let asked = ask(&mut schedule, begin, 600..660, flaky(3));
        assert!((100..=140).contains(&asked), "{asked}");
    }

    #[test]
    fn calm_rounds_are_spread_over_their_time() {
        let begin = monotonic();
        let mut schedule = Schedule::new(QUICK, (0..20).map(address), begin);
        ask(&mut schedule, begin, 0..100, |_| true);
        let each_second: Vec<usize> = (100..110)
            .map(|second| ask(&mut schedule, begin, second..second + 1, |_| true))
            .collect();
        assert!(each_second.iter().all(|asked| (1..=3).contains(asked)), "{each_second:?}");
    }

    #[test]
    fn one_target_alone_is_watched_as_well() {
        let begin = monotonic();
        let mut schedule = Schedule::new(QUICK, [address(1)], begin);
        ask(&mut schedule, begin, 0..600, |_| true);
        let asked = ask(&mut schedule, begin, 600..620, |_| false);
        assert!(asked > 5, "{asked}");
    }

    #[test]
    fn nobody_is_asked_more_often_than_it_may_be() {
        let begin = monotonic();
        let mut schedule = Schedule::new(QUICK, [address(1), address(2)], begin);
        let asked = ask(&mut schedule, begin, 0..100, |_| false);
        assert!(asked <= 202, "{asked}");
    }
}
