//! Who is asked when: rounds, slow when all is well, quick around a change. Pure: time is passed in.
//!
//! A round asks every item once, in an order that was shuffled once, each at a random place in its
//! slot. Controls are spread evenly among targets, so that each stretch of a round has its witness.
//! An item that changed is asked again out of turn, to bracket when; if several changed, all are asked
//! in quick rounds for a while.

use std::collections::VecDeque;
use std::time::Duration;

use super::plan::{PacePlan, RoundsPlan};
use super::secret::Secret;

/// Quick rounds go on for this long after the last change: the belief needs some rounds of 1 s, and
/// onset and end are bracketed within them (docs/method.md, "Probing").
const QUICK_FOR: Duration = Duration::from_secs(30);
/// This many surprises within a calm round hurry all; of many targets, this share of them.
const SURPRISES: usize = 2;
const SURPRISE_SHARE: f64 = 0.05;
/// A change of one that changes more often than this surprises nobody.
const USUAL_CHANGES: f64 = 0.1;
/// Weight of the last round in how often one changes.
const NEWEST: f64 = 0.05;
/// Packets for rounds, of all: the rest is for questions out of turn.
const SHARE_QUICK: f64 = 0.8;
const SHARE_CALM: f64 = 0.5;
/// Questions out of turn after a change.
const EXTRA: u8 = 2;

/// One item of a round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Item {
    /// Which target or control: several methods share it.
    pub(crate) address: usize,
    /// Which of its methods.
    pub(crate) method: usize,
    pub(crate) is_control: bool,
    pub(crate) availability: f64,
}

#[derive(Debug, Clone)]
struct Lately {
    answers: Option<bool>,
    changes: f64,
    extra: u8,
    /// Its question out of turn waits in the queue.
    queued: bool,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Rounds {
    items: Vec<Item>,
    lately: Vec<Lately>,
    order: Vec<usize>,
    asked_at: Vec<Option<Duration>>,
    calm: Duration,
    quick: Duration,
    per_target: Duration,
    secret: Secret,
    begun: Duration,
    length: Duration,
    place: usize,
    extra: VecDeque<(Duration, usize)>,
    surprises: VecDeque<Duration>,
    quick_until: Duration,
    unsure: bool,
}

impl Rounds {
    /// Of these items; the first round begins at once.
    pub(crate) fn new(items: Vec<Item>, plan: RoundsPlan, pace: PacePlan, secret: Secret) -> Self {
        let methods = items.iter().map(|item| item.method + 1).max().unwrap_or(1);
        let least = |share: f64| {
            Duration::try_from_secs_f64(items.len() as f64 / (pace.total_pps * share).max(1e-6))
                .unwrap_or(Duration::MAX)
        };
        // Every method of a target falls into one round, and each is a packet to it.
        let apart = pace.per_target.mul_f64(1.05 * methods as f64);
        let quick = plan.quick.max(least(SHARE_QUICK)).max(apart);
        let calm = plan.calm.max(least(SHARE_CALM)).max(quick);
        let addresses = items.iter().map(|item| item.address + 1).max().unwrap_or(0);
        let lately = Lately { answers: None, changes: 0.0, extra: 0, queued: false };
        Self {
            lately: vec![lately; items.len()],
            order: spread(&items, &secret),
            asked_at: vec![None; addresses],
            items,
            calm,
            quick,
            per_target: pace.per_target,
            secret,
            begun: Duration::ZERO,
            length: quick,
            place: 0,
            extra: VecDeque::new(),
            surprises: VecDeque::new(),
            quick_until: Duration::ZERO,
            unsure: false,
        }
    }

    /// The watcher is unsure, or sure again.
    pub(crate) fn set_unsure(&mut self, unsure: bool, now: Duration) {
        if unsure && !self.unsure {
            self.hurry(now);
        }
        self.unsure = unsure;
    }

    /// Asks an item out of turn.
    fn look_at(&mut self, item: usize, now: Duration) {
        if let Some(lately) = self.lately.get_mut(item)
            && !lately.queued
        {
            lately.queued = true;
            self.extra.push_back((now, item));
        }
    }

    /// Who is to be asked at `now`, if anybody. It counts as asked.
    pub(crate) fn take(&mut self, now: Duration) -> Option<usize> {
        let item = self.take_extra(now).or_else(|| self.take_in_turn(now))?;
        let address = self.items.get(item)?.address;
        if let Some(asked_at) = self.asked_at.get_mut(address) {
            *asked_at = Some(now);
        }
        Some(item)
    }

    /// When somebody is to be asked.
    pub(crate) fn next_due(&self) -> Duration {
        let in_turn = if self.items.is_empty() { Duration::MAX } else { self.due_in_turn() };
        let extra = self.extra.iter().map(|(due, item)| (*due).max(self.allowed_at(*item)));
        extra.min().map_or(in_turn, |extra| extra.min(in_turn))
    }

    /// An item answered, or was not heard in time. `now` is when that became known.
    pub(crate) fn heard(&mut self, item: usize, answers: bool, now: Duration) {
        let per_target = self.per_target;
        let Some((lately, item_is)) = self.lately.get_mut(item).zip(self.items.get(item)) else {
            return;
        };
        let before = lately.answers.replace(answers);
        let changed = before.is_some_and(|before| before != answers);
        let usual = lately.changes;
        lately.changes += NEWEST * (f64::from(u8::from(changed)) - lately.changes);
        if changed {
            lately.extra = EXTRA;
        }
        if lately.extra > 0 && !lately.queued {
            lately.extra -= 1;
            lately.queued = true;
            self.extra.push_back((now + per_target, item));
        }
        let expected = item_is.availability >= 0.5 && usual < USUAL_CHANGES;
        if changed && expected && !item_is.is_control {
            self.surprised(now);
        }
    }

    /// True while rounds are quick.
    pub(crate) fn is_quick(&self, now: Duration) -> bool {
        self.unsure || now < self.quick_until
    }

    fn surprised(&mut self, now: Duration) {
        self.surprises.push_back(now);
        while self.surprises.front().is_some_and(|at| *at + self.calm < now) {
            self.surprises.pop_front();
        }
        let targets = self.items.iter().filter(|item| !item.is_control).count();
        let share = self.surprises.len() as f64 >= SURPRISE_SHARE * targets as f64;
        let enough = self.surprises.len() >= SURPRISES.min(targets) && share;
        if enough || self.is_quick(now) {
            self.hurry(now);
        }
    }

    fn hurry(&mut self, now: Duration) {
        let was_quick = self.is_quick(now);
        self.quick_until = now + QUICK_FOR;
        if !was_quick && self.length > self.quick {
            self.begin(now);
        }
    }

    fn begin(&mut self, now: Duration) {
        self.begun = now;
        self.place = 0;
        self.length = if self.is_quick(now) { self.quick } else { self.calm };
    }

    fn take_extra(&mut self, now: Duration) -> Option<usize> {
        let ready = |(due, item): &(Duration, usize)| (*due).max(self.allowed_at(*item)) <= now;
        let place = self.extra.iter().position(ready)?;
        let (_, item) = self.extra.remove(place)?;
        if let Some(lately) = self.lately.get_mut(item) {
            lately.queued = false;
        }
        Some(item)
    }

    fn take_in_turn(&mut self, now: Duration) -> Option<usize> {
        // Who was asked a moment ago is asked once it may be again; the round goes on.
        loop {
            if self.items.is_empty() || self.due_in_turn() > now {
                return None;
            }
            if self.place >= self.order.len() {
                // A round that came late is not made up for.
                self.begin(now);
                continue;
            }
            let item = self.order.get(self.place).copied()?;
            self.place += 1;
            if self.allowed_at(item) <= now {
                return Some(item);
            }
            self.look_at(item, now);
        }
    }

    fn due_in_turn(&self) -> Duration {
        if self.place >= self.order.len() {
            return self.begun + self.length;
        }
        let slot = self.length.div_f64(self.order.len().max(1) as f64);
        let random = self.secret.number(
            self.place as u64,
            std::net::Ipv4Addr::UNSPECIFIED.into(),
            self.begun,
        );
        // The upper bits as a share of the slot; half of it keeps neighbors apart.
        let jitter = (random >> 40) as f64 / (1u64 << 24) as f64 / 2.0;
        self.begun + slot.mul_f64(self.place as f64 + jitter)
    }

    /// A target may be asked again from here on.
    fn allowed_at(&self, item: usize) -> Duration {
        let address = self.items.get(item).map(|item| item.address);
        let asked_at = address.and_then(|address| self.asked_at.get(address).copied().flatten());
        asked_at.map_or(Duration::ZERO, |asked_at| asked_at + self.per_target)
    }
}

/// Targets method by method in one shuffled order, with controls spread evenly among them.
fn spread(items: &[Item], secret: &Secret) -> Vec<usize> {
    let random = |number: usize| {
        let nowhere = std::net::Ipv4Addr::UNSPECIFIED.into();
        secret.number(number as u64, nowhere, Duration::MAX)
    };
    let of = |controls: bool| {
        let mut order: Vec<usize> = (0..items.len())
            .filter(|place| items.get(*place).is_some_and(|item| item.is_control == controls))
            .collect();
        order
            .sort_by_key(|place| items.get(*place).map(|item| (item.method, random(item.address))));
        order
    };
    let (targets, controls) = (of(false), of(true));
    let (all, mut from) = (controls.len().max(1), controls.iter().copied());
    let mut order = Vec::with_capacity(items.len());
    for (place, target) in targets.iter().enumerate() {
        // The control number k of n stands before target number k·targets/n.
        let due = (place * all).div_ceil(targets.len().max(1));
        while controls.len() - from.len() < due.min(controls.len())
            || place == 0 && order.is_empty()
        {
            match from.next() {
                Some(control) => order.push(control),
                None => break,
            }
        }
        order.push(*target);
    }
    order.extend(from);
    order
}

#[cfg(test)]
mod tests;
