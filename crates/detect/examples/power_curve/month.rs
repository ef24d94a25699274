//! A month of routing counts as readings, and drops injected into it.

use std::collections::BTreeMap;

use falter_detect::{Engine, Plan};
use falter_model::{Entity, Outage, Reading, ReadingKind, Timestamp};

/// Samples before the earliest drop: half a day. What fell before the first sample can't be known.
const HISTORY: usize = 2;

/// One row of a month: what was counted of one AS at one time.
#[derive(Debug, Clone)]
struct Row {
    at: Timestamp,
    entity: Entity,
    tracked: f64,
    visible: f64,
    entries: f64,
}

impl Form {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Prefixes,
        Self::PrefixShare,
        Self::Entries,
        Self::UnknownPrefixes,
        Self::UnknownShare,
        Self::UnknownAmount,
    ];
}

/// How counts are handed to the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Visible prefixes of those tracked.
    Prefixes,
    /// Their share, with `n`.
    PrefixShare,
    /// Entries in the peers' tables.
    Entries,
    /// Visible prefixes under an id that is not ours.
    UnknownPrefixes,
    /// Their share, with `n`, under an id that tells nothing.
    UnknownShare,
    /// Entries under an id that tells nothing.
    UnknownAmount,
}

/// What came of injected drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Power {
    /// Drops that a national outage overlapped.
    pub(crate) found: u32,
    /// National outages that no drop explains.
    pub(crate) others: u32,
}

/// A month of routing counts of a country's ASes.
#[derive(Debug, Clone)]
pub(crate) struct Month {
    rows: Vec<Row>,
    times: Vec<Timestamp>,
}

impl Form {
    fn signal(self) -> &'static str {
        match self {
            Self::Prefixes | Self::PrefixShare => "bgp.visible-prefixes",
            Self::Entries => "bgp.rib-entries",
            Self::UnknownPrefixes => "some.prefixes-visible",
            Self::UnknownShare => "some.signal",
            Self::UnknownAmount => "some.amount",
        }
    }

    fn value(self, row: &Row) -> (f64, Option<f64>) {
        match self {
            Self::Prefixes | Self::UnknownPrefixes => (row.visible, Some(row.tracked)),
            Self::PrefixShare | Self::UnknownShare => {
                (row.visible / row.tracked, Some(row.tracked))
            }
            Self::Entries | Self::UnknownAmount => (row.entries, None),
        }
    }
}

impl Month {
    /// Reads `time_utc,asn,prefixes_tracked,prefixes_invisible,sum_rib_entries`.
    pub(crate) fn parse(text: &str) -> Self {
        let rows: Vec<Row> = text.lines().skip(1).map(|line| parse_row(line).unwrap()).collect();
        let mut times: Vec<Timestamp> = rows.iter().map(|row| row.at).collect();
        times.sort_unstable();
        times.dedup();
        Self { rows, times }
    }

    /// How many times there are.
    pub(crate) fn len(&self) -> usize {
        self.times.len()
    }

    /// The readings of all ASes and of the country as their sum.
    pub(crate) fn readings(&self, forms: &[Form]) -> Vec<Reading> {
        to_readings(&with_total(&self.rows), forms)
    }

    /// The readings with a share `lost` of everything gone at `samples` times from `start` on.
    fn with_drop(&self, lost: f64, start: usize, samples: usize, forms: &[Form]) -> Vec<Reading> {
        let dropped = &self.times[start..(start + samples).min(self.times.len())];
        let mut rows = self.rows.clone();
        for row in rows.iter_mut().filter(|row| dropped.contains(&row.at)) {
            row.visible = (row.visible * (1.0 - lost)).round();
            row.entries = (row.entries * (1.0 - lost)).round();
        }
        to_readings(&with_total(&rows), forms)
    }

    /// Injects `trials` drops, each into the clean month, at places drawn with a fixed seed from
    /// all times after the first [`HISTORY`] samples, and counts what is found.
    pub(crate) fn power(&self, lost: f64, samples: usize, forms: &[Form], trials: u32) -> Power {
        let mut random = SplitMix(0x5eed_0ffa_17e4);
        let mut power = Power { found: 0, others: 0 };
        for _ in 0..trials {
            let places = self.len() - HISTORY - samples;
            let start = HISTORY + usize::try_from(random.next() % places as u64).unwrap();
            let outages = self.detect(&self.with_drop(lost, start, samples, forms));
            let from = self.times[start];
            let until = self.times[start + samples];
            let explained = |outage: &Outage| {
                outage.from.first_bad < until
                    && outage.until.is_none_or(|end| end.first_good > from)
            };
            power.found += u32::from(outages.iter().any(explained));
            power.others +=
                outages.iter().filter(|outage| !explained(outage)).map(|_| 1).sum::<u32>();
        }
        power
    }

    /// The national outages.
    fn detect(&self, readings: &[Reading]) -> Vec<Outage> {
        let mut engine = Engine::new(Plan::default());
        for reading in readings.iter().filter(|reading| reading.entity.is_top()) {
            engine.reading(reading);
        }
        engine.finish(self.times[self.times.len() - 1])
    }
}

/// The rows, and at each time their sum as a network.
fn with_total(rows: &[Row]) -> Vec<Row> {
    let country: Entity = "network/test".parse().unwrap();
    let mut totals: BTreeMap<Timestamp, Row> = BTreeMap::new();
    for row in rows {
        let total = totals.entry(row.at).or_insert_with(|| Row {
            at: row.at,
            entity: country.clone(),
            tracked: 0.0,
            visible: 0.0,
            entries: 0.0,
        });
        total.tracked += row.tracked;
        total.visible += row.visible;
        total.entries += row.entries;
    }
    let mut all: Vec<Row> = rows.iter().cloned().chain(totals.into_values()).collect();
    all.sort_by(|a, b| (a.at, &a.entity).cmp(&(b.at, &b.entity)));
    all
}

fn to_readings(rows: &[Row], forms: &[Form]) -> Vec<Reading> {
    let reading = |row: &Row, form: Form| {
        let (value, n) = form.value(row);
        Reading {
            entity: row.entity.clone(),
            signal: form.signal().into(),
            at: row.at,
            value: Some(value),
            n,
            kind: ReadingKind::Instant,
            number: None,
        }
    };
    rows.iter().flat_map(|row| forms.iter().map(move |form| reading(row, *form))).collect()
}

fn parse_row(line: &str) -> Option<Row> {
    let mut fields = line.split(',');
    let at = fields.next()?.parse().ok()?;
    let entity = format!("asn/{}", fields.next()?).parse().ok()?;
    let tracked: f64 = fields.next()?.parse().ok()?;
    let invisible: f64 = fields.next()?.parse().ok()?;
    let entries = fields.next()?.parse().ok()?;
    Some(Row { at, entity, tracked, visible: tracked - invisible, entries })
}

/// A small generator of random numbers with a fixed seed (Steele, Lea, Flood 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
