//! Nothing at all, in the ways in which nothing looks like something.

use std::time::Duration;

use super::script::Script;
use super::{Dice, Fall, Fault, Implementation, Layers, Parameter, Parameters, Plot, parts};
use crate::action::{Action, Signal};
use crate::country::{Country, Role};

/// See the module.
pub(super) const FAULT: Fault = Fault {
    name: "nothing",
    cause: None,
    says: "no fault at all",
    implementations: &[
        Implementation {
            name: "calm",
            says: "nothing happens",
            parameters: &[],
            worst: Layers::UP,
            plot: |_, _, _| Script::default().concerns("nothing"),
        },
        Implementation {
            name: "bursts-of-loss",
            says: "both cables over the border lose a few packets now and then",
            parameters: &[
                Parameter::whole("bursts", "how many", (1.0, 6.0), (3.0, 6.0)),
                Parameter::whole("loss_percent", "of packets in a burst", (1.0, 5.0), (1.0, 5.0)),
                Parameter::seconds("burst_s", "length of a burst", (0.5, 3.0), (1.0, 3.0)),
                Parameter::seconds("between_s", "two bursts", (0.5, 3.0), (1.0, 3.0)),
            ],
            worst: Layers::UP,
            plot: bursts_of_loss,
        },
        Implementation {
            name: "hosts-rebooting",
            says: "hosts and servers boot anew, one at a time, as they do after updates",
            parameters: &[
                Parameter::whole("machines", "how many", (1.0, 6.0), (2.0, 5.0)),
                Parameter::seconds("boot_s", "until it answers again", (0.5, 3.0), (1.0, 2.5)),
                Parameter::seconds("between_s", "two of them", (0.5, 2.5), (1.0, 2.5)),
            ],
            worst: SOME_HOSTS,
            plot: hosts_rebooting,
        },
        Implementation {
            name: "churn-elsewhere",
            says: "ASes of the world change attributes of their own routes again and again",
            parameters: &[
                Parameter::whole("changes", "how many", (2.0, 60.0), (10.0, 40.0)),
                Parameter::seconds(
                    "over_s",
                    "from the first to the last",
                    (2.0, 30.0),
                    (10.0, 25.0),
                ),
            ],
            worst: Layers::UP,
            plot: churn_elsewhere,
        },
        Implementation {
            name: "diurnal-host",
            says: "a host is switched off at night",
            parameters: &[
                Parameter::whole("nights", "how many", (1.0, 4.0), (2.0, 4.0)),
                Parameter::seconds("night_s", "length of a night", (1.0, 4.0), (2.0, 4.0)),
                Parameter::seconds("day_s", "length of a day", (1.0, 4.0), (2.0, 4.0)),
            ],
            worst: Layers { hosts: Fall::Partial, ..Layers::UP },
            plot: diurnal_host,
        },
    ],
};

/// One machine at a time is gone, with what it serves.
const SOME_HOSTS: Layers =
    Layers { hosts: Fall::Partial, names: Fall::None, sites: Fall::None, ..Layers::UP };

fn bursts_of_loss(country: &Country, parameters: &Parameters, _: &mut Dice) -> Plot {
    let per_mille = u16::try_from(parameters.whole("loss_percent") * 10).unwrap_or(50);
    let (burst, between) = (parameters.seconds("burst_s"), parameters.seconds("between_s"));
    let mut script = Script::default();
    for number in 0..parameters.whole("bursts") {
        let from = (burst + between) * number;
        for cable in parts::borders(country) {
            script.at(from, Action::Lose { cable: cable.clone(), per_mille });
            script.at(from + burst, Action::Lose { cable, per_mille: 0 });
        }
    }
    script.concerns("a few packets")
}

fn hosts_rebooting(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Plot {
    let (boot, between) = (parameters.seconds("boot_s"), parameters.seconds("between_s"));
    let hosts = parts::plain_hosts(country);
    let mut script = Script::default();
    for number in 0..parameters.whole("machines") {
        let Some(node) = dice.pick(&hosts) else { break };
        let from = (boot + between) * number;
        script.at(from, Action::PowerOff { node: node.clone(), signal: Signal::Kept });
        script.at(from + boot, Action::PowerOn { node: node.clone() });
    }
    script.concerns("one machine at a time")
}

fn churn_elsewhere(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Plot {
    let over = parameters.seconds("over_s");
    let changes = parameters.whole("changes");
    let mut world: Vec<(String, bool)> = parts::names(country, |role| *role == Role::World)
        .into_iter()
        .map(|node| (node, false))
        .collect();
    let mut script = Script::default();
    for number in 0..changes {
        let place = dice.below(world.len());
        let Some((node, noisy)) = world.get_mut(place) else { break };
        *noisy = !*noisy;
        let at = over.mul_f64(f64::from(number) / f64::from(changes));
        script.at(at, Action::Churn { node: node.clone(), changed: *noisy });
    }
    for (node, _) in world.into_iter().filter(|(_, noisy)| *noisy) {
        script.at(over, Action::Churn { node, changed: false });
    }
    script.concerns("routes of other networks")
}

fn diurnal_host(country: &Country, parameters: &Parameters, dice: &mut Dice) -> Plot {
    let Some(node) = dice.pick(&parts::plain_hosts(country)).cloned() else {
        return Script::default().concerns("no host");
    };
    let (night, day) = (parameters.seconds("night_s"), parameters.seconds("day_s"));
    let mut script = Script::default();
    for number in 0..parameters.whole("nights") {
        let falls: Duration = (night + day) * number;
        script.at(falls, Action::PowerOff { node: node.clone(), signal: Signal::Kept });
        script.at(falls + night, Action::PowerOn { node: node.clone() });
    }
    script.concerns(format!("{node} only"))
}
