//! What is watched of the world's routes.

use falter_model::{Asn, Entity, Prefix, Profile, Span};

use crate::CountryTable;

/// One network, or everything.
#[derive(Debug)]
pub(crate) enum Scope {
    /// As its profile says.
    Network(Network),
    /// Every origin AS, and countries where a table tells them.
    Everything(Option<CountryTable>),
}

/// The routing side of a profile, ready to be asked.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) entity: Entity,
    /// The profile's prefixes, sorted, none inside another; empty where the ASes decide.
    pub(crate) space: Vec<Prefix>,
    /// The profile's ASes, sorted.
    pub(crate) asns: Vec<Asn>,
    pub(crate) transits: Vec<Asn>,
    pub(crate) hold_time: Option<Span>,
    pub(crate) full_feed: Option<f64>,
}

impl Network {
    /// What a profile says of routes.
    pub(crate) fn new(profile: &Profile) -> Self {
        let mut space = profile.prefixes.clone();
        space.sort_unstable();
        let mut last: Option<Prefix> = None;
        space.retain(|prefix| {
            let inside = last.is_some_and(|last| last.covers(*prefix));
            if !inside {
                last = Some(*prefix);
            }
            !inside
        });
        let mut asns = profile.asns.clone();
        asns.sort_unstable();
        asns.dedup();
        Self {
            entity: profile.entity(),
            space,
            asns,
            transits: profile.transits.clone(),
            hold_time: profile.routing.hold_time,
            full_feed: profile.routing.full_feed,
        }
    }

    /// True where the prefix lies inside the profile's prefixes.
    pub(crate) fn holds(&self, prefix: Prefix) -> bool {
        let after = self.space.partition_point(|own| *own <= prefix);
        after
            .checked_sub(1)
            .and_then(|before| self.space.get(before))
            .is_some_and(|own| own.covers(prefix))
    }

    /// True where the prefix covers some of the profile's prefixes, or lies inside one.
    pub(crate) fn touches(&self, prefix: Prefix) -> bool {
        let after = self.space.partition_point(|own| *own < prefix);
        self.holds(prefix) || self.space.get(after).is_some_and(|own| prefix.covers(*own))
    }

    /// True for one of the profile's ASes.
    pub(crate) fn originates(&self, origin: Option<Asn>) -> bool {
        origin.is_some_and(|asn| self.asns.binary_search(&asn).is_ok())
    }
}
