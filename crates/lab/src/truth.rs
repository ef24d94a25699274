//! What truly happened in a run: what was done when, and the state in which it left each layer. Made from
//! what was done and from what independent tools saw, never from what falter says.

mod layers;
mod units;

use std::collections::BTreeMap;

use falter_model::{Cause, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::country::Country;
use crate::restamp::Calendar;
use crate::story::Story;
use crate::witness::Seen;

pub use layers::{Change, Layer, LayerState, layers};

/// The cause of runs in which nothing of the country fails: faults of the measurement, and nothing at
/// all.
pub const NO_CAUSE: &str = "none";
/// The layers by which the state of the country is told; what is seen from inside stands beside them.
const OF_THE_WORLD: [&str; 4] = ["routes", "hosts", "names", "sites"];

/// The contents of `truth.toml`. All times are of the calendar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// One of the six causes, or [`NO_CAUSE`].
    pub cause: String,
    /// The fault that was played; several that began together have a plus between them.
    pub fault: String,
    /// How.
    pub implementation: String,
    /// What drew everything that was not said.
    pub seed: u64,
    /// What it was done to.
    pub entity: String,
    /// How much of it, in words.
    pub extent: String,
    /// Always: no packet of it ever crossed the Internet.
    pub synthetic: bool,
    /// Seconds of the calendar for a second of the machine.
    pub time_scale: u32,
    /// What was drawn or asked for, in the machine's time, and the hold time of routers on the calendar.
    pub parameters: BTreeMap<String, f64>,
    /// When the first of the layers outside was at most partial; `None` where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<From>,
    /// When the last of them was back; `None` where none was lost, or one was not back at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
    /// What was done.
    pub action: Vec<Done>,
    /// What state that left each layer in.
    pub layer: Vec<States>,
}

/// The beginning, between two observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct From {
    /// The last observation of the state before.
    pub last_good: Timestamp,
    /// The first of the new state.
    pub first_bad: Timestamp,
}

/// The end, between two observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Until {
    /// The last observation of the state before.
    pub last_bad: Timestamp,
    /// The first of the new state.
    pub first_good: Timestamp,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// What, in words.
    pub what: String,
}

/// The states of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct States {
    /// `routes`, `hosts`, `names`, `sites` or `inside`.
    pub name: String,
    /// From when on it was how, in the order of time.
    pub states: Vec<StateAt>,
}

/// A state and when it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateAt {
    /// The last observation of the state before.
    pub after: Timestamp,
    /// The first observation of it.
    pub at: Timestamp,
    /// Which.
    pub state: LayerState,
}

/// What a run was, by the machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct Played<'a> {
    /// What was planned; all of them began together.
    pub stories: &'a [Story],
    /// What drew it.
    pub seed: u64,
    /// What was done, and when it was begun.
    pub actions: &'a [(Timestamp, String)],
    /// What was seen.
    pub seen: &'a Seen,
    /// When the recording began and the first thing was done: what was seen in between is what is usual.
    pub calm: (Timestamp, Timestamp),
}

impl Truth {
    /// What is true of a run.
    pub fn of(country: &Country, played: &Played<'_>, calendar: &Calendar) -> Self {
        let layers = layers(country, played.seen, played.calm);
        let stories = played.stories;
        let mut parameters: BTreeMap<String, f64> = stories
            .iter()
            .flat_map(|story| &story.parameters)
            .map(|(name, value)| ((*name).to_owned(), *value))
            .collect();
        let joined = |words: Vec<&str>, by: &str| words.join(by);
        let hold_time = f64::from(country.hold_time_s);
        parameters.insert("hold_time_s".to_owned(), hold_time);
        parameters
            .insert("hold_time_scaled_s".to_owned(), hold_time * f64::from(calendar.slower()));
        let there = |at: Timestamp| calendar.there(at);
        let outside: Vec<&Layer> =
            layers.iter().filter(|layer| OF_THE_WORLD.contains(&layer.name)).collect();
        Self {
            cause: stories
                .iter()
                .find_map(|story| story.cause)
                .map_or(NO_CAUSE, Cause::as_str)
                .to_owned(),
            fault: joined(stories.iter().map(|story| story.fault).collect(), "+"),
            implementation: joined(stories.iter().map(|story| story.implementation).collect(), "+"),
            seed: played.seed,
            entity: crate::run::ENTITY.to_owned(),
            extent: joined(stories.iter().map(|story| story.extent.as_str()).collect(), "; "),
            synthetic: true,
            time_scale: calendar.slower(),
            parameters,
            from: began(&outside, played.calm.1).map(|change| From {
                last_good: there(change.before),
                first_bad: there(change.at),
            }),
            until: ended(&outside).map(|change| Until {
                last_bad: there(change.before),
                first_good: there(change.at),
            }),
            action: played
                .actions
                .iter()
                .map(|(at, what)| Done { at: there(*at), what: what.clone() })
                .collect(),
            layer: layers
                .iter()
                .map(|layer| States {
                    name: layer.name.to_owned(),
                    states: layer
                        .changes
                        .iter()
                        .map(|change| StateAt {
                            after: there(change.before),
                            at: there(change.at),
                            state: change.state,
                        })
                        .collect(),
                })
                .collect(),
        }
    }

    /// The same as TOML.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }
}

/// What was asked so shortly before something was done may have been on its way when it was: the queue of
/// the border holds 1.2 s.
const ON_ITS_WAY: Span = Span::from_micros(1_500_000);

/// The first change of any layer to a state that is out, since the first thing was done: what a busy
/// machine answered late before is nothing of the country. Nor did anything fall before that was done.
fn began(layers: &[&Layer], first_done: Timestamp) -> Option<Change> {
    let is_meant = |change: &&Change| change.state.is_out() && change.at >= first_done - ON_ITS_WAY;
    let first = |layer: &&Layer| layer.changes.iter().find(is_meant).copied();
    let began = layers.iter().filter_map(first).min_by_key(|change| change.at)?;
    Some(Change { at: began.at.max(first_done), ..began })
}

/// The last change of any layer back; `None` where one is still out.
fn ended(layers: &[&Layer]) -> Option<Change> {
    let mut last: Option<Change> = None;
    for layer in layers {
        let mut out = false;
        for change in &layer.changes {
            if out && !change.state.is_out() && last.is_none_or(|last| change.at > last.at) {
                last = Some(*change);
            }
            out = change.state.is_out();
        }
        if out {
            return None;
        }
    }
    last
}

#[cfg(test)]
mod tests;
