//! Overload: more packets than links, servers or routers can take. Round trips grow until the queue is
//! full, then packets are lost; where hold timers expire, routes go too, and with them the flood, so that
//! everything comes back and goes again.

use std::net::Ipv4Addr;
use std::time::Duration;

use falter_model::Cause;

use super::script::Script;
use super::{Dice, Fall, Fault, Implementation, Layers, Parameter, Parameters, Plot, parts};
use crate::action::Action;
use crate::country::{AUTHORITIES, Country, Role};
use crate::flood::{Flood, Packet, Shape};

/// See the module.
pub(super) const FAULT: Fault = Fault {
    name: "overload",
    cause: Some(Cause::Overload),
    says: "more traffic than links, servers or routers can take",
    implementations: &[
        Implementation {
            name: "link-flood",
            says: "small UDP packets fill both cables over the border, rising",
            // Measured: of a link's capacity 70 times ends a session of 9 s hold time within 10 s, 38
            // times within 22 s, 8 times never.
            parameters: &[
                FLOOD_RATE,
                Parameter::seconds("rise_s", "until the flood is full", (0.5, 15.0), (3.0, 10.0)),
                Parameter::seconds("lasts_s", "until it ends", (8.0, 30.0), (22.0, 28.0)),
            ],
            worst: Layers::outside(Fall::Complete),
            plot: link_flood,
        },
        Implementation {
            name: "link-flood-in-waves",
            says: "small UDP packets fill both cables over the border, again and again",
            parameters: &[
                FLOOD_RATE,
                Parameter {
                    name: "on_hold_times",
                    says: "length of a wave, in hold times",
                    least: 0.2,
                    most: 1.0,
                    usual: (0.5, 0.9),
                    grain: 0.01,
                },
                Parameter::seconds("off_s", "between two waves", (1.0, 10.0), (2.0, 5.0)),
                Parameter::seconds("lasts_s", "until it ends", (8.0, 30.0), (22.0, 28.0)),
            ],
            // The queue drains for 1.2 s after a wave: that and two thirds of a hold time end a session.
            // Who asks again between two waves gets an answer.
            worst: Layers {
                names: Fall::Degraded,
                sites: Fall::Degraded,
                ..Layers::outside(Fall::Complete)
            },
            plot: link_flood_in_waves,
        },
        Implementation {
            name: "syn-flood-server",
            says: "SYNs from spoofed sources fill the queue of one web server",
            parameters: &[
                // The queue holds 64 and forgets after 3 s; the link takes 1,185 such packets a second.
                Parameter::whole("rate_pps", "SYNs a second", (60.0, 800.0), (200.0, 500.0)),
                Parameter::seconds("lasts_s", "until it ends", (6.0, 28.0), (12.0, 24.0)),
            ],
            worst: Layers { sites: Fall::Partial, ..Layers::UP },
            plot: syn_flood_server,
        },
        Implementation {
            name: "syn-flood-router",
            says: "SYNs from spoofed sources to the gateway's BGP port fill both cables over the border",
            parameters: &[
                // For both cables; each takes 1,185. Keepalives are larger than SYNs: once a queue is full there
                // is never room for one (measured: 1.4 times a cable ends a session of 3 s within 11 s).
                Parameter::whole(
                    "rate_pps",
                    "SYNs a second",
                    (3_000.0, 40_000.0),
                    (10_000.0, 30_000.0),
                ),
                Parameter::seconds("lasts_s", "until it ends", (6.0, 28.0), (12.0, 24.0)),
            ],
            worst: Layers::outside(Fall::Complete),
            plot: syn_flood_router,
        },
        Implementation {
            name: "reflection",
            says: "name servers elsewhere send large answers to one address of the country",
            parameters: &[
                // Answers have some 1,450 octets; both cables take 88 of them a second.
                Parameter::whole("rate_pps", "questions a second", (90.0, 2_000.0), (120.0, 300.0)),
                Parameter::seconds("lasts_s", "until it ends", (6.0, 28.0), (12.0, 24.0)),
            ],
            worst: Layers {
                hosts: Fall::Degraded,
                names: Fall::Degraded,
                sites: Fall::Degraded,
                ..Layers::UP
            },
            plot: reflection,
        },
    ],
};

/// Half of it on each cable.
const FLOOD_RATE: Parameter = Parameter::whole(
    "rate_pps",
    "packets a second at the height",
    (1_000.0, 80_000.0),
    (70_000.0, 80_000.0),
);

fn link_flood(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let shape = Shape::Ramp { up_ms: millis(parameters.seconds("rise_s")) };
    flood_both(country, parameters, Packet::Udp, shape, &|_| servers(country))
        .concerns("both cables over the border")
}

fn link_flood_in_waves(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let shape = Shape::Waves {
        on_ms: millis(
            Duration::from_secs(u64::from(country.hold_time_s))
                .mul_f64(parameters.get("on_hold_times")),
        ),
        off_ms: millis(parameters.seconds("off_s")),
    };
    flood_both(country, parameters, Packet::Udp, shape, &|_| servers(country))
        .concerns("both cables over the border")
}

fn syn_flood_server(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Plot {
    let Some(&(address, sites)) = dice.pick(&parts::site_addresses(country)) else {
        return Script::default().concerns("no server");
    };
    let at_once = Shape::Ramp { up_ms: 0 };
    flood_both(country, parameters, Packet::Syn { port: 80 }, at_once, &|_| vec![address])
        .concerns(format!("{sites} sites at {address}"))
}

fn syn_flood_router(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let borders = parts::border_addresses(country);
    let at_once = Shape::Ramp { up_ms: 0 };
    let nearest = |bots: usize| borders.get(bots).copied().into_iter().collect();
    flood_both(country, parameters, Packet::Syn { port: 179 }, at_once, &nearest)
        .concerns("the gateway and both cables to it")
}

fn reflection(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Plot {
    let Some(&(victim, _)) = dice.pick(&parts::site_addresses(country)) else {
        return Script::default().concerns("no server");
    };
    let reflectors = parts::addresses_of(country, |role| *role == Role::Reflector);
    let at_once = Shape::Ramp { up_ms: 0 };
    let nearest = |bots: usize| reflectors.get(bots).copied().into_iter().collect();
    flood_both(country, parameters, Packet::Question { victim }, at_once, &nearest)
        .concerns(format!("both cables over the border, for the sake of {victim}"))
}

/// Every place of bots sends its share, each at its own targets.
fn flood_both(
    country: &Country,
    parameters: &Parameters,
    packet: Packet,
    shape: Shape,
    targets: &dyn Fn(usize) -> Vec<Ipv4Addr>,
) -> Script {
    let bots = parts::bots(country);
    let lasts = parameters.seconds("lasts_s");
    let rate_pps = parameters.whole("rate_pps") / u32::try_from(bots.len()).unwrap_or(1).max(1);
    let mut script = Script::default();
    for (number, node) in bots.into_iter().enumerate() {
        let flood =
            Flood { packet, targets: targets(number), rate_pps, shape, lasts_ms: millis(lasts) };
        script.at(Duration::ZERO, Action::Flood { node: node.clone(), flood });
        script.at(lasts, Action::EndFlood { node });
    }
    script
}

/// What attackers know of the country: its web and name servers.
fn servers(country: &Country) -> Vec<Ipv4Addr> {
    let web = parts::site_addresses(country).into_iter().map(|(address, _)| address);
    web.chain(AUTHORITIES).collect()
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
