//! Evidence: what was observed, and how likely that is under each cause.
//!
//! A kind of evidence has a file of its own with one function from the scene to at most one
//! [`Evidence`]; what was not measured gives none. To add one: write its file, name it in `ALL`.
//!
//! A **weight** is the natural logarithm of a cause's likelihood over the mean likelihood of the six.
//! It is cut by what it rests on (`finding`), and the sum of a group, evidence that is not independent, once
//! more (`group`); both shrink all six weights by one factor, so that their order and
//! their proportions stay.

mod backscatter;
mod blackholed;
mod calendar;
mod churn;
mod degraded;
mod duration;
mod finding;
mod flapping;
mod group;
mod inside;
mod layers_fell;
mod local_hour;
mod names_alone;
mod near_controls;
mod new_origins;
mod night;
mod one_round;
mod operators;
mod order;
mod recurrence;
mod scene;
mod sites_alone;
mod stairs;
mod transits;
mod withdrawal_spread;

use falter_model::Evidence;

pub(crate) use finding::{Finding, weigh};
pub(crate) use group::{cap_groups, total, total_of_kind};
pub use layers_fell::PATTERNS;
pub(crate) use layers_fell::pattern;
pub(crate) use local_hour::{Mark, local_seconds, mark_of};
pub(crate) use night::is_at_night;
pub(crate) use recurrence::{earlier_within_reach, recurs_at_whole_days};
pub(crate) use scene::Scene;

/// From the scene to what it says, if anything.
type Look = fn(&Scene<'_>) -> Option<Finding>;

/// Every kind of evidence, in the order in which it is listed.
static ALL: [Look; 22] = [
    local_hour::look,
    night::look,
    recurrence::look,
    duration::look,
    layers_fell::look,
    withdrawal_spread::look,
    operators::look,
    flapping::look,
    churn::look,
    transits::look,
    new_origins::look,
    blackholed::look,
    degraded::look,
    one_round::look,
    order::look,
    near_controls::look,
    names_alone::look,
    sites_alone::look,
    backscatter::look,
    stairs::look,
    inside::look,
    calendar::look,
];

/// All that speaks, within its caps.
pub(crate) fn gather(scene: &Scene<'_>) -> Vec<Evidence> {
    let evidence = ALL.iter().filter_map(|look| look(scene)).map(Finding::evidence).collect();
    cap_groups(evidence)
}
