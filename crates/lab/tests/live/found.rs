//! What falter found of a run, against what was true.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use falter_lab::faults::{self, Fall, Layers};
use falter_lab::run::usage::{self, Usage};
use falter_lab::truth::{LayerState, NO_CAUSE, StateAt, Truth};
use falter_model::{Outage, SignalId, Span, State, Timestamp};
use serde_json::Value;

/// The table's head.
pub(crate) const HEAD: &str = "| fault | seed | truly out | found | by | told after | onset | end | first cause | runs |\n\
                               |---|---|---|---|---|---|---|---|---|---|";

/// What is promised: routes that a collector sees withdrawn are an outage in the store within 2 s, hosts
/// that all go silent at once within 15 s, at 100 probes a second in all.
const WITHIN_S: [(&str, f64); 4] = [
    ("shutdown:withdrawal", 2.0),
    ("shutdown:nightly", 2.0),
    ("power:all-at-once", 15.0),
    ("link:both-cut", 15.0),
];

/// What is watched.
const NETWORK: &str = "network/kp";

/// Routers stamp what they tell in whole seconds.
const STAMP: Span = Span::from_seconds(1);

/// See the module.
#[derive(Debug)]
pub(crate) struct Found {
    truth: Truth,
    /// Layers that were truly out, as the world sees them.
    layers: BTreeSet<String>,
    outage: Option<Outage>,
    told: Option<Timestamp>,
    /// A replay of what was kept of the observations finds the same outages, to the octet.
    is_same: bool,
    /// What falter took of the machine.
    usage: Option<Usage>,
    /// At its worst it slows things down, or loses some of them.
    degrades: bool,
}

/// A change, between two observations.
type Bracket = (Timestamp, Timestamp);

impl Found {
    /// Reads the run in a folder.
    pub(crate) fn read(falter: &Path, run: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(run.join("truth.toml")).map_err(|e| e.to_string())?;
        let truth: Truth = toml::from_str(&text).map_err(|e| e.to_string())?;
        let live = run.join("live");
        let stored = outages(
            Command::new(falter).args(["outages", "--json", "--store"]).arg(live.join("store")),
        )?;
        let mut replay = Command::new(falter);
        replay.args(["replay", "--json", "--network"]).arg(live.join("network.toml"));
        let replayed = outages(replay.arg(live.join("store/observations/kp")))?;
        // Outages of parts alone are held back for half an hour: a watch that ends sooner has kept none.
        let is_told = |outage: &&Value| {
            let is_kept = stored.iter().any(|kept| kept["id"] == outage["id"]);
            is_kept || outage["entity"] == NETWORK
        };
        let is_same = replayed.iter().filter(is_told).eq(&stored);
        let outage = stored.into_iter().find(|outage| outage["entity"] == NETWORK);
        let outage = outage.map(serde_json::from_value).transpose().map_err(|e| e.to_string())?;
        let layers = truth.layer.iter().filter(|layer| layer.name != "inside");
        let layers = layers.filter(|layer| longest_out(&layer.states) > Span::ZERO);
        let layers = layers.map(|layer| layer.name.clone()).collect();
        let events = std::fs::read_to_string(run.join("live/events.txt")).unwrap_or_default();
        let tells = |line: &&str| {
            let word = line.split_whitespace().nth(2);
            word.is_some_and(|word| ["began", "ended"].contains(&word))
        };
        let told = events.lines().find(tells);
        let told = told.and_then(|line| line.split_whitespace().next()?.parse().ok());
        let worst = faults::ALL
            .iter()
            .filter(|fault| fault.name == truth.fault)
            .flat_map(|fault| fault.implementations)
            .find(|implementation| implementation.name == truth.implementation)
            .map(|implementation| implementation.worst);
        let degrades = worst.is_some_and(|Layers { routes, hosts, names, sites, .. }| {
            [routes, hosts, names, sites].into_iter().max() == Some(Fall::Degraded)
        });
        let usage = std::fs::read_to_string(live.join(usage::FILE)).ok();
        let usage = usage.and_then(|usage| toml::from_str(&usage).ok());
        Ok(Self { truth, layers, outage, told, is_same, usage, degrades })
    }

    /// Found where it shall be, in time, and within its brackets.
    pub(crate) fn is_right(&self) -> bool {
        if !self.is_same {
            return false;
        }
        if self.is_quiet() {
            let is_degraded = |outage: &Outage| outage.state == State::Degraded;
            return self.outage.as_ref().is_none_or(|o| self.degrades && is_degraded(o));
        }
        if self.outage.is_none() && !self.lasts() {
            return true;
        }
        self.onset_holds() == Some(true)
            && self.end_holds() != Some(false)
            && self.is_in_time() != Some(false)
    }

    /// Some layer was out for as long as it takes to tell that.
    fn lasts(&self) -> bool {
        let layers = self.truth.layer.iter().filter(|layer| self.layers.contains(&layer.name));
        layers.into_iter().any(|layer| longest_out(&layer.states) >= told_from(&layer.name))
    }

    /// Nothing was out, or nothing but what is no outage: what is slow or lossy at its worst, or single
    /// hosts.
    pub(crate) fn is_quiet(&self) -> bool {
        self.layers.is_empty() || self.truth.cause == NO_CAUSE || self.degrades
    }

    /// What falter took of the machine while it watched.
    pub(crate) const fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// Layers that are out as falter says.
    fn found_by(&self) -> BTreeSet<&'static str> {
        let order = self.outage.iter().flat_map(|outage| &outage.order);
        let own = order.filter(|event| event.entity.is_top());
        let lost = own.filter(|event| event.lost_share.is_some());
        lost.filter_map(|event| layer_of(&event.signal)).collect()
    }

    /// States of the layers that were truly out and that falter found, too; of all that were out,
    /// where it found none of them.
    fn states(&self) -> impl Iterator<Item = &[StateAt]> {
        let found = self.found_by();
        let is_both = move |name: &str| self.layers.contains(name) && found.contains(name);
        let any = self.layers.iter().any(|name| is_both(name));
        let layers = self.truth.layer.iter();
        let layers = layers.filter(move |layer| {
            if any { is_both(&layer.name) } else { self.layers.contains(&layer.name) }
        });
        layers.map(|layer| layer.states.as_slice())
    }

    /// From the last moment at which nothing of them was gone to the first at which one of them was as far
    /// gone as it went; nothing fell before something was done.
    fn true_onset(&self) -> Option<Bracket> {
        let done = self.truth.action.first()?.at;
        let falls = self.states().filter_map(|states| {
            let first = states.iter().find(|at| is_out(at))?;
            let worst = states.iter().map(|at| at.state).max()?;
            Some((first.after, states.iter().find(|at| at.state == worst)?.at.max(done)))
        });
        falls.reduce(|one, other| (one.0.min(other.0), one.1.min(other.1)))
    }

    /// From the last moment at which all of them that fell were as far gone as they went to the first at which
    /// all of the country was back, single machines and other layers too; `None` where one of them is not.
    fn true_end(&self) -> Option<Bracket> {
        let mut end: Option<Bracket> = None;
        for states in self.states() {
            let back = states.get(states.iter().rposition(is_out)? + 1)?;
            let worst = states.iter().map(|at| at.state).max()?;
            let rises = states.get(states.iter().rposition(|at| at.state == worst)? + 1)?;
            end = end.max(Some((rises.after, back.at)));
        }
        let whole = self.truth.until.map(|until| until.first_good);
        end.map(|(rises, back)| (rises, back.max(whole.unwrap_or(back))))
    }

    /// Whether the bracket of the onset and the true one have a moment in common.
    fn onset_holds(&self) -> Option<bool> {
        let (from, truth) = (self.outage.as_ref()?.from, self.true_onset()?);
        let good = from.last_good.unwrap_or(from.first_bad);
        Some(meet((good, from.first_bad), truth))
    }

    /// The same for the end, where there was one.
    fn end_holds(&self) -> Option<bool> {
        let (outage, truth) = (self.outage.as_ref()?, self.true_end()?);
        Some(outage.until.is_some_and(|end| meet((end.last_bad, end.first_good), truth)))
    }

    /// How long after the first true sign of it it was told, and stored.
    fn told_after(&self) -> Option<Span> {
        let first =
            self.states().filter_map(|states| Some(states.iter().find(|at| is_out(at))?.at));
        Some(self.told? - first.min()?.max(self.truth.action.first()?.at))
    }

    /// Whether it was told as soon as is promised.
    fn is_in_time(&self) -> Option<bool> {
        let name = format!("{}:{}", self.truth.fault, self.truth.implementation);
        let (_, within) = WITHIN_S.iter().find(|(fault, _)| *fault == name)?;
        Some(self.told_after()?.as_seconds() <= *within)
    }

    /// A line of the table.
    pub(crate) fn row(&self, name: &str, seed: usize, runs: usize) -> String {
        let holds = |holds: Option<bool>| match holds {
            Some(true) => "holds",
            Some(false) => "**misses**",
            None => "",
        };
        let layers: Vec<&str> = self.layers.iter().map(String::as_str).collect();
        let truly = if layers.is_empty() { "nothing".to_owned() } else { layers.join(", ") };
        let nothing =
            if self.is_quiet() || self.lasts() { "nothing" } else { "nothing: too short" };
        let found = self.outage.as_ref().map_or(nothing, |outage| outage.state.as_str());
        let by = self.found_by().into_iter().collect::<Vec<_>>().join(", ");
        let replayed = if self.is_same { "" } else { ", **another when replayed**" };
        let late = if self.is_in_time() == Some(false) { " **late**" } else { "" };
        let after = self.told_after();
        let after = after.map_or_else(String::new, |s| format!("{:.1} s{late}", s.as_seconds()));
        let verdict = self.outage.as_ref().and_then(|outage| outage.verdict.as_ref());
        let cause = verdict.and_then(|verdict| verdict.causes.first());
        let cause = cause.map_or_else(String::new, |cause| {
            format!("{} {}", cause.cause.as_str(), cause.probability)
        });
        let (onset, end) = (holds(self.onset_holds()), holds(self.end_holds()));
        format!(
            "| {name} | {seed} | {truly} | {found}{replayed} | {by} | {after} | {onset} | {end} | {cause} | {runs} |"
        )
    }
}

/// How long a layer was out at a time, at most.
fn longest_out(states: &[StateAt]) -> Span {
    let mut longest = Span::ZERO;
    for out in states.chunk_by(|one, next| is_out(one) && is_out(next)) {
        let Some(first) = out.first().filter(|first| is_out(first)) else { continue };
        let back = states.iter().find(|at| at.at > first.at && !is_out(at));
        longest = longest.max(back.map_or(Span::from_hours(1), |back| back.at - first.at));
    }
    longest
}

/// What is out for less than this is not told of a layer: changes of routes are told by the second, silence of
/// hosts after 12 s (docs/method.md, "Probing"), names by the minute and sites by five.
fn told_from(layer: &str) -> Span {
    Span::from_seconds(match layer {
        "routes" => 1,
        "hosts" => 12,
        "names" => 60,
        _ => 300,
    })
}

fn is_out(at: &StateAt) -> bool {
    at.state == LayerState::Down || at.state == LayerState::Partial
}

/// The outages that a command prints, without what only one of the documents tells.
pub(crate) fn outages(command: &mut Command) -> Result<Vec<Value>, String> {
    let output = command.output().map_err(|e| e.to_string())?;
    let mut document: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let mut outages: Vec<Value> =
        serde_json::from_value(document["outages"].take()).map_err(|e| e.to_string())?;
    for outage in outages.iter_mut().filter_map(Value::as_object_mut) {
        outage.remove("synthetic");
    }
    Ok(outages)
}

/// The layer of which a signal tells.
fn layer_of(signal: &SignalId) -> Option<&'static str> {
    let (source, _) = signal.as_str().split_once('.')?;
    Some(match source {
        "bgp" => "routes",
        "ping" | "tcp" => "hosts",
        "dns" => "names",
        "web" => "sites",
        _ => return None,
    })
}

/// Whether two brackets have a moment in common. What is stamped in whole seconds was up to one later.
fn meet(told: Bracket, truth: Bracket) -> bool {
    let latest = |at: Timestamp| {
        let is_whole = (at - Timestamp::EPOCH).micros() % STAMP.micros() == 0;
        if is_whole { at + STAMP } else { at }
    };
    told.0 <= truth.1 && latest(told.1) >= truth.0
}
