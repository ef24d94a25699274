//! What routes did over the past weeks, kept for the verdict.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use falter_model::{Asn, End, Onset, Probability, RouteFacts, Span, Timestamp, TransitFacts};

use super::snapshot::Snapshot;
use crate::routes::RowId;

/// Outages are judged while they last and for a while after; recurrence is judged from outages, not
/// from here.
const KEPT: Span = Span::from_days(35);

/// Bounds memory where everything is watched: sixteen octets each.
const TRANSITIONS_KEPT: usize = 1_000_000;

/// Losses up to this long after the first count as the onset (docs/method.md: withdrawal spread).
const ONSET: Span = Span::from_hours(1);

/// Where no good observation was seen before, the onset is looked for from this long before the
/// first bad one: one bin.
const BIN: Span = Span::from_minutes(5);

/// The baseline of churn is the median hour of a week before, of at least this many hours.
const BASELINE: Span = Span::from_days(7);
const BASELINE_HOURS: usize = 6;

/// A bin of so many times the usual, and at least so many updates, begins the churn. Expert: Rogers
/// and Optus had some ten times the usual (docs/method.md, sources).
const CHURN_TIMES: f64 = 3.0;
const CHURN_UPDATES: f64 = 10.0;

/// A prefix went, or came back.
#[derive(Debug, Clone, Copy)]
struct Transition {
    at: Timestamp,
    row: RowId,
    up: bool,
}

/// What a network's routes were in one bin.
#[derive(Debug, Clone)]
struct BinFacts {
    from: Timestamp,
    updates: u32,
    snapshot: Snapshot,
    new_origins: BTreeSet<Asn>,
}

/// A prefix of the entity that is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watched {
    pub(crate) row: RowId,
    pub(crate) origin: Option<Asn>,
    /// Visible now, at the end of the log.
    pub(crate) up: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Log {
    transitions: VecDeque<Transition>,
    bins: VecDeque<BinFacts>,
}

impl Log {
    /// A prefix went, or came back.
    pub(crate) fn transition(&mut self, at: Timestamp, row: RowId, up: bool) {
        self.transitions.push_back(Transition { at, row, up });
        let old = |first: &Transition| at - first.at > KEPT;
        while self.transitions.len() > TRANSITIONS_KEPT || self.transitions.front().is_some_and(old)
        {
            self.transitions.pop_front();
        }
    }

    /// A bin of the network ended.
    pub(crate) fn bin(
        &mut self,
        from: Timestamp,
        updates: u32,
        snapshot: Snapshot,
        new_origins: BTreeSet<Asn>,
    ) {
        self.bins.push_back(BinFacts { from, updates, snapshot, new_origins });
        while self.bins.front().is_some_and(|first| from - first.from > KEPT) {
            self.bins.pop_front();
        }
    }

    /// What the watched prefixes did around an outage.
    pub(crate) fn facts(
        &self,
        watched: &[Watched],
        from: Onset,
        until: Option<End>,
        is_network: bool,
    ) -> RouteFacts {
        let start = from
            .last_good
            .unwrap_or(from.first_bad - BIN)
            .min(from.first_bad - BIN)
            .max(from.first_bad - ONSET);
        let end = until.map_or(Timestamp::MAX, |end| end.first_good);
        let mut facts = self.losses(watched, start, from.first_bad, end);
        if is_network {
            self.add_churn(&mut facts, from.first_bad);
            self.add_bins(&mut facts, start, from.first_bad, end);
        }
        facts
    }

    /// Who lost what, how fast, and how often it came back.
    fn losses(
        &self,
        watched: &[Watched],
        start: Timestamp,
        first_bad: Timestamp,
        end: Timestamp,
    ) -> RouteFacts {
        let rows: BTreeMap<RowId, &Watched> = watched.iter().map(|one| (one.row, one)).collect();
        let after: Vec<&Transition> = self
            .transitions
            .iter()
            .filter(|transition| transition.at >= start && rows.contains_key(&transition.row))
            .collect();
        let mut up_before: BTreeMap<RowId, bool> =
            watched.iter().map(|one| (one.row, one.up)).collect();
        for transition in after.iter().rev() {
            up_before.insert(transition.row, !transition.up);
        }
        let before = up_before.values().filter(|up| **up).count() as u64;
        let during: Vec<&&Transition> = after.iter().take_while(|t| t.at <= end).collect();
        let losses = || during.iter().filter(|t| !t.up && t.at <= first_bad + ONSET);
        let spread =
            losses().next().zip(losses().next_back()).map(|(first, last)| last.at - first.at);
        let operator = |row: &RowId| rows.get(row).and_then(|one| one.origin);
        let lost: BTreeSet<Asn> =
            during.iter().filter(|t| !t.up).filter_map(|t| operator(&t.row)).collect();
        let operators: BTreeSet<Asn> = watched.iter().filter_map(|one| one.origin).collect();
        let mut timeline = vec![(start, before)];
        let mut visible = before;
        for transition in &during {
            visible = if transition.up { visible + 1 } else { visible.saturating_sub(1) };
            timeline.push((transition.at, visible));
        }
        let least = timeline.iter().map(|(_, visible)| *visible).min().unwrap_or(before);
        let (down_times, up_times) = swings(&timeline, before, before - least.min(before));
        let small = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        RouteFacts {
            withdrawal_spread: spread,
            operators_lost: small(lost.len()),
            operators: small(operators.len()),
            prefixes_lost: u32::try_from(before - least.min(before)).unwrap_or(u32::MAX),
            prefixes: u32::try_from(before).unwrap_or(u32::MAX),
            flaps: small(up_times.len()),
            down_times,
            up_times,
            ..RouteFacts::default()
        }
    }

    /// Updates in the hour before onset against the median hour of the week before.
    fn add_churn(&self, facts: &mut RouteFacts, onset: Timestamp) {
        let hour_before = onset - ONSET;
        let mut hours: BTreeMap<i64, (u32, u64)> = BTreeMap::new();
        let mut last_hour = 0;
        for bin in &self.bins {
            if bin.from + BIN <= hour_before && bin.from >= onset - BASELINE {
                let (bins, updates) = hours.entry(bin.from.seconds().div_euclid(3600)).or_default();
                *bins += 1;
                *updates += u64::from(bin.updates);
            } else if bin.from >= hour_before && bin.from < onset {
                last_hour += u64::from(bin.updates);
            }
        }
        let mut totals: Vec<u64> =
            hours.values().filter(|(bins, _)| *bins == 12).map(|(_, updates)| *updates).collect();
        if totals.len() < BASELINE_HOURS {
            return;
        }
        totals.sort_unstable();
        let usual = totals.get(totals.len() / 2).map_or(1.0, |median| (*median as f64).max(1.0));
        facts.churn_before = Some(last_hour as f64 / usual);
        let enough = (CHURN_TIMES * usual / 12.0).max(CHURN_UPDATES);
        facts.churn_lead = self
            .bins
            .iter()
            .find(|bin| {
                let before = bin.from >= hour_before && bin.from + BIN <= onset;
                before && f64::from(bin.updates) >= enough
            })
            .map(|bin| onset - bin.from);
    }

    /// Transits, origins and blackholes before and during.
    fn add_bins(
        &self,
        facts: &mut RouteFacts,
        start: Timestamp,
        first_bad: Timestamp,
        end: Timestamp,
    ) {
        let before = self.bins.iter().rev().find(|bin| bin.from + BIN <= start);
        let during: Vec<&BinFacts> =
            self.bins.iter().filter(|bin| bin.from + BIN > first_bad && bin.from < end).collect();
        facts.new_origins = {
            let origins: BTreeSet<Asn> =
                during.iter().flat_map(|bin| bin.new_origins.iter().copied()).collect();
            u32::try_from(origins.len()).unwrap_or(u32::MAX)
        };
        facts.blackholed = during.iter().map(|bin| bin.snapshot.blackholed).max().unwrap_or(0);
        facts.some_peers_kept_it = !during.is_empty()
            && facts.prefixes_lost > 0
            && during.iter().all(|bin| bin.snapshot.carried > 0);
        let Some(before) = before.map(|bin| &bin.snapshot).filter(|before| before.paths > 0) else {
            return;
        };
        for (asn, paths) in &before.transits {
            let least = during
                .iter()
                .map(|bin| bin.snapshot.transits.get(asn).copied().unwrap_or(0))
                .min()
                .unwrap_or(*paths);
            facts.transits.push(TransitFacts {
                transit: asn.to_string().into(),
                share_before: Probability::new(*paths as f64 / before.paths as f64),
                share_during: Probability::new(least as f64 / (*paths).max(1) as f64),
            });
        }
    }
}

/// Lengths of the times down and up between the first fall and the last return. Down is where at
/// least half of the greatest loss is lost.
fn swings(timeline: &[(Timestamp, u64)], before: u64, greatest: u64) -> (Vec<Span>, Vec<Span>) {
    let (mut downs, mut ups) = (Vec::new(), Vec::new());
    let mut changed: Option<Timestamp> = None;
    let mut is_down = false;
    for (at, visible) in timeline {
        let down = greatest > 0 && before.saturating_sub(*visible) * 2 >= greatest;
        if down == is_down {
            continue;
        }
        if let Some(since) = changed {
            if down { ups.push(*at - since) } else { downs.push(*at - since) }
        }
        changed = Some(*at);
        is_down = down;
    }
    (downs, ups)
}
