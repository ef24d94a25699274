//! Fault: the operator's own software, configuration, DNS or equipment fails.
//!
//! Often one layer only: names fail while addresses answer, one host takes many sites along, pages
//! answer with errors. Where routing itself fails, churn comes minutes to an hour before (8 July 2022:
//! updates rose at 08:15, traffic ended at 08:44 UTC), and repairs fail before one holds. It stays
//! with one operator.

use falter_model::Cause;

use super::{Announced, Base, CauseSpec, Expects};

/// See the module.
#[derive(Debug)]
pub struct Fault;

static EXPECTS: Expects = Expects {
    base: Base {
        // All spontaneous outages: SIGCOMM 2023 (10.1145/3603269.3604883).
        on_hour: 0.231,
        // The same: 39.5 % on the hour or half hour.
        on_half_hour: 0.164,
        // More changes are made at night.
        at_night: 0.32,
        // 0.2 % of spontaneous outages (SIGCOMM 2023), and a timer that breaks things daily.
        recurs: 0.01,
        // Spontaneous outages, SIGCOMM 2023.
        median_hours: 2.0,
        // As for all spontaneous outages.
        sigma: 1.25,
        // 53.9 % all three (SIGCOMM 2023); cores fail while routes stay.
        layers: [0.54, 0.12, 0.05, 0.25, 0.02, 0.01, 0.01],
    },
    spread: [0.40, 0.30, 0.30],
    // One operator: the mark of this cause.
    operators: [0.92, 0.06, 0.02],
    // Recoveries fail.
    flapping: [0.62, 0.28, 0.10],
    // The mark of this cause.
    churn: [0.38, 0.27, 0.35],
    transits: [0.50, 0.18, 0.32],
    new_origin: 0.10,
    blackholed: 0.01,
    degraded: 0.20,
    one_round: 0.55,
    order: [0.12, 0.18, 0.45, 0.25],
    // Neighbors are well.
    near_controls: 0.08,
    stairs: 0.35,
    // A third of active /24s is attacked within two years (Jonker, IMC 2017): rare at a given hour.
    backscatter: 0.02,
    // The mark of this cause.
    names_alone: 0.55,
    // May 2021: a dozen sites of one server in .kp.
    sites_alone: 0.55,
    inside_up: 0.30,
    announced: Announced::NOTHING,
};

impl CauseSpec for Fault {
    fn cause(&self) -> Cause {
        Cause::Fault
    }
    fn title(&self) -> &'static str {
        "The operator's own software, configuration, DNS or equipment fails"
    }
    fn mechanism(&self) -> &'static str {
        "A change, a defect or a broken machine in the operator's own network or services."
    }
    fn looks(&self) -> &'static str {
        "One layer only: names fail while addresses answer, one host with many sites, errors \
         of servers, an expired or broken zone. Or many updates of routes minutes to an hour \
         before, and failed recoveries. One operator."
    }
    fn reference(&self) -> &'static str {
        "8 July 2022 (15 h, churn half an hour before), 7 November 2023 (13.5 h, updates from \
         20,000 to 940,000 an hour before), 4 October 2021 (name servers' prefixes \
         withdrawn)."
    }
    fn expects(&self) -> &'static Expects {
        &EXPECTS
    }
}
