//! Which peers count for a family: full feeds that can be believed now, by AS.

use std::collections::BTreeMap;

use falter_model::{Asn, Family};

use super::collector::Collector;
use super::peer_set::PeerSet;
use super::session::Session;

/// Number of a session that does not count.
pub(crate) const NOBODY: u16 = u16::MAX;

/// Without a table dump, a prefix is measured from this many peer ASes on (docs/method.md).
const WITHOUT_DUMP: u32 = 3;

/// Index of a family in pairs.
pub(crate) const fn side(family: Family) -> usize {
    match family {
        Family::V4 => 0,
        Family::V6 => 1,
    }
}

/// Those who count for one family.
#[derive(Debug, Default)]
pub(crate) struct Electorate {
    /// A dump told who has a full feed.
    pub(crate) established: bool,
    /// Number of each session's AS, or [`NOBODY`].
    pub(crate) number: Vec<u16>,
    /// ASes with a session whose table is complete: they are known to lack what they do not have.
    pub(crate) complete: PeerSet,
}

impl Electorate {
    /// How many peer ASes must be known for a prefix to be measured. With a table dump one is
    /// enough: it holds the whole table, so an absence in it is an absence, and tiny networks may
    /// have few observers. Without one, three.
    pub(crate) const fn quorum(&self) -> u32 {
        if self.established { 1 } else { WITHOUT_DUMP }
    }

    /// Counts anew who counts. `full_feed` is the share of the largest table that makes one.
    pub(crate) fn renew(
        &mut self,
        family: Family,
        sessions: &[Option<Session>],
        collectors: &[Collector],
        numbers: &mut BTreeMap<Asn, u16>,
        full_feed: f64,
    ) {
        let side = side(family);
        let total = |session: &Session| session.totals.get(side).copied().unwrap_or(0);
        let largest = sessions.iter().flatten().map(total).max().unwrap_or(0);
        self.established = largest > 0;
        self.complete.clear();
        self.number.clear();
        for session in sessions {
            let counted = session.as_ref().filter(|session| {
                let silent = collectors.get(session.collector).is_some_and(|c| c.silent);
                let full = f64::from(total(session)) >= full_feed * f64::from(largest);
                session.up && !session.stale && !silent && (full || !self.established)
            });
            let Some(session) = counted else {
                self.number.push(NOBODY);
                continue;
            };
            let next = u16::try_from(numbers.len()).unwrap_or(NOBODY);
            let number = *numbers.entry(session.asn).or_insert(next);
            self.number.push(number);
            if self.established && session.complete.get(side).copied().unwrap_or(false) {
                self.complete.insert(number);
            }
        }
    }
}
