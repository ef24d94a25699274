//! The outage that tests and golden files draw: a small country that goes dark as if flooded.

use std::collections::BTreeMap;

use falter_model::{
    Basis, Blind, Call, Cause, CauseShare, End, Entity, Evidence, EvidenceBasis, Kind, LostShare,
    Onset, OrderStep, Outage, OutageId, Part, Probability, Ratio, Series, Shape, SignalId,
    SignalSpec, Span, State, StateSpan, Step, Timestamp, Unit, Verdict,
};

use crate::Ground;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn entity(text: &str) -> Entity {
    text.parse().unwrap()
}

/// A minute of the evening of 25 January 2022, from 21:00 UTC.
fn minute(n: i64) -> Timestamp {
    at("2022-01-25T21:00Z") + Span::from_minutes(n)
}

fn onset(last_good: i64, first_bad: i64) -> Onset {
    Onset { last_good: Some(minute(last_good)), first_bad: minute(first_bad) }
}

fn end(last_bad: i64, first_good: i64) -> End {
    End { last_bad: minute(last_bad), first_good: minute(first_good) }
}

fn step(rank: u32, signal: &str, from: Onset, until: End, lost: Option<f64>) -> OrderStep {
    OrderStep {
        rank,
        signal: SignalId::from(signal),
        entity: entity("network/kp"),
        from,
        until: Some(until),
        lost_share: lost.map(Probability::new),
    }
}

fn lost(value: f64, basis: Basis, n: u64) -> LostShare {
    LostShare {
        value: Probability::new(value),
        low: Probability::new(value - 0.08),
        high: Probability::new(value),
        basis,
        n: Some(n),
    }
}

pub(crate) fn outage() -> Outage {
    let entity_kp = entity("network/kp");
    let id = OutageId::new(&entity_kp, minute(56));
    Outage {
        family: id.clone(),
        id,
        state: State::Complete,
        states: vec![
            StateSpan { state: State::Degraded, from: minute(41), until: Some(minute(56)) },
            StateSpan { state: State::Partial, from: minute(56), until: Some(minute(66)) },
            StateSpan { state: State::Complete, from: minute(66), until: Some(minute(148)) },
            StateSpan { state: State::Partial, from: minute(148), until: Some(minute(160)) },
        ],
        from: onset(51, 56),
        until: Some(end(155, 160)),
        lost_share: Some(lost(1.0, Basis::Hosts, 23)),
        order: vec![
            step(1, "ping.loss", onset(36, 41), end(155, 160), None),
            step(2, "ping.up-share", onset(51, 56), end(155, 160), Some(1.0)),
            step(2, "web.ok-share", onset(50, 58), end(150, 165), Some(1.0)),
            step(3, "bgp.visible-blocks", onset(65, 66), end(147, 148), Some(1.0)),
        ],
        seen_by: BTreeMap::from([
            ("lab-1".to_owned(), State::Complete),
            ("rrc00".to_owned(), State::Complete),
        ]),
        parts: ["175.45.176.0/24", "175.45.177.0/24", "175.45.178.0/24", "175.45.179.0/24"]
            .into_iter()
            .zip(0_i64..)
            .map(|(block, i)| Part {
                entity: entity(&format!("block/{block}")),
                state: State::Complete,
                from: onset(51 + i, 56 + i),
                until: Some(end(148, 150 + 3 * i)),
                lost_share: Some(lost(1.0, Basis::Hosts, 6)),
            })
            .collect(),
        entity: entity_kp,
        verdict: Some(verdict()),
    }
}

fn verdict() -> Verdict {
    let shares = [
        (Cause::Overload, 0.81, 0.19),
        (Cause::Fault, 0.08, 0.21),
        (Cause::Link, 0.05, 0.18),
        (Cause::Power, 0.04, 0.17),
        (Cause::Shutdown, 0.02, 0.14),
        (Cause::Maintenance, 0.0, 0.11),
    ];
    Verdict {
        cause: Call::Decided(Cause::Overload),
        probability: Probability::new(0.81),
        causes: shares
            .into_iter()
            .map(|(cause, probability, prior)| CauseShare {
                cause,
                probability: Probability::new(probability),
                prior: Probability::new(prior),
            })
            .collect(),
        evidence: vec![
            evidence(
                "hosts.loss-before",
                Kind::Hosts,
                [1.9, -0.4, -0.2, -1.3, -0.9, -0.3],
                "Packet loss rose to 38 % and round trips to 4.1 times the usual in the 15 minutes \
                 before the first host was lost.",
            ),
            evidence(
                "hosts.before-routes",
                Kind::Hosts,
                [0.9, 0.1, -0.5, 0.0, -0.6, 0.0],
                "Hosts fell 10 minutes before the routes.",
            ),
            evidence(
                "recovery.clean",
                Kind::Recovery,
                [0.5, -0.1, 0.1, -0.6, 0.1, 0.0],
                "Hosts came back within 12 minutes, in one step.",
            ),
            evidence(
                "timing.local-hour",
                Kind::Timing,
                [-0.5, -0.2, -0.2, -0.2, 0.8, 0.3],
                "Began between 06:51 and 06:56 local time: not on the hour or half hour.",
            ),
            evidence(
                "routes.withdrawal-spread",
                Kind::Routes,
                [-0.3, 0.2, 0.1, 0.2, 0.4, 0.0],
                "All four blocks were withdrawn within 40 seconds.",
            ),
        ],
        temperature: Ratio::new(1.3),
        would_settle: "Backscatter from a darknet would tell an overload from a fault of the \
                       network's own."
            .to_owned(),
        could_not_see: "Losses under 4 %, outages under 10 min; blind 3 % of the time.".to_owned(),
        revisions: Vec::new(),
    }
}

fn evidence(id: &str, kind: Kind, weights: [f64; 6], says: &str) -> Evidence {
    Evidence {
        id: id.to_owned(),
        group: id.to_owned(),
        kind,
        basis: EvidenceBasis::Literature,
        log_likelihood: Cause::ALL.into_iter().zip(weights.map(Ratio::new)).collect(),
        capped: false,
        says: says.to_owned(),
        observed: BTreeMap::new(),
    }
}

pub(crate) fn signals() -> Vec<SignalSpec> {
    let spec = |id, title, unit, shape| SignalSpec {
        id,
        title,
        about: "",
        unit,
        shape,
        step: Step::FIVE_MINUTES,
    };
    vec![
        spec("ping.loss", "Packet loss", Unit::Share, Shape::Badness),
        spec("ping.up-share", "Hosts that answer", Unit::Share, Shape::Share),
        spec("web.ok-share", "Sites that answer", Unit::Share, Shape::Share),
        spec("bgp.visible-blocks", "Blocks visible in BGP", Unit::Blocks, Shape::Count),
    ]
}

pub(crate) fn series() -> Vec<Series> {
    let gap = 100..115;
    let make = |signal: &str, value: &dyn Fn(i64) -> f64| Series {
        entity: entity("network/kp"),
        signal: SignalId::from(signal),
        step: Step::FIVE_MINUTES,
        points: (-12..48)
            .map(|bin| bin * 5)
            .map(|n| {
                let measured = signal.starts_with("bgp") || !gap.contains(&n);
                (minute(n), measured.then(|| value(n)))
            })
            .collect(),
    };
    let ripple = |n: i64| (n * 7 % 5) as f64;
    vec![
        make("bgp.visible-blocks", &|n| if (66..148).contains(&n) { 0.0 } else { 4.0 }),
        make("ping.loss", &|n| match n {
            41..56 => 0.38 + ripple(n) / 60.0,
            56..156 => 1.0,
            _ => 0.01 + ripple(n) / 500.0,
        }),
        make("ping.up-share", &|n| match n {
            56..66 => 0.4,
            66..150 => 0.0,
            150..160 => 0.8,
            _ => 1.0 - ripple(n) / 92.0,
        }),
        make("web.ok-share", &|n| if (56..165).contains(&n) { 0.0 } else { 0.95 }),
    ]
}

/// Profile, configuration, fit and one input.
pub(crate) fn grounds() -> Vec<Ground> {
    ["profile kp", "configuration", "fit", "input observations.jsonl.zst"]
        .into_iter()
        .zip(1_u64..)
        .map(|(what, n)| Ground { what: what.to_owned(), digest: format!("{n:064x}") })
        .collect()
}

pub(crate) fn blind() -> Vec<Blind> {
    vec![Blind {
        entity: entity("network/kp"),
        vantage: "lab-1".into(),
        from: minute(100),
        until: minute(115),
        why: "far controls failed".into(),
    }]
}
