//! Power: hosts and servers go within a second, routers with them or when their batteries are empty;
//! they come back one after the other.

use std::time::Duration;

use falter_model::Cause;

use super::script::Script;
use super::{Dice, Fall, Fault, Implementation, Layers, Parameter, Parameters, Plot, parts};
use crate::action::{Action, Signal};
use crate::country::Country;

/// See the module.
pub(super) const FAULT: Fault = Fault {
    name: "power",
    cause: Some(Cause::Power),
    says: "electricity fails",
    implementations: &[
        Implementation {
            name: "all-at-once",
            says: "everything loses its power at the same moment, and the transits see the signal go",
            parameters: &[lasts((4.0, 24.0), (10.0, 20.0)), STAIRS],
            worst: Layers::all(Fall::Complete),
            plot: all_at_once,
        },
        Implementation {
            name: "batteries",
            says: "hosts and servers go at once, routers when their batteries are empty",
            parameters: &[
                Parameter::seconds("batteries_s", "what batteries hold", (2.0, 14.0), (5.0, 10.0)),
                lasts((15.0, 26.0), (16.0, 24.0)),
                STAIRS,
            ],
            worst: Layers::all(Fall::Complete),
            plot: batteries,
        },
        Implementation {
            name: "without-loss-of-signal",
            says: "everything goes at once, but the transits see silence only: routes go one hold time later",
            parameters: &[lasts((12.0, 26.0), (14.0, 24.0)), STAIRS],
            worst: Layers::all(Fall::Complete),
            plot: without_loss_of_signal,
        },
        Implementation {
            name: "servers-region",
            says: "the edge router of the name servers and all machines behind it lose their power",
            parameters: &[lasts((4.0, 26.0), (10.0, 24.0)), STAIRS],
            worst: Layers {
                routes: Fall::Partial,
                hosts: Fall::Partial,
                ..Layers::outside(Fall::Complete)
            },
            plot: |country, parameters, dice| {
                region(country, parameters, dice, parts::servers_edge(country))
            },
        },
        Implementation {
            name: "intranet-region",
            says: "the edge router of the intranet and all machines behind it lose their power",
            parameters: &[lasts((4.0, 26.0), (10.0, 24.0)), STAIRS],
            worst: Layers {
                routes: Fall::Partial,
                hosts: Fall::Partial,
                inside: Fall::Complete,
                ..Layers::UP
            },
            plot: |country, parameters, dice| {
                region(country, parameters, dice, parts::intranet_edge(country))
            },
        },
    ],
};

const STAIRS: Parameter = Parameter::seconds(
    "stairs_s",
    "from the first machine that is back to the last",
    (0.0, 8.0),
    (2.0, 6.0),
);

/// Routers need so long from the first to the last.
const ROUTERS_BOOT: Duration = Duration::from_millis(500);
/// Lights go out everywhere within so long.
const GOES_OUT: Duration = Duration::from_millis(200);

const fn lasts(bounds: (f64, f64), usual: (f64, f64)) -> Parameter {
    Parameter::seconds("lasts_s", "until there is power again", bounds, usual)
}

fn all_at_once(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Plot {
    let mut script = Script::default();
    off(&mut script, Duration::ZERO, parts::gateway(country), Signal::Lost);
    for node in inner(country) {
        off(&mut script, Duration::ZERO, node, Signal::Kept);
    }
    back(&mut script, parameters, routers(country), parts::machines(country), dice);
    script.concerns("the whole country")
}

fn batteries(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Plot {
    let mut script = Script::default();
    for node in parts::machines(country) {
        off(&mut script, GOES_OUT.mul_f64(dice.share()), node, Signal::Kept);
    }
    let empty = parameters.seconds("batteries_s");
    for node in routers(country) {
        // No two batteries are alike.
        off(&mut script, empty.mul_f64(0.9 + 0.1 * dice.share()), node, Signal::Lost);
    }
    back(&mut script, parameters, routers(country), parts::machines(country), dice);
    script.concerns("the whole country")
}

fn without_loss_of_signal(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Plot {
    let mut script = Script::default();
    for node in routers(country).into_iter().chain(parts::machines(country)) {
        off(&mut script, Duration::ZERO, node, Signal::Kept);
    }
    back(&mut script, parameters, routers(country), parts::machines(country), dice);
    script.concerns("the whole country")
}

fn region(country: &Country, parameters: &Parameters, dice: &mut Dice, edge: String) -> Plot {
    let machines: Vec<String> = parts::machines(country)
        .into_iter()
        .filter(|machine| country.neighbors(machine).any(|node| node.name == edge))
        .collect();
    let mut script = Script::default();
    off(&mut script, Duration::ZERO, edge.clone(), Signal::Lost);
    for node in &machines {
        off(&mut script, GOES_OUT.mul_f64(dice.share()), node.clone(), Signal::Kept);
    }
    let extent = format!("{edge} and {} machines behind it", machines.len());
    back(&mut script, parameters, vec![edge], machines, dice);
    script.concerns(extent)
}

fn off(script: &mut Script, at: Duration, node: String, signal: Signal) {
    script.at(at, Action::PowerOff { node, signal });
}

/// Routers first, then machines in an order by chance, on stairs.
fn back(
    script: &mut Script,
    parameters: &Parameters,
    routers: Vec<String>,
    mut machines: Vec<String>,
    dice: &mut Dice,
) {
    let (power, stairs) = (parameters.seconds("lasts_s"), parameters.seconds("stairs_s"));
    for node in routers {
        script.at(power + ROUTERS_BOOT.mul_f64(dice.share()), Action::PowerOn { node });
    }
    dice.shuffle(&mut machines);
    let steps = machines.len().saturating_sub(1).max(1) as f64;
    for (number, node) in machines.into_iter().enumerate() {
        let climbed = stairs.mul_f64(number as f64 / steps);
        script.at(power + ROUTERS_BOOT + climbed, Action::PowerOn { node });
    }
}

fn routers(country: &Country) -> Vec<String> {
    let mut all = vec![parts::gateway(country)];
    all.extend(parts::inner_routers(country));
    all
}

fn inner(country: &Country) -> Vec<String> {
    let mut all = parts::inner_routers(country);
    all.extend(parts::machines(country));
    all
}
