//! Faults of the operator's own: software, configuration, names, routing. One layer falls while those
//! below it stand.

use std::time::Duration;

use falter_model::Cause;

use super::script::Script;
use super::{Dice, Fall, Fault, Implementation, Layers, Parameter, Parameters, Plot, parts};
use crate::action::{Action, Dropped, Outcome};
use crate::country::{Country, Service};
use crate::stage::{Policy, ZoneState};

/// See the module.
pub(super) const FAULT: Fault = Fault {
    name: "fault",
    cause: Some(Cause::Fault),
    says: "the operator's own software, configuration, names or routing fails",
    implementations: &[
        Implementation {
            name: "web-upgrade",
            says: "an upgrade of the web server with the most sites goes wrong",
            parameters: &[LASTS],
            worst: Layers { sites: Fall::Partial, ..Layers::UP },
            plot: web_upgrade,
        },
        Implementation {
            name: "zone-broken",
            says: "a mistake in the zone files: no name server loads them",
            parameters: &[LASTS],
            worst: NO_NAMES,
            plot: |country, parameters, _| zones(country, parameters, ZoneState::Broken),
        },
        Implementation {
            name: "zone-expired",
            says: "the name servers could not refresh their zones and serve them no more",
            parameters: &[LASTS],
            worst: NO_NAMES,
            plot: |country, parameters, _| zones(country, parameters, ZoneState::Expired),
        },
        Implementation {
            name: "serial-turned-back",
            says: "an older copy of the zones is served, with an older serial",
            parameters: &[LASTS],
            worst: Layers { names: Fall::Degraded, ..Layers::UP },
            plot: |country, parameters, _| zones(country, parameters, ZoneState::TurnedBack),
        },
        Implementation {
            name: "name-servers-stopped",
            says: "the name servers are stopped, one after the other",
            parameters: &[
                Parameter::seconds(
                    "apart_s",
                    "between the first and the second",
                    (0.0, 8.0),
                    (0.0, 3.0),
                ),
                Parameter::seconds("lasts_s", "until they run again", (9.0, 34.0), (11.0, 26.0)),
            ],
            worst: NO_NAMES,
            plot: name_servers_stopped,
        },
        Implementation {
            name: "route-filter",
            says: "a mistake in the gateway's filters: nothing is announced any more, and recoveries fail at first",
            parameters: &[
                Parameter::whole("recoveries", "that fail", (0.0, 3.0), (1.0, 3.0)),
                Parameter::seconds("between_s", "two tries", (4.0, 7.0), (5.0, 7.0)),
            ],
            worst: Layers::outside(Fall::Complete),
            plot: route_filter,
        },
        Implementation {
            name: "crash-loop",
            says: "the gateway's routing software crashes again and again",
            parameters: &[
                Parameter::whole("crashes", "in all", (1.0, 5.0), (3.0, 5.0)),
                Parameter::seconds(
                    "restart_s",
                    "until it is started again",
                    (0.5, 3.0),
                    (1.0, 2.0),
                ),
                Parameter::seconds("runs_s", "until the next crash", (1.0, 4.0), (2.5, 4.0)),
            ],
            // Who asks again between two crashes gets a page.
            worst: Layers { sites: Fall::Degraded, ..Layers::outside(Fall::Complete) },
            plot: crash_loop,
        },
        Implementation {
            name: "own-firewall",
            says: "a rule too many in the gateway's packet filter: all is dropped, though BGP stays",
            parameters: &[LASTS],
            worst: Layers { routes: Fall::None, ..Layers::outside(Fall::Complete) },
            plot: own_firewall,
        },
    ],
};

const LASTS: Parameter =
    Parameter::seconds("lasts_s", "until it is put right", (3.0, 34.0), (8.0, 26.0));
const NO_NAMES: Layers = Layers { names: Fall::Complete, ..Layers::UP };
/// How long a recovery that fails seems to work.
const SEEMS_RIGHT: Duration = Duration::from_millis(1_200);

fn web_upgrade(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let (node, sites) = parts::largest_web_server(country);
    let mut script = Script::default();
    let upgrade = |outcome| Action::Upgrade { node: node.clone(), outcome };
    script.at(Duration::ZERO, upgrade(Outcome::Broken));
    script.at(parameters.seconds("lasts_s"), upgrade(Outcome::Right));
    script.concerns(format!("{sites} sites of {node}"))
}

fn zones(country: &Country, parameters: &Parameters, state: ZoneState) -> Plot {
    let mut script = Script::default();
    for node in parts::name_servers(country) {
        script.at(Duration::ZERO, Action::SetZones { node: node.clone(), state });
        let right = Action::SetZones { node, state: ZoneState::Right };
        script.at(parameters.seconds("lasts_s"), right);
    }
    script.concerns("all zones at both name servers")
}

fn name_servers_stopped(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Plot {
    let mut servers = parts::name_servers(country);
    dice.shuffle(&mut servers);
    let mut script = Script::default();
    let mut at = Duration::ZERO;
    for node in servers {
        script.at(at, Action::Stop { node: node.clone(), service: Service::Nsd });
        script.at(parameters.seconds("lasts_s"), Action::Start { node, service: Service::Nsd });
        at += parameters.seconds("apart_s");
    }
    script.concerns("both name servers")
}

fn route_filter(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Plot {
    let node = parts::gateway(country);
    let set = |policy| Action::SetPolicy { node: node.clone(), policy };
    let mistake = || set(Policy { exports_nothing: true, ..Policy::default() });
    let mut script = Script::default();
    script.at(Duration::ZERO, mistake());
    let mut at = Duration::ZERO;
    for _ in 0..parameters.whole("recoveries") {
        at += parameters.seconds("between_s");
        // A detour that others have to hear of, then the same mistake.
        script.at(at, set(Policy { prepended: 1, ..Policy::default() }));
        script.at(at + SEEMS_RIGHT.mul_f64(0.5 + 0.5 * dice.share()), mistake());
    }
    at += parameters.seconds("between_s");
    script.at(at, set(Policy::default()));
    script.concerns("all routes of the country")
}

fn crash_loop(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let node = parts::gateway(country);
    let mut script = Script::default();
    let mut at = Duration::ZERO;
    for _ in 0..parameters.whole("crashes") {
        script.at(at, Action::Crash { node: node.clone(), service: Service::Bird });
        at += parameters.seconds("restart_s");
        script.at(at, Action::Start { node: node.clone(), service: Service::Bird });
        at += parameters.seconds("runs_s");
    }
    script.concerns("all routes of the country")
}

fn own_firewall(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let node = parts::gateway(country);
    let mut script = Script::default();
    script.at(Duration::ZERO, Action::Filter { node: node.clone(), drops: Dropped::Everything });
    script.at(parameters.seconds("lasts_s"), Action::Unfilter { node });
    script.concerns("all that passes the gateway")
}
