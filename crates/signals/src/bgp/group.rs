//! An entity whose prefixes are counted: a network, a country or an AS.

use falter_model::{Entity, Family, Prefix, Reading, ReadingKind, Timestamp};

use super::ids::{Id, Ids};
use crate::routes::{Members, Table, Visibility, blocks};

/// A count is measured as long as no more than one of so many prefixes is unknown: half of a
/// spread that routing counts have anyway would need ten times as many. Until then the unknown ones
/// count as they were last known, so that ignorance is neither loss nor return.
const UNKNOWN_ONE_OF: usize = 20;

/// Visible of all; `None` where not measured.
pub(crate) type Count = Option<(u64, u64)>;

/// What is counted of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) blocks: Count,
    pub(crate) blocks6: Count,
    pub(crate) prefixes: Count,
}

/// What was told of a group's prefixes in a bin.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Events {
    pub(crate) updates: u32,
    pub(crate) withdrawals: u32,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Group {
    /// Its own number.
    pub(crate) number: u32,
    pub(crate) entity: Entity,
    pub(crate) members: Members,
    /// Prefixes that are its own whether or not anybody announces them; empty where they are
    /// learned.
    pub(crate) space: Vec<Prefix>,
    /// As of the last second in which something changed.
    pub(crate) counts: Counts,
    /// What was last told, and for which bin.
    pub(crate) told: Option<(Timestamp, Counts)>,
    /// To be counted anew.
    pub(crate) touched: bool,
    /// Changed since the last bin was told.
    pub(crate) news: bool,
}

impl Group {
    /// An entity without prefixes.
    pub(crate) fn new(number: u32, entity: Entity, space: Vec<Prefix>) -> Self {
        Self {
            number,
            entity,
            members: Members::default(),
            space,
            counts: Counts::default(),
            told: None,
            touched: false,
            news: false,
        }
    }

    /// Counts its prefixes.
    pub(crate) fn count(&mut self, table: &Table) -> Counts {
        self.touched = false;
        let members = self.members.sorted();
        let mut unknown = [0_usize; 2];
        let mut all = [0_usize; 2];
        let (mut visible, mut prefixes) = (0, 0);
        for member in members {
            let Some(row) = table.rows().get(member.row) else { continue };
            let side = usize::from(member.prefix.family() == Family::V6);
            let is_unknown = usize::from(row.visibility == Visibility::Unknown);
            if let (Some(unknown), Some(all)) = (unknown.get_mut(side), all.get_mut(side)) {
                *unknown += is_unknown;
                *all += 1;
            }
            prefixes += 1;
            let whole = u64::from(row.reach.unwrap_or(0)) >= member.prefix.block_count();
            visible += u64::from(row.last_known || whole);
        }
        let count = |family: Family, side: usize| -> Count {
            let (unknown, all) = (unknown.get(side)?, all.get(side)?);
            let knows_absence = table.knows_absence(family);
            if unknown * UNKNOWN_ONE_OF > *all || (*all == 0 && !knows_absence) {
                return None;
            }
            let fixed = knows_absence && !self.space.is_empty();
            let (visible, all) = if fixed {
                let space = self.space.iter().copied();
                blocks(family, space, |prefix| *prefix, |prefix| table.rows().reach(*prefix))
            } else {
                blocks(family, members.iter(), |member| member.prefix, |member| member.reach(table))
            };
            (all > 0).then_some((visible, all))
        };
        let (v4, v6) = (count(Family::V4, 0), count(Family::V6, 1));
        let known = |count: Count, side: usize| count.is_some() || all.get(side) == Some(&0);
        let measured = prefixes > 0 && known(v4, 0) && known(v6, 1);
        Counts { blocks: v4, blocks6: v6, prefixes: measured.then_some((visible, prefixes)) }
    }

    /// True where it has, or ever had, prefixes of a family.
    fn has(&self, family: Family) -> bool {
        self.space.iter().any(|prefix| prefix.family() == family) || self.members.have(family)
    }

    /// Readings of counts, each of the signals that make sense for it.
    pub(crate) fn tell(
        &self,
        counts: Counts,
        at: Timestamp,
        kind: ReadingKind,
        ids: &Ids,
        out: &mut Vec<Reading>,
    ) {
        if self.has(Family::V4) {
            out.push(self.reading(&ids.blocks, counts.blocks, at, kind));
        }
        if self.has(Family::V6) {
            out.push(self.reading(&ids.blocks6, counts.blocks6, at, kind));
        }
        if !matches!(kind, ReadingKind::Change { .. }) {
            out.push(self.reading(&ids.prefixes, counts.prefixes, at, kind));
        }
    }

    /// One reading of a count.
    pub(crate) fn reading(
        &self,
        id: &Id,
        count: Count,
        at: Timestamp,
        kind: ReadingKind,
    ) -> Reading {
        Reading {
            entity: self.entity.clone(),
            signal: id.signal.clone(),
            at,
            value: count.map(|(visible, _)| visible as f64),
            n: count.map(|(_, all)| all as f64),
            kind,
            number: id.series_of(self.number),
        }
    }

    /// One reading of a number of events.
    pub(crate) fn event(
        &self,
        id: &Id,
        at: Timestamp,
        value: Option<f64>,
        kind: ReadingKind,
    ) -> Reading {
        Reading {
            entity: self.entity.clone(),
            signal: id.signal.clone(),
            at,
            value,
            n: None,
            kind,
            number: id.series_of(self.number),
        }
    }
}
