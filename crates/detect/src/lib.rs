//! Readings and replies to alerts, alerts to outages: when a network faltered, how much of it, and
//! in which order.
//!
//! [`Engine`] takes what the signals stage and the probes give, in the order of time, and is pure:
//! the same input gives the same outages, replayed or live. On the way, a *track* follows one
//! signal of one entity, a *detector* (a file each) judges its values, an *episode* is what it found,
//! and episodes of one entity are *joined* into an outage.

mod engine;
mod plan;
mod seen;

// From values to episodes.
mod cadence;
mod detector;
mod episode;
mod halves;
mod kept;
mod kinds;
mod rule;
mod track;

// The detectors, and what they stand on.
mod afterglow;
mod badness;
mod counts;
mod history;
mod median;
mod shares;
mod shelf;
mod tail;
mod volume;

// From probes to episodes.
mod belief;
mod measured;
mod probed;
mod reachability;
mod rounds;
mod seeing;
mod side;
mod sight;
mod standing;
mod targets;
mod view;
mod waiting;

// From episodes to outages.
mod inside;
mod joining;
mod ledger;
mod lost;
mod order;
mod outages;
mod states;

pub use engine::Engine;
pub use plan::Plan;
pub use seen::SignalSeen;
