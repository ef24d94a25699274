//! Power: electricity fails.
//!
//! Machines vanish at once and without warning: there is no queue that fills. Routes go with the
//! border routers, one hold time later where a session has to time out, or as batteries run down
//! (14 August 2003: 1,000 routes in five minutes, 2,500 by three hours). Access networks fall before
//! backbones. Machines boot at their own pace and districts are switched on one by one, so the return
//! is a staircase.

use falter_model::Cause;

use super::{Announced, Base, CauseSpec, Expects};

/// See the module.
#[derive(Debug)]
pub struct Power;

static EXPECTS: Expects = Expects {
    base: Base {
        // All spontaneous outages: SIGCOMM 2023 (10.1145/3603269.3604883).
        on_hour: 0.231,
        // The same: 39.5 % on the hour or half hour.
        on_half_hour: 0.164,
        // No preference known: 6 of 24 hours.
        at_night: 0.25,
        // Between 0.2 % (SIGCOMM 2023, one of 574) and rotating cuts of supply.
        recurs: 0.02,
        // Spontaneous outages, SIGCOMM 2023.
        median_hours: 2.0,
        // From p5 and p95 there: ln(16.3 / 0.25) / 3.29 = 1.27; from p10 and p90 1.18.
        sigma: 1.25,
        // 53.9 % all three (SIGCOMM 2023); access falls while backbone routes hold.
        layers: [0.54, 0.10, 0.03, 0.29, 0.02, 0.01, 0.01],
    },
    // At once, or decaying with batteries.
    spread: [0.40, 0.22, 0.38],
    // All in one area, whoever runs them.
    operators: [0.35, 0.50, 0.15],
    flapping: [0.88, 0.08, 0.04],
    // Nothing announces it.
    churn: [0.88, 0.10, 0.02],
    transits: [0.40, 0.10, 0.50],
    new_origin: 0.03,
    blackholed: 0.01,
    // There is no queue that fills.
    degraded: 0.06,
    one_round: 0.80,
    // Equal to overload: order alone never separates the two.
    order: [0.30, 0.25, 0.35, 0.10],
    // Neighbors in the same area.
    near_controls: 0.25,
    // Machines boot, districts follow one another.
    stairs: 0.70,
    // A third of active /24s is attacked within two years (Jonker, IMC 2017): rare at a given hour.
    backscatter: 0.02,
    names_alone: 0.04,
    sites_alone: 0.06,
    // An observer inside is dark too.
    inside_up: 0.12,
    announced: Announced {
        // Told by the operator of the grid.
        grid: 10.0,
        weather: 5.0,
        ..Announced::NOTHING
    },
};

impl CauseSpec for Power {
    fn cause(&self) -> Cause {
        Cause::Power
    }
    fn title(&self) -> &'static str {
        "Electricity fails"
    }
    fn mechanism(&self) -> &'static str {
        "A grid, a substation or the supply of one site fails; batteries bridge some \
         equipment for a while."
    }
    fn looks(&self) -> &'static str {
        "Hosts vanish within one round, without loss or a longer round trip before. Routes go \
         at once, one hold time later, or decay with batteries. Several operators in one \
         area. Machines return in stairs as they boot."
    }
    fn reference(&self) -> &'static str {
        "North-eastern United States, 14 August 2003; Iberia, 28 April 2025; arXiv 1912.03357 \
         (residential power inferred from reachability)."
    }
    fn expects(&self) -> &'static Expects {
        &EXPECTS
    }
}
