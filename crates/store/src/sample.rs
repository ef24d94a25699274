//! Outages and series for tests.

use std::collections::BTreeMap;

use falter_model::{
    Basis, Blind, Call, Cause, CauseShare, End, Entity, Evidence, EvidenceBasis, Kind, LostShare,
    Onset, OrderStep, Outage, OutageId, Part, Probability, Ratio, Revision, Series, SignalId, Span,
    State, StateSpan, Step, Timestamp, Verdict,
};

use crate::{Digests, Input, OutageFilter, Replay, Store};

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn entity(text: &str) -> Entity {
    text.parse().unwrap()
}

/// An outage of two hours with a verdict and everything that can be there.
pub(crate) fn outage(name: &str, from: Timestamp, cause: Cause) -> Outage {
    let entity = entity(name);
    let id = OutageId::new(&entity, from);
    let onset = Onset { last_good: Some(from - Span::from_minutes(5)), first_bad: from };
    let last_bad = from + Span::from_hours(2);
    let end = End { last_bad, first_good: last_bad + Span::from_minutes(5) };
    let share = |value| Probability::new(value);
    let lost = LostShare {
        value: share(0.52),
        low: share(0.49),
        high: share(0.55),
        basis: Basis::Prefixes,
        n: Some(312),
    };
    Outage {
        family: id.clone(),
        id,
        state: State::Partial,
        states: vec![StateSpan { state: State::Partial, from, until: Some(end.first_good) }],
        from: onset,
        until: Some(end),
        lost_share: Some(lost),
        order: vec![OrderStep {
            rank: 1,
            signal: SignalId::from("bgp.visible-blocks"),
            entity: entity.clone(),
            from: onset,
            until: Some(end),
            lost_share: Some(share(0.5)),
        }],
        seen_by: BTreeMap::from([("rrc00".to_owned(), State::Partial)]),
        parts: vec![Part {
            entity: "asn/AS37113".parse().unwrap(),
            state: State::Complete,
            from: onset,
            until: None,
            lost_share: None,
        }],
        verdict: Some(verdict(cause, from)),
        entity,
    }
}

pub(crate) fn verdict(cause: Cause, at: Timestamp) -> Verdict {
    let causes = Cause::ALL
        .into_iter()
        .map(|one| CauseShare {
            cause: one,
            probability: Probability::new(if one == cause { 0.75 } else { 0.05 }),
            prior: Probability::new(1.0 / 6.0),
        })
        .collect();
    Verdict {
        cause: Call::Decided(cause),
        probability: Probability::new(0.75),
        causes,
        evidence: vec![Evidence {
            id: "timing.local-hour".to_owned(),
            group: "timing".to_owned(),
            kind: Kind::Timing,
            basis: EvidenceBasis::Literature,
            log_likelihood: BTreeMap::from([(cause, Ratio::new(1.1))]),
            capped: false,
            says: "Began on the hour.".to_owned(),
            observed: BTreeMap::from([("minute_of_hour".to_owned(), Ratio::new(0.0))]),
        }],
        temperature: Ratio::new(1.3),
        would_settle: "Probing hosts.".to_owned(),
        could_not_see: "Losses under 4 %.".to_owned(),
        revisions: vec![Revision {
            at,
            cause: Call::Undetermined,
            probability: Probability::new(0.41),
        }],
    }
}

/// A series of five-minute bins.
pub(crate) fn series(name: &str, from: Timestamp, values: &[Option<f64>]) -> Series {
    Series {
        entity: entity(name),
        signal: SignalId::from("bgp.visible-blocks"),
        step: Step::FIVE_MINUTES,
        points: (0_i64..)
            .zip(values)
            .map(|(i, value)| (from + Step::FIVE_MINUTES.width().times(i), *value))
            .collect(),
    }
}

pub(crate) fn blind(name: &str, from: Timestamp, until: Timestamp) -> Blind {
    let entity = entity(name);
    Blind { entity, vantage: "rrc00".into(), from, until, why: "feed silent".into() }
}

/// A replay of these outages and nothing else, from one file.
pub(crate) fn replay<'a>(inputs: &'a [Input], outages: &'a [Outage]) -> Replay<'a> {
    Replay {
        network: Some("ug"),
        from: Some(at("2021-01-01T00:00Z")),
        until: Some(at("2021-01-31T00:00Z")),
        synthetic: false,
        time_scale: None,
        digests: Digests { profile: Some("p"), config: "c", fit: "f" },
        inputs,
        outages,
        series: &[],
        blind: &[],
    }
}

pub(crate) fn input(digest: &str) -> Input {
    Input { path: format!("{digest}.gz"), digest: digest.to_owned(), offset: 4096 }
}

/// All outages of a store, by their onset.
pub(crate) fn outages(store: &Store) -> Vec<Outage> {
    let kept = store.outages(&OutageFilter::default()).unwrap();
    kept.into_iter().map(|kept| kept.outage).collect()
}
