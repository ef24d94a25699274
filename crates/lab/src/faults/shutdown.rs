//! Shutdown: switched off on purpose. Routes are withdrawn one after the other, or stay while packets are
//! thrown away; a remainder may be let through.

use std::net::Ipv4Addr;
use std::time::Duration;

use falter_model::Cause;

use super::script::Script;
use super::{Dice, Fall, Fault, Implementation, Layers, Parameter, Parameters, Plot, parts};
use crate::action::{Action, Dropped};
use crate::country::Country;

/// See the module.
pub(super) const FAULT: Fault = Fault {
    name: "shutdown",
    cause: Some(Cause::Shutdown),
    says: "switched off on purpose",
    implementations: &[
        Implementation {
            name: "withdrawal",
            says: "operators withdraw their prefixes, one after the other",
            parameters: &[
                Parameter::seconds(
                    "over_s",
                    "from the first prefix to the last",
                    (0.0, 8.0),
                    (1.0, 6.0),
                ),
                Parameter::seconds(
                    "lasts_s",
                    "from the first order to the second",
                    (9.0, 24.0),
                    (12.0, 22.0),
                ),
            ],
            worst: Layers::outside(Fall::Complete),
            plot: withdrawal,
        },
        Implementation {
            name: "filter",
            says: "the gateway drops what crosses the border; routes stay, a remainder is let through",
            parameters: &[REMAINDER, LASTS],
            worst: SILENCE,
            plot: filter,
        },
        Implementation {
            name: "null-route",
            says: "the gateway throws away what is for the country's prefixes; routes stay, a remainder is let through",
            parameters: &[REMAINDER, LASTS],
            worst: SILENCE,
            plot: null_route,
        },
        Implementation {
            name: "nightly",
            says: "all prefixes are withdrawn at once and announced again, night after night",
            parameters: &[
                Parameter::whole("nights", "how many", (2.0, 4.0), (2.0, 4.0)),
                Parameter::seconds("night_s", "length of a night", (2.5, 5.0), (3.0, 4.5)),
                Parameter::seconds("day_s", "length of a day", (2.5, 5.0), (3.0, 4.5)),
            ],
            worst: Layers::outside(Fall::Complete),
            plot: nightly,
        },
    ],
};

/// One address of twenty is all that a complete shutdown leaves.
const REMAINDER: Parameter =
    Parameter::whole("remainder", "addresses that stay reachable", (0.0, 1.0), (0.0, 1.0));
const LASTS: Parameter =
    Parameter::seconds("lasts_s", "until it is lifted", (3.0, 34.0), (8.0, 26.0));
const SILENCE: Layers = Layers { routes: Fall::None, ..Layers::outside(Fall::Complete) };

fn withdrawal(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Plot {
    let prefixes = parts::prefixes(country);
    let mut operators: Vec<String> = prefixes.iter().map(|(node, _)| node.clone()).collect();
    operators.dedup();
    dice.shuffle(&mut operators);
    let ordered: Vec<_> = operators
        .iter()
        .flat_map(|operator| prefixes.iter().filter(move |(node, _)| node == operator))
        .collect();
    let (over, lasts) = (parameters.seconds("over_s"), parameters.seconds("lasts_s"));
    let steps = ordered.len().saturating_sub(1).max(1) as f64;
    let mut script = Script::default();
    for (number, (node, prefix)) in ordered.into_iter().enumerate() {
        let at = over.mul_f64(number as f64 / steps);
        script.at(at, Action::Withdraw { node: node.clone(), prefix: *prefix });
        script.at(lasts + at, Action::Announce { node: node.clone(), prefix: *prefix });
    }
    script.concerns("the whole country")
}

fn filter(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Plot {
    let node = parts::gateway(country);
    let drops = Dropped::Border {
        neighbors: parts::transits(country),
        remainder: remainder(country, parameters, dice),
    };
    let mut script = Script::default();
    script.at(Duration::ZERO, Action::Filter { node: node.clone(), drops });
    script.at(parameters.seconds("lasts_s"), Action::Unfilter { node });
    script.concerns("the whole country but the remainder")
}

fn null_route(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Plot {
    let gateway = parts::gateway(country);
    let remainder = remainder(country, parameters, dice);
    let mut script = Script::default();
    for (_, prefix) in parts::prefixes(country) {
        let (node, remainder) = (gateway.clone(), remainder.clone());
        script.at(Duration::ZERO, Action::NullRoute { node, prefix, remainder });
        let lifted = Action::LiftNullRoute { node: gateway.clone(), prefix };
        script.at(parameters.seconds("lasts_s"), lifted);
    }
    script.concerns("the whole country but the remainder")
}

fn nightly(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let (night, day) = (parameters.seconds("night_s"), parameters.seconds("day_s"));
    let mut script = Script::default();
    for number in 0..parameters.whole("nights") {
        let falls = (night + day) * number;
        for (node, prefix) in parts::prefixes(country) {
            script.at(falls, Action::Withdraw { node: node.clone(), prefix });
            script.at(falls + night, Action::Announce { node, prefix });
        }
    }
    script.concerns("the whole country")
}

fn remainder(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Vec<Ipv4Addr> {
    let mut addresses = parts::plain_addresses(country);
    dice.shuffle(&mut addresses);
    addresses.truncate(usize::try_from(parameters.whole("remainder")).unwrap_or(0));
    addresses
}
