//! Maintenance: planned work, done in order and soon over.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::Duration;

use falter_model::Cause;

use super::script::Script;
use super::{Dice, Fall, Fault, Implementation, Layers, Parameter, Parameters, Plot, parts};
use crate::action::{Action, Signal};
use crate::country::{AUTHORITIES, Country, Node, Role, Service};
use crate::stage::Policy;

/// See the module.
pub(super) const FAULT: Fault = Fault {
    name: "maintenance",
    cause: Some(Cause::Maintenance),
    says: "planned work and renumbering",
    implementations: &[
        Implementation {
            name: "gateway",
            says: "the gateway is drained, its sessions are closed in order, it gets new software and boots",
            parameters: &[
                Parameter::seconds(
                    "drain_s",
                    "paths are made longer before",
                    (0.0, 4.0),
                    (1.0, 3.0),
                ),
                WORK,
            ],
            worst: Layers::outside(Fall::Complete),
            plot: gateway,
        },
        Implementation {
            name: "servers-edge",
            says: "the edge router of the name servers closes its session in order, gets new software and boots",
            parameters: &[WORK],
            worst: Layers {
                routes: Fall::Partial,
                hosts: Fall::Partial,
                ..Layers::outside(Fall::Complete)
            },
            plot: |country, parameters, _| edge(parameters, parts::servers_edge(country)),
        },
        Implementation {
            name: "intranet-edge",
            says: "the edge router of the intranet closes its session in order, gets new software and boots",
            parameters: &[WORK],
            worst: Layers {
                routes: Fall::Partial,
                hosts: Fall::Partial,
                inside: Fall::Complete,
                ..Layers::UP
            },
            plot: |country, parameters, _| edge(parameters, parts::intranet_edge(country)),
        },
        Implementation {
            name: "renumbering",
            says: "machines move to other addresses of the country, one after the other",
            parameters: &[Parameter::seconds(
                "over_s",
                "from the first machine to the last",
                (0.0, 20.0),
                (3.0, 12.0),
            )],
            worst: Layers { hosts: Fall::Partial, ..Layers::UP },
            plot: renumbering,
        },
    ],
};

const WORK: Parameter = Parameter::seconds("work_s", "the work itself", (2.0, 15.0), (3.0, 8.0));
/// Sessions are closed so long before the power goes.
const IN_ORDER: Duration = Duration::from_millis(300);

fn gateway(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let node = parts::gateway(country);
    let drain = parameters.seconds("drain_s");
    let mut script = Script::default();
    let longer = Policy { prepended: 2, ..Policy::default() };
    script.at(Duration::ZERO, Action::SetPolicy { node: node.clone(), policy: longer });
    reboot(&mut script, drain, &node);
    let back = drain + IN_ORDER + parameters.seconds("work_s");
    // Nobody hears of it: the router starts with it.
    let usual = Action::SetPolicy { node: node.clone(), policy: Policy::default() };
    script.at(back, usual);
    script.at(back, Action::PowerOn { node });
    script.concerns("the whole country")
}

fn edge(parameters: &Parameters, node: String) -> Plot {
    let mut script = Script::default();
    reboot(&mut script, Duration::ZERO, &node);
    let extent = format!("{node} and what is behind it");
    script.at(IN_ORDER + parameters.seconds("work_s"), Action::PowerOn { node });
    script.concerns(extent)
}

/// Sessions are closed, then the power goes.
fn reboot(script: &mut Script, at: Duration, node: &str) {
    script.at(at, Action::Stop { node: node.to_owned(), service: Service::Bird });
    let off = Action::PowerOff { node: node.to_owned(), signal: Signal::Lost };
    script.at(at + IN_ORDER, off);
}

fn renumbering(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Plot {
    let mut machines: Vec<(String, Vec<(Ipv4Addr, Ipv4Addr)>)> = country
        .nodes_that(|role| matches!(role, Role::Machine(machine) if !machine.intranet))
        .map(|node| (node.name.clone(), moves(country, node)))
        .filter(|(_, moves)| !moves.is_empty())
        .collect();
    dice.shuffle(&mut machines);
    let steps = machines.len().saturating_sub(1).max(1) as f64;
    let moved: usize = machines.iter().map(|(_, moves)| moves.len()).sum();
    let mut script = Script::default();
    for (number, (node, moves)) in machines.into_iter().enumerate() {
        let at = parameters.seconds("over_s").mul_f64(number as f64 / steps);
        script.at(at, Action::Renumber { node, moves });
    }
    script.concerns(format!("{moved} addresses that answer now answer elsewhere"))
}

/// What of a machine can move: all addresses at which it serves nothing, to the same place in the
/// prefix of its router that comes next.
fn moves(country: &Country, node: &Node) -> Vec<(Ipv4Addr, Ipv4Addr)> {
    let served: BTreeSet<Ipv4Addr> = match &node.role {
        Role::Machine(machine) => {
            let sites = machine.sites.iter().map(|site| site.address);
            sites.chain(machine.mail).chain(machine.names.iter().copied()).collect()
        }
        _ => BTreeSet::new(),
    };
    node.addresses
        .iter()
        .map(|address| address.ip)
        .filter(|ip| !served.contains(ip) && !AUTHORITIES.contains(ip))
        .filter_map(|ip| {
            let [first, second, third, last] = ip.octets();
            let to = Ipv4Addr::new(first, second, third + 1, last);
            let routed = country.prefixes().iter().any(|(_, prefix)| prefix.contains(to.into()));
            routed.then_some((ip, to))
        })
        .collect()
}
