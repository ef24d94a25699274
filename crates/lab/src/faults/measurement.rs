//! Faults of the measurement: the country is well, and those who look at it are not.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::script::Script;
use super::{Dice, Fault, Implementation, Layers, Parameter, Parameters, Plot, parts};
use crate::action::{Action, Cable, Signal};
use falter_model::Place;

use crate::country::{Country, Node, Role, Service};
use crate::flood::{Flood, Packet, Shape};

/// See the module.
pub(super) const FAULT: Fault = Fault {
    name: "measurement",
    cause: None,
    says: "the country is well, and those who look at it are not",
    implementations: &[
        Implementation {
            name: "uplink-cut",
            says: "an observer's uplink is cut",
            parameters: &[OBSERVER, LASTS],
            worst: Layers::UP,
            plot: uplink_cut,
        },
        Implementation {
            name: "congestion-beyond",
            says: "the cables between an observer's AS and its neighbors are full: the country looks slow, and so does all else",
            parameters: &[OBSERVER, FULL, LASTS],
            worst: Layers::UP,
            plot: congestion_beyond,
        },
        Implementation {
            name: "congestion-customer",
            says: "the cable from a transit to another of its customers is full",
            parameters: &[CUSTOMER, FULL, LASTS],
            worst: Layers::UP,
            plot: congestion_customer,
        },
        Implementation {
            name: "observer-loses-transit",
            says: "the cable between an observer's AS and the country's transit carries nothing; it finds a detour one hold time later",
            parameters: &[
                OBSERVER,
                Parameter::seconds("lasts_s", "until it does again", (12.0, 34.0), (14.0, 26.0)),
            ],
            worst: Layers::UP,
            plot: observer_loses_transit,
        },
        Implementation {
            name: "collector-restart",
            says: "the collector that writes MRT is restarted",
            parameters: &[DOWN],
            worst: Layers::UP,
            plot: |country, parameters, _| {
                restart(country, parameters, &Role::Collector, Service::Bird)
            },
        },
        Implementation {
            name: "station-restart",
            says: "the collector that speaks BMP is restarted",
            parameters: &[DOWN],
            worst: Layers::UP,
            plot: |country, parameters, _| {
                restart(country, parameters, &Role::Station, Service::Gobgp)
            },
        },
        Implementation {
            name: "clock-off",
            says: "an observer's clock is wrong",
            parameters: &[
                OBSERVER,
                Parameter {
                    grain: 0.1,
                    ..Parameter::whole(
                        "ahead_s",
                        "how far it is ahead",
                        (-60.0, 60.0),
                        (-20.0, 20.0),
                    )
                },
                LASTS,
            ],
            worst: Layers::UP,
            plot: clock_off,
        },
        Implementation {
            name: "dead-control",
            says: "a control that should always answer does not",
            parameters: &[
                Parameter::whole("control", "which, from 1", (1.0, 5.0), (1.0, 5.0)),
                LASTS,
            ],
            worst: Layers::UP,
            plot: dead_control,
        },
    ],
};

const LASTS: Parameter =
    Parameter::seconds("lasts_s", "until it is over", (3.0, 30.0), (8.0, 26.0));
const DOWN: Parameter =
    Parameter::seconds("lasts_s", "until it runs again", (0.5, 20.0), (1.0, 8.0));
const OBSERVER: Parameter =
    Parameter::whole("observer", "which observer outside, from 1", (1.0, 2.0), (1.0, 2.0));
const CUSTOMER: Parameter =
    Parameter::whole("customer", "which customer, from 1", (1.0, 2.0), (1.0, 2.0));
const FULL: Parameter = Parameter {
    grain: 0.1,
    ..Parameter::whole("load", "what is sent, in units of what is carried", (1.1, 8.0), (1.5, 4.0))
};
/// What a congested cable carries, kbit/s: as much as the country's own.
const CARRIED_KBIT: u32 = 512;
/// Frames of bulk traffic, of 1,414 octets, that a congested cable carries a second.
const CARRIED_PPS: f64 = 45.0;

fn uplink_cut(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let Some((observer, home)) = observer(country, parameters) else { return nobody() };
    let cable = Cable::between(&home, &observer);
    let mut script = Script::default();
    script.at(Duration::ZERO, Action::Sever(cable.clone()));
    script.at(parameters.seconds("lasts_s"), Action::Splice(cable));
    script.concerns(format!("{observer} only"))
}

fn congestion_beyond(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let Some((observer, home)) = observer(country, parameters) else { return nobody() };
    // An address of that AS that nobody has.
    let prefix = country.node(&home).and_then(|node| node.originates.first());
    let Some(IpAddr::V4(first)) = prefix.map(|prefix| prefix.address()) else { return nobody() };
    let target = Ipv4Addr::from(u32::from(first) + 99);
    let routers =
        country.neighbors(&home).filter(|node| matches!(node.role, Role::World | Role::Transit));
    let cables = routers.map(|node| Cable::between(&node.name, &home)).collect();
    fill(parameters, cables, parts::bots(country), target)
        .concerns(format!("what {observer} sees through {home}"))
}

fn congestion_customer(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let customers = parts::names(country, |role| *role == Role::NearControl);
    let Some(customer) = nth(customers, parameters.whole("customer")) else { return nobody() };
    let Some(transit) = country.neighbors(&customer).next() else { return nobody() };
    let Some(target) = country.node(&customer).and_then(Node::address) else { return nobody() };
    let near = |bots: &String| country.neighbors(bots).any(|node| node.name == transit.name);
    let bots = parts::bots(country).into_iter().filter(near).collect();
    let cables = vec![Cable::between(&transit.name, &customer)];
    fill(parameters, cables, bots, target).concerns(format!("{customer} only"))
}

/// Cables carry less than usual, and bots send more than that to what is behind them, by whichever of the
/// cables it goes.
fn fill(
    parameters: &Parameters,
    cables: Vec<Cable>,
    bots: Vec<String>,
    target: Ipv4Addr,
) -> Script {
    let lasts = parameters.seconds("lasts_s");
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most eight times 45, and never negative"
    )]
    let rate_pps = (parameters.get("load") * CARRIED_PPS).ceil() as u32;
    let mut script = Script::default();
    for cable in cables {
        let kbit = CARRIED_KBIT;
        script.at(Duration::ZERO, Action::Squeeze { cable: cable.clone(), kbit });
        script.at(lasts, Action::Squeeze { cable, kbit: 0 });
    }
    for node in bots {
        let flood = Flood {
            packet: Packet::Bulk,
            targets: vec![target],
            rate_pps,
            shape: Shape::Ramp { up_ms: 0 },
            lasts_ms: u32::try_from(lasts.as_millis()).unwrap_or(u32::MAX),
        };
        script.at(Duration::ZERO, Action::Flood { node: node.clone(), flood });
        script.at(lasts, Action::EndFlood { node });
    }
    script
}

fn observer_loses_transit(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let Some((observer, home)) = observer(country, parameters) else { return nobody() };
    let transits = parts::transits(country);
    let Some(transit) = country.neighbors(&home).find(|node| transits.contains(&node.name)) else {
        return nobody();
    };
    let cable = Cable::between(&transit.name, &home);
    let mut script = Script::default();
    script.at(Duration::ZERO, Action::Hush(cable.clone()));
    script.at(parameters.seconds("lasts_s"), Action::Unhush(cable));
    script.concerns(format!("what {observer} sees through {}", transit.name))
}

fn restart(country: &Country, parameters: &Parameters, role: &Role, service: Service) -> Plot {
    let mut script = Script::default();
    for node in parts::names(country, |own| own == role) {
        script.at(Duration::ZERO, Action::Stop { node: node.clone(), service });
        script.at(parameters.seconds("lasts_s"), Action::Start { node, service });
    }
    script.concerns("what one collector hears")
}

fn clock_off(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let Some((node, _)) = observer(country, parameters) else { return nobody() };
    let extent = format!("{node} only");
    #[expect(clippy::cast_possible_truncation, reason = "at most a minute")]
    let ahead_ms = (parameters.get("ahead_s") * 1000.0).round() as i64;
    let mut script = Script::default();
    script.at(Duration::ZERO, Action::SetClock { node: node.clone(), ahead_ms });
    script.at(parameters.seconds("lasts_s"), Action::SetClock { node, ahead_ms: 0 });
    script.concerns(extent)
}

fn dead_control(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let controls =
        parts::names(country, |role| matches!(role, Role::FarControl | Role::NearControl));
    let Some(node) = nth(controls, parameters.whole("control")) else { return nobody() };
    let extent = format!("{node} only");
    let mut script = Script::default();
    let signal = Signal::Kept;
    script.at(Duration::ZERO, Action::PowerOff { node: node.clone(), signal });
    script.at(parameters.seconds("lasts_s"), Action::PowerOn { node });
    script.concerns(extent)
}

/// The observer that is asked for, and the router it is behind.
fn observer(country: &Country, parameters: &Parameters) -> Option<(String, String)> {
    let outside = parts::names(country, |role| *role == Role::Observer(Place::Outside));
    let observer = nth(outside, parameters.whole("observer"))?;
    let home = country.neighbors(&observer).next()?.name.clone();
    Some((observer, home))
}

/// The one of that number, from 1.
fn nth(names: Vec<String>, number: u32) -> Option<String> {
    names.into_iter().nth(usize::try_from(number).ok()?.checked_sub(1)?)
}

fn nobody() -> Plot {
    Script::default().concerns("nobody")
}
