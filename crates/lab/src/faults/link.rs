//! Links: the cables over the border are cut, or carry less and less. Where the signal goes, routers know
//! at once; where it stays, they find out when the hold time is over (RFC 4271, section 6.5).

use std::time::Duration;

use falter_model::Cause;

use super::script::Script;
use super::{Dice, Fall, Fault, Implementation, Layers, Parameter, Parameters, Plot, parts};
use crate::action::{Action, Cable};
use crate::country::Country;

/// See the module.
pub(super) const FAULT: Fault = Fault {
    name: "link",
    cause: Some(Cause::Link),
    says: "cables over the border are cut or damaged",
    implementations: &[
        Implementation {
            name: "one-cut",
            says: "the cable to one transit is cut; the other takes over",
            parameters: &[TRANSIT, lasts((3.0, 34.0))],
            worst: Layers::UP,
            plot: |country, parameters, _| one(country, parameters, Action::Sever, Action::Splice),
        },
        Implementation {
            name: "one-silent",
            says: "the cable to one transit carries nothing, without loss of signal: the other takes over one hold time later",
            parameters: &[TRANSIT, lasts((12.0, 34.0))],
            // By which cable the country answers decides who misses what until then. Those who ask again
            // after some seconds have their names and pages.
            worst: Layers { hosts: Fall::Partial, ..DEGRADED },
            plot: |country, parameters, _| one(country, parameters, Action::Hush, Action::Unhush),
        },
        Implementation {
            name: "both-cut",
            says: "the cables to both transits are cut",
            parameters: &[APART, lasts((6.0, 30.0))],
            worst: Layers::outside(Fall::Complete),
            plot: |country, parameters, _| both(country, parameters, Action::Sever, Action::Splice),
        },
        Implementation {
            name: "both-silent",
            says: "the cables to both transits carry nothing, without loss of signal: routes go one hold time later",
            parameters: &[APART, lasts((14.0, 30.0))],
            worst: Layers::outside(Fall::Complete),
            plot: |country, parameters, _| both(country, parameters, Action::Hush, Action::Unhush),
        },
        Implementation {
            name: "lossy",
            says: "both cables lose packets",
            parameters: &[
                Parameter::whole("loss_percent", "of packets each way", (5.0, 60.0), (15.0, 35.0)),
                lasts((4.0, 34.0)),
            ],
            worst: DEGRADED,
            plot: lossy,
        },
        Implementation {
            name: "slow-decay",
            says: "both cables lose more and more packets until they are cut",
            parameters: &[
                Parameter::whole("stairs", "steps of the decay", (2.0, 8.0), (4.0, 7.0)),
                Parameter::seconds("stair_s", "length of a step", (0.5, 2.5), (1.0, 2.0)),
                Parameter::seconds(
                    "lasts_s",
                    "from the cut to the repair",
                    (3.0, 14.0),
                    (5.0, 10.0),
                ),
            ],
            worst: Layers::outside(Fall::Complete),
            plot: slow_decay,
        },
    ],
};

const DEGRADED: Layers =
    Layers { hosts: Fall::Degraded, names: Fall::Degraded, sites: Fall::Degraded, ..Layers::UP };

const TRANSIT: Parameter =
    Parameter::whole("transit", "which transit, from 1", (1.0, 2.0), (1.0, 2.0));
const APART: Parameter =
    Parameter::seconds("apart_s", "between the first and the second", (0.0, 4.0), (0.0, 2.0));

const fn lasts(bounds: (f64, f64)) -> Parameter {
    Parameter::seconds("lasts_s", "until the repair", bounds, (bounds.0 + 4.0, 26.0))
}

/// What is done to a cable.
type Deed = fn(Cable) -> Action;

fn one(country: &Country, parameters: &Parameters, breaks: Deed, mends: Deed) -> Plot {
    let number = usize::try_from(parameters.whole("transit")).unwrap_or(1).saturating_sub(1);
    let Some(cable) = parts::borders(country).into_iter().nth(number) else {
        return Script::default().concerns("no cable");
    };
    let extent = cable.to_string();
    let mut script = Script::default();
    script.at(Duration::ZERO, breaks(cable.clone()));
    script.at(parameters.seconds("lasts_s"), mends(cable));
    script.concerns(extent)
}

fn both(country: &Country, parameters: &Parameters, breaks: Deed, mends: Deed) -> Plot {
    let (apart, lasts) = (parameters.seconds("apart_s"), parameters.seconds("lasts_s"));
    let mut script = Script::default();
    let mut at = Duration::ZERO;
    for cable in parts::borders(country) {
        script.at(at, breaks(cable.clone()));
        // Splicers are not faster than the second cut.
        script.at(lasts.max(apart) + at, mends(cable));
        at += apart;
    }
    script.concerns("both cables over the border")
}

fn lossy(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let per_mille = u16::try_from(parameters.whole("loss_percent") * 10).unwrap_or(1000);
    let mut script = Script::default();
    for cable in parts::borders(country) {
        script.at(Duration::ZERO, Action::Lose { cable: cable.clone(), per_mille });
        script.at(parameters.seconds("lasts_s"), Action::Lose { cable, per_mille: 0 });
    }
    script.concerns("both cables over the border")
}

fn slow_decay(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let (stairs, stair) = (parameters.whole("stairs"), parameters.seconds("stair_s"));
    let mut script = Script::default();
    for number in 1..=stairs {
        // Up to 70 %: more than that ends sessions before the cut does.
        let per_mille = u16::try_from(700 * number / stairs.max(1)).unwrap_or(700);
        for cable in parts::borders(country) {
            script.at(stair * (number - 1), Action::Lose { cable, per_mille });
        }
    }
    let cut = stair * stairs;
    for cable in parts::borders(country) {
        script.at(cut, Action::Sever(cable.clone()));
        let repaired = cut + parameters.seconds("lasts_s");
        script.at(repaired, Action::Lose { cable: cable.clone(), per_mille: 0 });
        script.at(repaired, Action::Splice(cable));
    }
    script.concerns("both cables over the border")
}
