//! Overload: traffic floods links, routers or servers.
//!
//! Queues fill before anything fails, so loss and round trip rise first; then services, then the
//! routers' own sessions: a flooded link loses keepalives, the hold timer ends the session, it comes
//! up again and is lost again (Zhang, Mao, Wang, NDSS 2007). When the flood stops, all is back at
//! once. Only one labelled outage is of this kind, so its numbers rest on accounts of single events.

use falter_model::Cause;

use super::{Announced, Base, CauseSpec, Expects};

/// See the module.
#[derive(Debug)]
pub struct Overload;

static EXPECTS: Expects = Expects {
    base: Base {
        // Between spontaneous outages and scheduled ones: rented attacks are bought by the hour.
        on_hour: 0.30,
        on_half_hour: 0.17,
        // No preference known: 6 of 24 hours.
        at_night: 0.25,
        // AS6752 was hit around 20:00 local on four days; most attacks are not so regular.
        recurs: 0.08,
        // Half an hour (AS6752) to six hours (AS131279, 2022).
        median_hours: 1.5,
        // Wider than other spontaneous outages: both half hours and days are known.
        sigma: 1.3,
        // Filters and floods often leave routes up; victims still send while their inbound links are full.
        layers: [0.40, 0.17, 0.06, 0.30, 0.03, 0.03, 0.01],
    },
    // Each session dies at its own time.
    spread: [0.30, 0.45, 0.25],
    // A flood is aimed at one network.
    operators: [0.80, 0.15, 0.05],
    // Keepalives are lost under load (NDSS 2007).
    flapping: [0.40, 0.20, 0.40],
    // Routes of AS131279 were unstable for a day before the fall of 22 December 2014.
    churn: [0.55, 0.33, 0.12],
    transits: [0.40, 0.25, 0.35],
    // Scrubbing services announce the victim.
    new_origin: 0.20,
    // RFC 7999 is there for floods.
    blackholed: 0.30,
    // Queues fill first; the mark of this cause.
    degraded: 0.75,
    one_round: 0.20,
    // Equal to power: order alone never separates the two.
    order: [0.30, 0.25, 0.35, 0.10],
    // A full transit hurts its other customers.
    near_controls: 0.30,
    // Back at once when it stops.
    stairs: 0.22,
    // Reflection leaves none at a telescope.
    backscatter: 0.45,
    // Name servers are targets of their own.
    names_alone: 0.30,
    // So are sites.
    sites_alone: 0.30,
    // A flood of the links leaves the inside up; hosts and routers that are flooded are down for all.
    inside_up: 0.35,
    announced: Announced::NOTHING,
};

impl CauseSpec for Overload {
    fn cause(&self) -> Cause {
        Cause::Overload
    }
    fn title(&self) -> &'static str {
        "Traffic floods links, routers or servers"
    }
    fn mechanism(&self) -> &'static str {
        "More packets arrive than links, routers or servers can carry, as in a \
         denial-of-service attack or a rush of real users."
    }
    fn looks(&self) -> &'static str {
        "Packet loss and round trip rise minutes to hours before the fall. Services fail, \
         then routers: sessions end and come back in a rhythm near the hold time. Waves. \
         Backscatter or reflected traffic is seen. All returns quickly when it stops."
    }
    fn reference(&self) -> &'static str {
        "Zhang, Mao, Wang, NDSS 2007 (sessions under load); AS6752, January 2022 (half-hour \
         waves at the same local hour on four days); root name servers, 30 November 2015 \
         (some sites absorb, some withdraw)."
    }
    fn expects(&self) -> &'static Expects {
        &EXPECTS
    }
}
