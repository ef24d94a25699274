//! What falter found of a run, against what was true.

use std::path::Path;
use std::process::Command;

use falter_lab::truth::{LayerState, NO_CAUSE, Truth};
use falter_model::{Outage, Timestamp};
use serde::Deserialize;

/// The table's head.
pub(crate) const HEAD: &str = "| fault | seed | truly out | found | told after | onset | end | first cause | runs |\n\
                               |---|---|---|---|---|---|---|---|---|";

/// Layers that falter looks at here: probes, routes.
const LOOKED_AT: [&str; 2] = ["hosts", "routes"];

/// See the module.
#[derive(Debug)]
pub(crate) struct Found {
    truth: Truth,
    /// Which of the layers that are looked at were out.
    layers: Vec<String>,
    outage: Option<Outage>,
    told: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Listed {
    outages: Vec<Outage>,
}

impl Found {
    /// Reads the run in a folder.
    pub(crate) fn read(falter: &Path, run: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(run.join("truth.toml")).map_err(|e| e.to_string())?;
        let truth: Truth = toml::from_str(&text).map_err(|e| e.to_string())?;
        let output = Command::new(falter)
            .args(["outages", "--json", "--entity", "network/kp", "--store"])
            .arg(run.join("live/store"))
            .output()
            .map_err(|e| e.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let listed: Listed = serde_json::from_slice(&output.stdout).map_err(|e| e.to_string())?;
        let out = |layer: &&falter_lab::truth::States| {
            LOOKED_AT.contains(&layer.name.as_str())
                && layer
                    .states
                    .iter()
                    .any(|at| at.state == LayerState::Down || at.state == LayerState::Partial)
        };
        let layers = truth.layer.iter().filter(out).map(|layer| layer.name.clone()).collect();
        let events = std::fs::read_to_string(run.join("live/events.txt")).unwrap_or_default();
        let tells = |line: &&str| {
            let word = line.split_whitespace().nth(2);
            word.is_some_and(|word| ["began", "ended"].contains(&word))
        };
        let told = events.lines().find(tells);
        let told = told.and_then(|line| line.split_whitespace().next()?.parse().ok());
        Ok(Self { truth, layers, outage: listed.outages.into_iter().next(), told })
    }

    /// Found where it shall be, and within its brackets.
    pub(crate) fn is_right(&self) -> bool {
        let shall = !self.is_quiet();
        match (&self.outage, shall) {
            (None, shall) => !shall,
            (Some(_), false) => false,
            (Some(_), true) => self.onset_holds() == Some(true),
        }
    }

    /// Nothing was out of what is looked at.
    pub(crate) fn is_quiet(&self) -> bool {
        self.layers.is_empty() || self.truth.cause == NO_CAUSE
    }

    /// Whether the bracket of the onset and the true one have a moment in common.
    fn onset_holds(&self) -> Option<bool> {
        let (outage, truth) = (self.outage.as_ref()?, self.truth.from?);
        let good = outage.from.last_good.unwrap_or(outage.from.first_bad);
        Some(good <= truth.first_bad && outage.from.first_bad >= truth.last_good)
    }

    /// The same for the end.
    fn end_holds(&self) -> Option<bool> {
        let (end, truth) = (self.outage.as_ref()?.until?, self.truth.until?);
        Some(end.last_bad <= truth.first_good && end.first_good >= truth.last_bad)
    }

    /// A line of the table.
    pub(crate) fn row(&self, name: &str, seed: usize, runs: usize) -> String {
        let holds = |holds: Option<bool>| match holds {
            Some(true) => "holds",
            Some(false) => "**misses**",
            None => "",
        };
        let truly =
            if self.layers.is_empty() { "nothing".to_owned() } else { self.layers.join(", ") };
        let found = self.outage.as_ref().map_or("nothing", |outage| outage.state.as_str());
        let after = match (self.told, self.truth.from) {
            (Some(told), Some(from)) => format!("{:.0} s", (told - from.first_bad).as_seconds()),
            _ => String::new(),
        };
        let verdict = self.outage.as_ref().and_then(|outage| outage.verdict.as_ref());
        let cause = verdict.and_then(|verdict| verdict.causes.first());
        let cause = cause.map_or_else(String::new, |cause| {
            format!("{} {}", cause.cause.as_str(), cause.probability)
        });
        let (onset, end) = (holds(self.onset_holds()), holds(self.end_holds()));
        format!(
            "| {name} | {seed} | {truly} | {found} | {after} | {onset} | {end} | {cause} | {runs} |"
        )
    }
}
