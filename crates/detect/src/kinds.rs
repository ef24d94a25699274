//! What kind of thing a series is: which detector judges it, in which unit its losses count, and
//! which layer it speaks of.

use falter_model::{Basis, Reading, Shape, SignalId, SignalSpec, Unit};

use crate::badness::Badness;
use crate::counts::Counts;
use crate::rule::Rule;
use crate::shares::Shares;
use crate::track::{Label, Track};
use crate::volume::Volume;

/// A layer that can fail by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    Routes,
    Hosts,
    Traffic,
    Names,
    Sites,
    /// Hosts, names and sites asked from inside the network.
    Inside,
    Other,
}

/// A track for the series that `reading` is the first of; `None` for signals that never alarm.
/// `configured` is what the user says of an imported signal.
pub(crate) fn track_of(
    reading: &Reading,
    spec: Option<SignalSpec>,
    configured: Option<Shape>,
) -> Option<Track> {
    let signal = &reading.signal;
    let shape = spec.map(|spec| spec.shape).or(configured).unwrap_or_else(|| guess(reading));
    let basis = basis_of(signal, spec.map(|spec| spec.unit));
    let (basis, detector): (_, Rule) = match shape {
        Shape::Share if layer_of(signal) == Layer::Routes => {
            (Some(basis), Rule::Counts(Counts::of_observers()))
        }
        Shape::Count => (Some(basis), Rule::Counts(Counts::new(basis))),
        Shape::Share => (Some(basis), Rule::other(Shares::default())),
        Shape::Volume => (Some(basis), Rule::other(Volume::default())),
        Shape::Badness => {
            let unit = spec.map_or(Unit::Other, |spec| spec.unit);
            (None, Rule::other(Badness::new(unit)))
        }
        Shape::Context => return None,
    };
    // Our own counts come from a table that is kept: a bin's value is the table at its end.
    let label = match spec {
        Some(spec) if spec.shape == Shape::Count && layer_of(signal) == Layer::Routes => {
            Label::AtEnd
        }
        _ => Label::OverBin,
    };
    Some(Track::new(signal.clone(), basis, label, detector))
}

/// Ids that are not ours: down is bad (docs/method.md). What is counted from `n` is a count; a whole
/// number of things whose name we know too; the rest are amounts.
fn guess(reading: &Reading) -> Shape {
    let value = reading.value.unwrap_or(0.0);
    let known_thing = basis_of(&reading.signal, None) != Basis::Other;
    if reading.n.is_some() || (known_thing && value.fract() == 0.0) {
        Shape::Count
    } else {
        Shape::Volume
    }
}

fn basis_of(signal: &SignalId, unit: Option<Unit>) -> Basis {
    match unit {
        Some(Unit::Hosts) => return Basis::Hosts,
        Some(Unit::Blocks) => return Basis::Blocks,
        Some(Unit::Prefixes) => return Basis::Prefixes,
        Some(Unit::RibEntries) => return Basis::RibEntries,
        _ => {}
    }
    let id = signal.as_str().to_ascii_lowercase();
    let named = |words: &[&str]| words.iter().any(|word| id.contains(word));
    if named(&["host", "ping.up-share", "tcp.up-share"]) {
        Basis::Hosts
    } else if named(&["block", "slash24"]) {
        Basis::Blocks
    } else if named(&["prefix"]) {
        Basis::Prefixes
    } else if named(&["entries", "rib"]) {
        Basis::RibEntries
    } else {
        Basis::Other
    }
}

/// The layer that a signal speaks of: by the head of its id, or by what it counts.
pub(crate) fn layer_of(signal: &SignalId) -> Layer {
    match signal.layer() {
        "bgp" => Layer::Routes,
        "ping" | "tcp" | "trace" | "active" => Layer::Hosts,
        "traffic" | "darknet" | "telescope" => Layer::Traffic,
        "dns" => Layer::Names,
        "web" => Layer::Sites,
        "inside" => Layer::Inside,
        _ => match basis_of(signal, None) {
            Basis::Hosts => Layer::Hosts,
            Basis::Prefixes | Basis::RibEntries => Layer::Routes,
            Basis::Blocks | Basis::Other => Layer::Other,
        },
    }
}

/// True for our own shares of hosts that answer: raw probes tell more.
pub(crate) fn is_of_hosts(signal: &SignalId, spec: Option<SignalSpec>) -> bool {
    let ours = spec.is_some_and(|spec| matches!(spec.shape, Shape::Share | Shape::Count));
    ours && layer_of(signal) == Layer::Hosts
}
