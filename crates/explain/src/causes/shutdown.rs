//! Shutdown: deliberately switched off.
//!
//! An order reaches operators, each of which withdraws its routes within minutes of the others
//! (27 January 2011: five operators in 13 minutes), or filters while routes stay up (Iran 2025,
//! Kazakhstan 2022). Orders name a round hour and are repeated day after day; nearly always a
//! remainder is spared. It says what was done, never by whom.

use falter_model::Cause;

use super::{Announced, Base, CauseSpec, Expects};

/// See the module.
#[derive(Debug)]
pub struct Shutdown;

static EXPECTS: Expects = Expects {
    base: Base {
        // SIGCOMM 2023 (10.1145/3603269.3604883).
        on_hour: 0.706,
        // The same: 84.8 % on the hour or half hour.
        on_half_hour: 0.142,
        // Exams begin early; no strong preference otherwise.
        at_night: 0.30,
        // 107 of 158, SIGCOMM 2023.
        recurs: 0.677,
        // SIGCOMM 2023.
        median_hours: 5.5,
        // From p5 and p95 there: ln(49.8 / 0.83) / 3.29 = 1.24; from p10 and p90 0.94.
        sigma: 1.15,
        // 94.5 % all three in 2018 to 2021 (SIGCOMM 2023); since then one in three by filters.
        layers: [0.76, 0.04, 0.02, 0.15, 0.01, 0.01, 0.01],
    },
    // Operator by operator: 13 minutes in Egypt.
    spread: [0.30, 0.58, 0.12],
    // An order reaches all, and a remainder is spared.
    operators: [0.12, 0.60, 0.28],
    // Clean.
    flapping: [0.95, 0.04, 0.01],
    churn: [0.90, 0.08, 0.02],
    transits: [0.35, 0.10, 0.55],
    new_origin: 0.03,
    // Null routes of the operator's own, seldom told to peers.
    blackholed: 0.04,
    // Iran, June 2025, had precursors; most have none.
    degraded: 0.06,
    one_round: 0.65,
    // Routes are withdrawn; hosts follow.
    order: [0.06, 0.09, 0.55, 0.30],
    near_controls: 0.15,
    // Operators return one by one, hosts of each at once.
    stairs: 0.22,
    // A third of active /24s is attacked within two years (Jonker, IMC 2017): rare at a given hour.
    backscatter: 0.02,
    names_alone: 0.05,
    // Filters of sites.
    sites_alone: 0.10,
    // Domestic traffic often goes on.
    inside_up: 0.60,
    announced: Announced {
        // 16 times as many (SIGCOMM 2023), cut to 10.
        election: 10.0,
        // 40 of the 83 labelled shutdowns.
        exam: 10.0,
        // SIGCOMM 2023.
        protest: 9.0,
        ..Announced::NOTHING
    },
};

impl CauseSpec for Shutdown {
    fn cause(&self) -> Cause {
        Cause::Shutdown
    }
    fn title(&self) -> &'static str {
        "Deliberately switched off"
    }
    fn mechanism(&self) -> &'static str {
        "Connections are cut on purpose, by withdrawing routes or by filtering."
    }
    fn looks(&self) -> &'static str {
        "Clean withdrawals operator by operator within minutes, or silence with routes still \
         up. Starts on the local hour or half hour. Repeats at whole days. All signals drop. \
         A remainder survives."
    }
    fn reference(&self) -> &'static str {
        "SIGCOMM 2023, 10.1145/3603269.3604883 (182 shutdowns against 729 spontaneous \
         outages); Egypt, 27 January 2011; arXiv 2605.00187 (filters with routes up)."
    }
    fn expects(&self) -> &'static Expects {
        &EXPECTS
    }
}
