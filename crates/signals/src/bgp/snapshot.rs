//! What the routes of one network look like at the end of a bin, beyond counts.

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{Asn, Interned};

use super::scope::Network;
use super::transit_share::entered_through;
use crate::routes::{Members, Table, Visibility};

/// See the module.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Snapshot {
    /// Sum over known prefixes of the share of peer ASes that carry them.
    pub(crate) share_sum: f64,
    /// Known prefixes.
    pub(crate) shares: u32,
    /// Known peer ASes, summed over prefixes.
    pub(crate) known: u64,
    /// Carrying peer ASes, summed over prefixes.
    pub(crate) carried: u64,
    /// Paths counted by peer AS and prefix.
    pub(crate) paths: u64,
    /// Of those, by the AS through which they enter the network.
    pub(crate) transits: BTreeMap<Asn, u64>,
    /// Origins of the network's prefixes.
    pub(crate) origins: BTreeSet<Asn>,
    /// Prefixes carried with the BLACKHOLE community.
    pub(crate) blackholed: u32,
}

impl Snapshot {
    /// Looks at the table.
    pub(crate) fn take(
        table: &Table,
        network: &Network,
        members: &Members,
        interned: &Interned,
    ) -> Self {
        let mut snapshot = Self::default();
        // Sums run in the order of prefixes, not of row numbers: floating point sums depend on it.
        let mut rows: Vec<_> = members.iter().map(|member| (member.prefix, member.row)).collect();
        rows.sort_unstable();
        for (_, id) in rows {
            let Some(row) = table.rows().get(id) else { continue };
            if row.visibility != Visibility::Unknown {
                snapshot.share_sum += f64::from(row.carried) / f64::from(row.known.max(1));
                snapshot.shares += 1;
                snapshot.known += u64::from(row.known);
                snapshot.carried += u64::from(row.carried);
            }
            let mut entered: BTreeSet<(u16, Option<Asn>)> = BTreeSet::new();
            for (number, entry) in table.counted(row).filter(|(_, entry)| entry.present()) {
                snapshot.origins.extend(entry.origin());
                let path = interned.path(entry.path());
                if !path.is_empty() {
                    entered.insert((number, entered_through(path, network)));
                }
            }
            let peers: BTreeSet<u16> = entered.iter().map(|(number, _)| *number).collect();
            snapshot.paths += peers.len() as u64;
            for asn in entered.iter().filter_map(|(_, asn)| *asn) {
                *snapshot.transits.entry(asn).or_default() += 1;
            }
        }
        // Blackholes are often single addresses that most peers never see: any row counts, member or
        // not.
        for row in table.rows().iter() {
            let own = network.holds(row.prefix)
                || table.counted(row).any(|(_, entry)| network.originates(entry.origin()));
            let holed = table.counted(row).any(|(_, entry)| entry.present() && entry.blackholed());
            snapshot.blackholed += u32::from(own && holed);
        }
        snapshot
    }
}
