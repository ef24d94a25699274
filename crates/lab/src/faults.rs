//! Every way in which the country can be broken: a file a fault, with all its implementations.
//!
//! A fault's story is drawn from a seed before anything is done: no clock and no other randomness.

mod dice;
mod fault;
mod link;
mod maintenance;
mod measurement;
mod nothing;
mod overload;
mod parameters;
mod parts;
mod power;
mod script;
mod shutdown;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use falter_model::Cause;

use crate::country::Country;
use crate::story::{Step, Story};

pub use dice::Dice;
pub use parameters::{Parameter, Parameters};

/// All faults, in the order in which they are listed.
pub const ALL: &[&Fault] = &[
    &overload::FAULT,
    &power::FAULT,
    &link::FAULT,
    &fault::FAULT,
    &shutdown::FAULT,
    &maintenance::FAULT,
    &measurement::FAULT,
    &nothing::FAULT,
];

/// A mechanism that breaks the country, or seems to.
#[derive(Debug)]
pub struct Fault {
    /// Its name, such as `overload`.
    pub name: &'static str,
    /// The cause it stands for; `None` for faults of the measurement and for nothing at all.
    pub cause: Option<Cause>,
    /// What it is, for people: a clause.
    pub says: &'static str,
    /// The ways in which it comes about.
    pub implementations: &'static [Implementation],
}

/// One way in which a fault comes about.
#[derive(Debug)]
pub struct Implementation {
    /// Its name, such as `link-flood`.
    pub name: &'static str,
    /// What happens, for people: a clause.
    pub says: &'static str,
    /// What can be set, and what is usual.
    pub parameters: &'static [Parameter],
    /// How far each layer falls at its worst.
    pub worst: Layers,
    /// Draws what is done.
    pub plot: fn(&Country, &Parameters, &mut Dice) -> Plot,
}

/// How far each layer of the country falls, as it truly is: what an observer misses by its own fault is
/// not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layers {
    /// Prefixes in the routing of the world.
    pub routes: Fall,
    /// Addresses that answer echo requests from outside.
    pub hosts: Fall,
    /// Zones that are answered for, from outside.
    pub names: Fall,
    /// Sites that give their page, from outside.
    pub sites: Fall,
    /// The intranet, from inside.
    pub inside: Fall,
}

/// How far a layer falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fall {
    /// Not at all.
    None,
    /// Everything is there, later or with losses.
    Degraded,
    /// A part is gone.
    Partial,
    /// All is gone, or all but a remainder of a twentieth.
    Complete,
}

/// What an implementation draws: who is concerned and what is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// How much of the country it concerns, in words.
    pub extent: String,
    /// What is done; in any order.
    pub steps: Vec<Step>,
}

/// How a fault will go. What is not said is drawn from the seed; a story depends on nothing else.
pub fn story(
    country: &Country,
    fault: &str,
    implementation: Option<&str>,
    parameters: &BTreeMap<String, f64>,
    seed: u64,
) -> Result<Story> {
    let fault = find(fault)?;
    let mut dice = Dice::new(seed);
    let implementation = match implementation {
        Some(name) => fault.implementation(name)?,
        None => dice.pick(fault.implementations).context("a fault without implementations")?,
    };
    let parameters = Parameters::draw(implementation.parameters, parameters, &mut dice)?;
    let mut plot = (implementation.plot)(country, &parameters, &mut dice);
    plot.steps.sort_by_key(|step| step.at);
    Ok(Story {
        cause: fault.cause,
        fault: fault.name,
        implementation: implementation.name,
        parameters: parameters.into_values(),
        extent: plot.extent,
        steps: plot.steps,
    })
}

/// The fault of that name.
pub fn find(name: &str) -> Result<&'static Fault> {
    ALL.iter().copied().find(|fault| fault.name == name).with_context(|| {
        let names: Vec<&str> = ALL.iter().map(|fault| fault.name).collect();
        format!("no fault {name:?}; there are {}", names.join(", "))
    })
}

impl Fault {
    /// The implementation of that name.
    pub fn implementation(&self, name: &str) -> Result<&'static Implementation> {
        let Some(found) = self.implementations.iter().find(|own| own.name == name) else {
            let names: Vec<&str> = self.implementations.iter().map(|own| own.name).collect();
            bail!("{} has no implementation {name:?}; there are {}", self.name, names.join(", "))
        };
        Ok(found)
    }
}

impl Layers {
    /// Nothing falls.
    pub const UP: Self = Self::all(Fall::None);

    /// Every layer that the world sees falls so far; the inside does not.
    pub const fn outside(fall: Fall) -> Self {
        Self { inside: Fall::None, ..Self::all(fall) }
    }

    /// Every layer falls so far.
    pub const fn all(fall: Fall) -> Self {
        Self { routes: fall, hosts: fall, names: fall, sites: fall, inside: fall }
    }
}
