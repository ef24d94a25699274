//! Link: a cable or transit is cut.
//!
//! What used one path shifts to another or is gone. Paths change, round trips step up, capacity is
//! short. It happens at any minute, since anchors and excavators keep no timetable, and takes hours
//! to mend. What the victims send out of other links is still seen, so darknets show these outages
//! less often than others.

use falter_model::Cause;

use super::{Announced, Base, CauseSpec, Expects};

/// See the module.
#[derive(Debug)]
pub struct Link;

static EXPECTS: Expects = Expects {
    base: Base {
        // All spontaneous outages: SIGCOMM 2023 (10.1145/3603269.3604883).
        on_hour: 0.231,
        // The same: 39.5 % on the hour or half hour.
        on_half_hour: 0.164,
        // No preference known: 6 of 24 hours.
        at_night: 0.25,
        // One of 574, rounded up: SIGCOMM 2023.
        recurs: 0.005,
        // Longer than the average spontaneous outage (2 h): a splice takes hours. Judgement; what the
        // labels say is added by the fit.
        median_hours: 3.0,
        // As for all spontaneous outages, with a long tail.
        sigma: 1.25,
        // 53.9 % all three (SIGCOMM 2023); what leaves by other links is still seen in a darknet.
        layers: [0.54, 0.20, 0.05, 0.17, 0.02, 0.01, 0.01],
    },
    // All that used the path goes together.
    spread: [0.62, 0.26, 0.12],
    // All that share the cable.
    operators: [0.40, 0.45, 0.15],
    flapping: [0.85, 0.10, 0.05],
    churn: [0.85, 0.12, 0.03],
    // The mark of this cause.
    transits: [0.10, 0.55, 0.35],
    new_origin: 0.08,
    blackholed: 0.01,
    // Congestion on what is left.
    degraded: 0.18,
    one_round: 0.75,
    // One path carries both.
    order: [0.10, 0.05, 0.60, 0.25],
    // Other customers of the transit lose it too.
    near_controls: 0.55,
    // The cable carries again: all at once.
    stairs: 0.15,
    // A third of active /24s is attacked within two years (Jonker, IMC 2017): rare at a given hour.
    backscatter: 0.02,
    names_alone: 0.03,
    sites_alone: 0.03,
    // The inside works.
    inside_up: 0.65,
    announced: Announced {
        // Told by the cable's operator.
        cable: 10.0,
        weather: 1.5,
        ..Announced::NOTHING
    },
};

impl CauseSpec for Link {
    fn cause(&self) -> Cause {
        Cause::Link
    }
    fn title(&self) -> &'static str {
        "A cable or transit is cut"
    }
    fn mechanism(&self) -> &'static str {
        "A cable, an exchange point or the connection to a transit provider is cut."
    }
    fn looks(&self) -> &'static str {
        "One transit disappears while others stay, or all do. Paths shift and the round trip \
         steps up. Off the round hour. Hours long."
    }
    fn reference(&self) -> &'static str {
        "SIGCOMM 2023, 10.1145/3603269.3604883; PingER on the Mediterranean cuts of January \
         2008 (300 to over 1000 ms)."
    }
    fn expects(&self) -> &'static Expects {
        &EXPECTS
    }
}
