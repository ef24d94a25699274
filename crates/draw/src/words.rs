//! What an outage is, in plain words: the sentences that picture, page and terminal share.

use std::cmp::Ordering;

use falter_model::{
    Call, Cause, End, Entity, Evidence, LostShare, Onset, OrderStep, Outage, Part, SignalId, State,
    Verdict,
};
use jiff::tz::TimeZone;

use crate::numbers::{count, percent};
use crate::{Nature, moments};

/// `North Korea: complete outage`, and that it is a re-enactment.
pub(crate) fn headline(outage: &Outage, title: &str, nature: Nature) -> String {
    format!("{title}: {}{}", state(outage.state), nature.mark())
}

/// The text with a capital at its beginning.
pub(crate) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A state as a headline names it.
pub(crate) const fn state(state: State) -> &'static str {
    match state {
        State::Blind => "state unknown",
        State::Degraded => "degraded service",
        State::Isolated => "cut off from outside",
        State::Intermittent => "intermittent outage",
        State::Partial => "partial outage",
        State::Complete => "complete outage",
    }
}

/// `25 January 2022, 21:53 to 23:40 UTC`, or `since 25 January 2022, 21:53 UTC`.
pub(crate) fn period(outage: &Outage) -> String {
    in_zone(outage, &TimeZone::UTC, "UTC")
}

/// The same in local time; `None` where the zone is not known, or is UTC.
pub(crate) fn local_period(outage: &Outage, zone: Option<&str>) -> Option<String> {
    let name = zone.filter(|name| *name != "UTC")?;
    Some(in_zone(outage, &moments::zone(name)?, &format!("local time ({name})")))
}

fn in_zone(outage: &Outage, zone: &TimeZone, name: &str) -> String {
    let from = outage.from.first_bad;
    match outage.until {
        Some(end) => format!("{} {name}", moments::period(from, end.first_good, zone)),
        None => {
            format!("since {}, {} {name}", moments::date(from, zone), moments::clock(from, zone))
        }
    }
}

/// `lasted 1 h 47 min`, or `going on`.
pub(crate) fn lasted(outage: &Outage) -> String {
    match outage.until {
        Some(end) => format!("lasted {}", moments::length(end.first_good - outage.from.first_bad)),
        None => "going on".to_owned(),
    }
}

/// `began between 21:48 and 21:53 UTC`: how sure the beginning is.
pub(crate) fn onset(onset: Onset) -> String {
    match onset.last_good {
        Some(last_good) if last_good < onset.first_bad => {
            format!("began between {} UTC", moments::between(last_good, onset.first_bad))
        }
        Some(_) => format!("began at {} UTC", moments::clock(onset.first_bad, &TimeZone::UTC)),
        None => format!(
            "already out at {} UTC, when watching began",
            moments::clock(onset.first_bad, &TimeZone::UTC)
        ),
    }
}

/// `back between 23:35 and 23:40 UTC`.
pub(crate) fn end(end: End) -> String {
    if end.last_bad < end.first_good {
        format!("back between {} UTC", moments::between(end.last_bad, end.first_good))
    } else {
        format!("back at {} UTC", moments::clock(end.first_good, &TimeZone::UTC))
    }
}

/// `52 % of 312 prefixes (between 49 and 55 %)`.
pub(crate) fn lost(lost: &LostShare) -> String {
    let units = lost.basis.words();
    let value = lost.value.get();
    let of = match lost.n {
        Some(n) if value >= 1.0 => format!("all of {} {units}", count(n)),
        Some(n) => format!("{} of {} {units}", percent(value), count(n)),
        None if value >= 1.0 => format!("all {units}"),
        None => format!("{} of {units}", percent(value)),
    };
    let (low, high) = (percent(lost.low.get()), percent(lost.high.get()));
    if low == high { of } else { format!("{of} (between {low} and {high})") }
}

/// `most probably an overload (81 %)`, or that the evidence does not decide it.
pub(crate) fn verdict(verdict: &Verdict) -> String {
    match (verdict.cause, verdict.causes.first()) {
        (Call::Decided(cause), _) => {
            format!("most probably {} ({})", a_cause(cause), percent(verdict.probability.get()))
        }
        (Call::Undetermined, Some(first)) => format!(
            "undetermined, the evidence does not decide it; first comes {} ({})",
            a_cause(first.cause),
            percent(first.probability.get())
        ),
        (Call::Undetermined, None) => "undetermined, the evidence does not decide it".to_owned(),
    }
}

/// What is known in words, each with its label: when, how much, why, who saw it.
pub(crate) fn facts(outage: &Outage, zone: Option<&str>) -> Vec<(&'static str, String)> {
    let mut facts = vec![("When", format!("{}, {}", period(outage), lasted(outage)))];
    if let Some(local) = local_period(outage, zone) {
        facts.push(("There", local));
    }
    let end = outage.until.map_or_else(String::new, |until| format!(", {}", end(until)));
    facts.push(("Bracket", format!("{}{end}", onset(outage.from))));
    if let Some(share) = &outage.lost_share {
        facts.push(("Lost", lost(share)));
    }
    let cause = outage.verdict.as_ref().map_or_else(|| "not judged yet".to_owned(), verdict);
    facts.push(("Cause", cause));
    if !outage.seen_by.is_empty() {
        let seen: Vec<String> =
            outage.seen_by.iter().map(|(who, state)| format!("{who} ({state})")).collect();
        facts.push(("Seen by", seen.join(", ")));
    }
    facts.push(("Network", outage.entity.to_string()));
    facts.push(("Outage", outage.id.to_string()));
    facts
}

/// A cause as a bar is labelled.
pub(crate) const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Overload => "overload",
        Cause::Power => "power failure",
        Cause::Link => "cut link",
        Cause::Fault => "own fault",
        Cause::Shutdown => "shutdown",
        Cause::Maintenance => "maintenance",
    }
}

/// A cause within a sentence. A mechanism, never an actor.
pub(crate) const fn a_cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Overload => "an overload",
        Cause::Power => "a power failure",
        Cause::Link => "a cut link",
        Cause::Fault => "a fault of the network's own",
        Cause::Shutdown => "a deliberate shutdown",
        Cause::Maintenance => "maintenance",
    }
}

/// What a signal speaks of: `routes`, `hosts`; the layer's own name where it is not one of ours.
pub(crate) fn layer(signal: &SignalId) -> &str {
    match signal.layer() {
        "bgp" => "routes",
        "ping" | "tcp" => "hosts",
        "trace" => "paths",
        "dns" => "names",
        "web" => "sites",
        other => other,
    }
}

/// Parts that were out, those that lost most first.
pub(crate) fn parts_by_loss(outage: &Outage) -> Vec<&Part> {
    let mut parts: Vec<&Part> = outage.parts.iter().collect();
    let lost = |part: &Part| part.lost_share.map_or(0.0, |lost| lost.value.get());
    parts.sort_by(|a, b| {
        let most = lost(b).partial_cmp(&lost(a)).unwrap_or(Ordering::Equal);
        most.then_with(|| b.state.cmp(&a.state)).then_with(|| a.entity.cmp(&b.entity))
    });
    parts
}

/// The steps of the order of failure that are shown where there is room for `most`: the outage's own
/// signals before those of parts, those that count units before others; in their order.
pub(crate) fn order_shown(outage: &Outage, most: usize) -> Vec<&OrderStep> {
    let mut steps: Vec<(usize, &OrderStep)> = outage.order.iter().enumerate().collect();
    steps.sort_by_key(|(place, step)| {
        (step.entity != outage.entity, step.lost_share.is_none(), *place)
    });
    steps.truncate(most);
    steps.sort_by_key(|(place, _)| *place);
    steps.into_iter().map(|(_, step)| step).collect()
}

/// An entity as a label: by its code, with its kind where the code alone could be another's.
pub(crate) fn entity(entity: &Entity) -> String {
    let text = entity.to_string();
    match entity {
        Entity::Asn(asn) => asn.to_string(),
        Entity::Zone(name) => format!("zone {name}"),
        Entity::Transit(asn) => format!("transit {asn}"),
        _ => text.split_once('/').map_or(text.clone(), |(_, code)| code.to_owned()),
    }
}

/// A reason and how far it speaks for the most probable cause.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weighed<'a> {
    /// The reason.
    pub(crate) evidence: &'a Evidence,
    /// Its log-likelihood under that cause less the mean over all six, divided by the temperature:
    /// positive speaks for the cause.
    pub(crate) weight: f64,
}

/// Reasons for and against the most probable cause, each the strongest first; what weighs less than a
/// printed tenth is left out.
pub(crate) fn weighed(verdict: &Verdict) -> (Vec<Weighed<'_>>, Vec<Weighed<'_>>) {
    let Some(top) = verdict.causes.first().map(|first| first.cause) else {
        return (Vec::new(), Vec::new());
    };
    let temperature = verdict.temperature.get().max(1.0);
    let mut all: Vec<Weighed<'_>> = verdict
        .evidence
        .iter()
        .map(|evidence| Weighed { evidence, weight: towards(top, evidence) / temperature })
        .filter(|weighed| weighed.weight.abs() >= 0.05)
        .collect();
    all.sort_by(|a, b| {
        let strongest = b.weight.abs().partial_cmp(&a.weight.abs()).unwrap_or(Ordering::Equal);
        strongest.then_with(|| a.evidence.id.cmp(&b.evidence.id))
    });
    all.into_iter().partition(|weighed| weighed.weight > 0.0)
}

fn towards(cause: Cause, evidence: &Evidence) -> f64 {
    let under = |cause| evidence.log_likelihood.get(&cause).map_or(0.0, |ratio| ratio.get());
    let mean = Cause::ALL.into_iter().map(under).sum::<f64>() / 6.0;
    under(cause) - mean
}
