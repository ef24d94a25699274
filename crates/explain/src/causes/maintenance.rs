//! Maintenance: planned work and renumbering.
//!
//! Short, orderly and in the window of least use, hence at local night and often on the hour.
//! Addresses may return elsewhere: a large part of edge disruptions moves rather than fails
//! (Richter, IMC 2018). No labelled outage is of this kind, since people label what hurt.

use falter_model::Cause;

use super::{Announced, Base, CauseSpec, Expects};

/// See the module.
#[derive(Debug)]
pub struct Maintenance;

static EXPECTS: Expects = Expects {
    base: Base {
        // Windows begin on the hour.
        on_hour: 0.50,
        on_half_hour: 0.17,
        // The window of least use.
        at_night: 0.75,
        // Work goes on the next night.
        recurs: 0.12,
        // Windows of a few hours, with less downtime.
        median_hours: 1.0,
        sigma: 0.9,
        // Small: telescopes often miss it.
        layers: [0.50, 0.22, 0.05, 0.19, 0.02, 0.01, 0.01],
    },
    spread: [0.60, 0.30, 0.10],
    // One operator works at a time.
    operators: [0.93, 0.05, 0.02],
    // A restart or two.
    flapping: [0.80, 0.17, 0.03],
    // Traffic is moved away first.
    churn: [0.68, 0.27, 0.05],
    // One side at a time.
    transits: [0.35, 0.45, 0.20],
    // Addresses return elsewhere.
    new_origin: 0.30,
    blackholed: 0.01,
    degraded: 0.10,
    one_round: 0.70,
    order: [0.08, 0.07, 0.60, 0.25],
    near_controls: 0.12,
    stairs: 0.20,
    // A third of active /24s is attacked within two years (Jonker, IMC 2017): rare at a given hour.
    backscatter: 0.02,
    names_alone: 0.20,
    sites_alone: 0.22,
    inside_up: 0.35,
    announced: Announced {
        // Announced.
        maintenance: 10.0,
        ..Announced::NOTHING
    },
};

impl CauseSpec for Maintenance {
    fn cause(&self) -> Cause {
        Cause::Maintenance
    }
    fn title(&self) -> &'static str {
        "Planned work, renumbering"
    }
    fn mechanism(&self) -> &'static str {
        "Equipment is replaced, software updated or addresses moved, as planned."
    }
    fn looks(&self) -> &'static str {
        "Announced or at local night, short, orderly; addresses may return elsewhere."
    }
    fn reference(&self) -> &'static str {
        "Richter and others, IMC 2018 (edge disruptions as maintenance and migration); \
         ISI-TR-733 (renumbering)."
    }
    fn expects(&self) -> &'static Expects {
        &EXPECTS
    }
}
