//! Which prefixes belong to an entity: learned as they are originated, kept for a week.

use falter_model::{Family, Prefix, Span, Timestamp};

use super::electorate::side;
use super::rows::RowId;
use super::table::Table;

/// A prefix that is gone, or originated elsewhere, still belongs to its entity for this long
/// (docs/method.md: a shutdown of days must not shrink what is expected).
const KEPT: Span = Span::from_days(7);

/// One prefix of an entity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub(crate) prefix: Prefix,
    pub(crate) row: RowId,
    /// When it was last seen to belong.
    seen: Timestamp,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Members {
    list: Vec<Member>,
    /// How many there are of each family.
    of_family: [usize; 2],
    sorted: bool,
}

impl Members {
    /// Adds a prefix.
    pub(crate) fn add(&mut self, prefix: Prefix, row: RowId, now: Timestamp) {
        self.sorted &= self.list.last().is_none_or(|last| last.prefix < prefix);
        self.list.push(Member { prefix, row, seen: now });
        if let Some(count) = self.of_family.get_mut(side(prefix.family())) {
            *count += 1;
        }
    }

    /// Adds a prefix unless it is there; then it was seen now.
    pub(crate) fn add_or_see(&mut self, prefix: Prefix, row: RowId, now: Timestamp) {
        match self.list.iter_mut().find(|member| member.row == row) {
            Some(member) => member.seen = now,
            None => self.add(prefix, row, now),
        }
    }

    /// Drops what has not belonged for a week. `belongs` tells who does now.
    pub(crate) fn expire(&mut self, now: Timestamp, belongs: impl Fn(RowId) -> bool) -> bool {
        let before = self.list.len();
        self.list.retain_mut(|member| {
            if belongs(member.row) {
                member.seen = now;
            }
            now - member.seen < KEPT
        });
        let shrunk = self.list.len() != before;
        if shrunk {
            self.of_family = [Family::V4, Family::V6]
                .map(|family| self.iter().filter(|one| one.prefix.family() == family).count());
        }
        shrunk
    }

    /// True where there are any of a family.
    pub(crate) fn have(&self, family: Family) -> bool {
        self.of_family.get(side(family)).is_some_and(|count| *count > 0)
    }

    /// All of them, in the order of prefixes.
    pub(crate) fn sorted(&mut self) -> &[Member] {
        if !self.sorted {
            self.list.sort_unstable_by_key(|member| member.prefix);
            self.sorted = true;
        }
        &self.list
    }

    /// All of them, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Member> {
        self.list.iter()
    }
}

impl Member {
    /// See [`super::Rows::reach`].
    pub(crate) fn reach(&self, table: &Table) -> u64 {
        let Some(row) = table.rows().get(self.row) else { return 0 };
        // What was counted last holds until it is counted anew; the highest number stands for more.
        match row.reach.filter(|reach| *reach < u32::MAX) {
            Some(reach) => u64::from(reach),
            None => table.rows().reach_of(row),
        }
    }
}

/// Visible blocks and all blocks of prefixes of one family; the prefixes come in order and may
/// cover each other. `reach` tells how many blocks of one are visible.
pub(crate) fn blocks<P>(
    family: Family,
    prefixes: impl Iterator<Item = P>,
    prefix_of: impl Fn(&P) -> Prefix,
    reach: impl Fn(&P) -> u64,
) -> (u64, u64) {
    let mut last: Option<Prefix> = None;
    let (mut visible, mut all) = (0_u64, 0_u64);
    for one in prefixes {
        let prefix = prefix_of(&one);
        if prefix.family() != family {
            continue;
        }
        let widened = prefix.truncated(family.block_length());
        if last.is_some_and(|last| last.covers(widened)) {
            continue;
        }
        last = Some(widened);
        all = all.saturating_add(widened.block_count());
        // A prefix longer than a block stands for its block: reach looks at the prefix itself.
        visible = visible.saturating_add(reach(&one));
    }
    (visible, all)
}
