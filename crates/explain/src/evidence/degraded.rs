//! Packet loss or a longer round trip before hosts were lost.
//!
//! A flooded queue loses and delays before it fails; electricity gives no warning. This is what tells
//! overload from power, since the order of failure is the same. The round trip is taken as a multiple
//! of its baseline, and the thresholds are those of the state `degraded`.

use falter_model::{EvidenceBasis, Kind};

use super::group::Group;
use super::scene::yes_or_no;
use super::withdrawal_spread::words;
use super::{Finding, Scene};

/// Ten points of loss over the usual.
const LOSS: f64 = 0.10;

/// Twice the usual round trip.
const RTT: f64 = 2.0;

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let probes = scene.case.probes.as_ref()?;
    let loss = probes.loss_before.filter(|loss| loss.is_finite());
    let rtt = probes.rtt_before.filter(|rtt| rtt.is_finite());
    if loss.is_none() && rtt.is_none() {
        return None;
    }
    let degraded = loss.is_some_and(|loss| loss >= LOSS) || rtt.is_some_and(|rtt| rtt >= RTT);
    let mut parts = Vec::new();
    parts.extend(loss.map(|loss| format!("packet loss {:.0} points over the usual", loss * 100.0)));
    parts.extend(rtt.map(|rtt| format!("round trip {rtt:.1} times the usual")));
    let lead = match probes.degraded_for {
        Some(lead) if degraded => format!(", from {} before", words(lead)),
        _ => String::new(),
    };
    let verdict = if degraded { "Degraded before it" } else { "No warning" };
    let mut observed = Vec::new();
    observed.extend(loss.map(|loss| ("loss", loss)));
    observed.extend(rtt.map(|rtt| ("rtt_times_usual", rtt)));
    observed.extend(probes.degraded_for.map(|lead| ("lead_s", lead.as_seconds())));
    Some(Finding {
        id: "hosts.degraded-before",
        group: Group::Hosts,
        kind: Kind::Hosts,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| yes_or_no(degraded, expects.degraded)),
        says: format!("{verdict}: {}{lead}.", parts.join(", ")),
        observed,
    })
}
