//! What is new since somebody last asked: how a run without an end is told, in bounded memory.

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{Blind, Entity, Outage, OutageId, Series, Span, Text, Timestamp};

/// What became known.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Outages that began, changed or ended, whole, with verdicts and their revisions; by onset.
    pub(crate) outages: Vec<Outage>,
    /// Points that were not told before, or are other than they were told.
    pub(crate) series: Vec<Series>,
    /// Times in which we could not tell; one that goes on is told again as it grows.
    pub(crate) blind: Vec<Blind>,
}

/// What was not told yet, and what must be known to tell it once.
#[derive(Debug, Default)]
pub(super) struct Untold {
    outages: BTreeMap<OutageId, Outage>,
    /// Outages that go on, or ended so lately that they may still change: onset and end.
    known: BTreeMap<OutageId, (Timestamp, Option<Timestamp>)>,
    /// Until when a blind time was told, by whose it is.
    blind: BTreeMap<(Entity, Text, Timestamp, Text), Timestamp>,
    blind_looked_at: Option<Timestamp>,
}

/// What nobody needs any more.
pub(super) struct Forgotten {
    pub(super) outages: BTreeSet<OutageId>,
    pub(super) blind_before: Timestamp,
}

/// Blind times are looked at this often.
const BLIND_EVERY: Span = Span::from_seconds(10);

/// So long after its end an outage can't change any more: detect seals a day after it could last be
/// joined, and forgets what it told after three.
const SETTLED_AFTER: Span = Span::from_days(4);

/// Blind times matter to a verdict two days around its outage.
const BLIND_AROUND: Span = Span::from_days(3);

impl Untold {
    /// An outage as it stands now.
    pub(super) fn outage(&mut self, outage: Outage) {
        let times = (outage.from.first_bad, outage.until.map(|end| end.first_good));
        self.known.insert(outage.id.clone(), times);
        self.outages.insert(outage.id.clone(), outage);
    }

    /// Whether it is time to ask for blind times.
    pub(super) fn blind_is_due(&mut self, now: Timestamp) -> bool {
        let due = self.blind_looked_at.is_none_or(|last| now - last >= BLIND_EVERY);
        if due {
            self.blind_looked_at = Some(now);
        }
        due
    }

    /// Everything that is new.
    pub(super) fn take(
        &mut self,
        now: Timestamp,
        mut blind: Vec<Blind>,
        series: Vec<Series>,
    ) -> News {
        blind.retain(|blind| blind.until >= self.keeps_blind_after(now));
        blind.retain(|blind| {
            let key = (blind.entity.clone(), blind.vantage.clone(), blind.from, blind.why.clone());
            self.blind.insert(key, blind.until) != Some(blind.until)
        });
        let mut outages: Vec<Outage> = std::mem::take(&mut self.outages).into_values().collect();
        outages.sort_by(|a, b| (a.from.first_bad, &a.id).cmp(&(b.from.first_bad, &b.id)));
        News { outages, series, blind }
    }

    /// Forgets what can't change any more, and tells what that is.
    pub(super) fn forget(&mut self, now: Timestamp) -> Forgotten {
        let blind_before = self.keeps_blind_after(now);
        self.blind.retain(|_, until| *until >= blind_before);
        let settled = |(_, until): &(Timestamp, Option<Timestamp>)| {
            until.is_some_and(|until| now - until > SETTLED_AFTER)
        };
        let gone = self.known.extract_if(.., |_, times| settled(times));
        Forgotten { outages: gone.map(|(id, _)| id).collect(), blind_before }
    }

    /// Blind times around an outage that may still be judged are kept.
    fn keeps_blind_after(&self, now: Timestamp) -> Timestamp {
        let onsets = self.known.values().map(|(onset, _)| *onset);
        onsets.min().map_or(now, |first| first.min(now)) - BLIND_AROUND
    }
}

impl News {
    /// Adds what became known later.
    pub(crate) fn add(&mut self, later: Self) {
        for outage in later.outages {
            self.outages.retain(|known| known.id != outage.id);
            self.outages.push(outage);
        }
        for new in later.series {
            let same = |known: &&mut Series| {
                (&known.entity, &known.signal, known.step) == (&new.entity, &new.signal, new.step)
            };
            match self.series.iter_mut().find(same) {
                Some(known) => {
                    // A last point may be told again, since it changed.
                    let first = new.points.first().map(|(at, _)| *at);
                    known.points.retain(|(at, _)| first.is_none_or(|first| *at < first));
                    known.points.extend(new.points);
                }
                None => self.series.push(new),
            }
        }
        self.blind.extend(later.blind);
    }
}
