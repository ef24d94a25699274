//! A case from an outage: what the other stages know of its surroundings.

use falter_model::{
    Blind, CalendarEntry, Case, Entity, Interned, Outage, PastOutage, Profile, Span, Text,
    Timestamp,
};

/// How far around an outage blind times still matter to its verdict.
const AROUND: Span = Span::from_days(2);

/// What surrounds an outage.
pub(super) struct Surroundings<'a> {
    pub(super) signals: &'a falter_signals::Engine,
    pub(super) detect: &'a falter_detect::Engine,
    pub(super) profile: Option<&'a Profile>,
    pub(super) blind: &'a [Blind],
    pub(super) interned: &'a Interned,
}

impl Surroundings<'_> {
    /// The outage with all that is known around it; `past` are earlier ones of the same entity.
    pub(super) fn case(&self, outage: &Outage, past: Vec<PastOutage>) -> Case {
        let onset = outage.from.first_bad;
        let end = outage.until.map_or(Timestamp::MAX, |end| end.first_good);
        Case {
            time_zone: self.time_zone(&outage.entity),
            step: self.detect.step_of(outage),
            routes: self.signals.route_facts(
                &outage.entity,
                outage.from,
                outage.until,
                self.interned,
            ),
            probes: self.detect.probe_facts(outage),
            layers: self.detect.layer_facts(outage),
            past,
            calendar: self.calendar(onset, end),
            priors: self.profile.and_then(|profile| profile.priors),
            blind: self
                .blind
                .iter()
                .filter(|blind| blind.until >= onset - AROUND && blind.from <= end + AROUND)
                .cloned()
                .collect(),
            outage: outage.clone(),
        }
    }

    /// The profile's zone; without a profile a country's own, where it has only one.
    fn time_zone(&self, entity: &Entity) -> Option<Text> {
        if let Some(profile) = self.profile {
            return profile.time_zone.clone();
        }
        match entity {
            Entity::Country(code) => falter_networks::country_facts(*code)
                .and_then(falter_networks::CountryFacts::time_zone)
                .map(Text::from),
            _ => None,
        }
    }

    fn calendar(&self, onset: Timestamp, end: Timestamp) -> Vec<CalendarEntry> {
        let Some(profile) = self.profile else { return Vec::new() };
        let overlaps = |entry: &&CalendarEntry| {
            let moment = |text: &Text| falter_networks::calendar_moment(text, self.profile);
            match (moment(&entry.from), moment(&entry.until)) {
                (Some(from), Some(until)) => from <= end && until > onset,
                _ => false,
            }
        };
        profile.calendar.iter().filter(overlaps).cloned().collect()
    }
}
