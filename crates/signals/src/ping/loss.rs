//! How much is lost on the way to hosts that usually answer.

use std::collections::BTreeMap;
use std::net::IpAddr;

use falter_model::{Shape, SignalSpec, Unit};

use super::Shot;
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "ping.loss",
    title: "Packet loss (ICMP)",
    about: "Share of echo requests that were not answered, as the mean over targets that answered in the bin; a silence counts once the target answers again, and more than five in a row are no loss.",
    unit: Unit::Share,
    shape: Shape::Badness,
    step: crate::steps::MINUTE,
};

/// So many silences in a row are an absence: at a loss of one half that is one in thirty.
const LONGEST_LOSS: u32 = 5;

/// How many requests each target left unanswered since its last answer.
#[derive(Debug, Default)]
pub(crate) struct Unanswered(BTreeMap<IpAddr, u32>);

/// The mean over targets that answered of the share of requests that were not. A silence counts once
/// an answer follows it: who answers no more has gone, and nothing was lost on the way to it. However
/// often it was asked, each target bears witness once.
pub(crate) fn tally(shots: &[Shot], unanswered: &mut Unanswered) -> Tally {
    let mut in_time: Vec<&Shot> = shots.iter().collect();
    in_time.sort_by_key(|shot| (shot.at, shot.target, shot.answered));
    let mut by_target: BTreeMap<IpAddr, (u32, u32)> = BTreeMap::new();
    for shot in in_time {
        let silences = unanswered.0.get(&shot.target).copied();
        if shot.answered {
            let lost = silences.filter(|lost| *lost <= LONGEST_LOSS).unwrap_or(0);
            let (all_lost, asked) = by_target.entry(shot.target).or_default();
            *all_lost += lost;
            *asked += lost + 1;
            unanswered.0.insert(shot.target, 0);
        } else if let Some(silences) = silences {
            unanswered.0.insert(shot.target, silences.saturating_add(1));
        }
    }
    if by_target.is_empty() {
        return Tally::default();
    }
    let shares = by_target.values().map(|(lost, asked)| f64::from(*lost) / f64::from(*asked));
    let n = by_target.len() as f64;
    Tally { value: Some(shares.sum::<f64>() / n), n: Some(n) }
}
