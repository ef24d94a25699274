//! Detector for probed hosts: what is believed of the share that can be reached, for the network and
//! for each block.
//!
//! Vantage points outside and inside of the network make two beliefs that never mix: an answer inside
//! does not show that the network can be reached, silence outside does not show that its hosts are
//! down.

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{Control, Place, Probe, ProbeFacts, State, Text, Timestamp, VantagePoints};

use crate::episode::{Episode, Stretch};
use crate::probed::facts;
use crate::seeing::Scope;
use crate::side::Side;
use crate::sight::Spell;
use crate::waiting::{Outcome, Waiting, known_until};

/// See the module.
#[derive(Debug)]
pub(crate) struct Reachability {
    points: VantagePoints,
    waiting: Waiting,
    outside: Side,
    inside: Side,
}

/// A time in which a vantage point could not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlindSpell {
    pub(crate) vantage: Text,
    pub(crate) spell: Spell,
    pub(crate) why: Why,
}

/// Why it could not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// From outside: most far controls failed.
    FarFailed,
    /// From inside: nothing at all answered.
    Unheard,
    /// From inside: most far controls failed. It sees what is inside, and not whether that can be
    /// reached from outside.
    CutOff,
}

impl Why {
    /// As it stands in the blind times.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::FarFailed => "far controls failed",
            Self::Unheard => "nothing answered inside",
            Self::CutOff => "far controls failed inside, and nobody watched from outside",
        }
    }
}

impl Reachability {
    /// Before the first probe; `points` are the vantage points that are known.
    pub(crate) fn new(points: VantagePoints) -> Self {
        Self {
            points,
            waiting: Waiting::default(),
            outside: Side::new(Place::Outside),
            inside: Side::new(Place::Inside),
        }
    }

    /// Takes a probe that was sent `at`.
    pub(crate) fn probe(&mut self, at: Timestamp, probe: &Probe) {
        self.waiting.push(at, Outcome::Probe(probe.clone()));
    }

    /// Takes a probe to a control that was sent `at`.
    pub(crate) fn control(&mut self, at: Timestamp, control: &Control) {
        self.waiting.push(at, Outcome::Control(control.clone()));
    }

    /// Judges all of which nothing more can become known at `now`, and ends rounds that nothing will
    /// end any more.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        while let Some((at, outcome)) = self.waiting.pop(now) {
            self.take(at, &outcome);
        }
        self.outside.advance(known_until(now));
        self.inside.advance(known_until(now));
    }

    /// Ends all rounds: nothing more will come.
    pub(crate) fn finish(&mut self) {
        while let Some((at, outcome)) = self.waiting.pop_any() {
            self.take(at, &outcome);
        }
        self.outside.finish();
        self.inside.finish();
    }

    fn take(&mut self, at: Timestamp, outcome: &Outcome) {
        let Self { points, outside, inside, .. } = self;
        let vantage = match outcome {
            Outcome::Probe(probe) => &probe.vantage,
            Outcome::Control(control) => &control.vantage,
        };
        let side = match points.place(vantage) {
            Place::Outside => outside,
            Place::Inside => inside,
        };
        match outcome {
            Outcome::Probe(probe) => side.probe(at, probe, points),
            Outcome::Control(control) => side.control(at, control, points),
        }
    }

    /// True where anything changed since [`Self::take_changed`].
    pub(crate) fn has_changed(&self) -> bool {
        self.outside.has_changed() || self.inside.has_changed()
    }

    /// The scopes that changed since this was asked last.
    pub(crate) fn take_changed(&mut self) -> BTreeSet<Scope> {
        let mut changed = self.outside.take_changed();
        changed.append(&mut self.inside.take_changed());
        changed
    }

    /// True where any host was ever heard from outside.
    pub(crate) fn has_hosts(&self) -> bool {
        self.outside.has_hosts()
    }

    /// True while any vantage point is sure of neither a loss nor that there is none.
    pub(crate) fn is_unsure(&self) -> bool {
        self.outside.views().chain(self.inside.views()).any(|(_, view)| view.is_unsure())
    }

    /// Scopes that are out, on either side.
    pub(crate) fn open(&self) -> impl Iterator<Item = Scope> {
        self.outside.open().chain(self.inside.open())
    }

    /// True where any vantage point outside could see hosts in `[from, until)`.
    pub(crate) fn looked_in(&self, from: Timestamp, until: Timestamp) -> bool {
        self.outside.looked_in(from, until)
    }

    /// Episodes of a scope up to `now`, seen from one side.
    pub(crate) fn episodes(&self, place: Place, scope: Scope, now: Timestamp) -> Vec<Episode> {
        match place {
            Place::Outside => self.outside.episodes(scope, now),
            Place::Inside => self.inside.episodes(scope, now),
        }
    }

    /// What was believed of a scope from inside in `[from, until)`, as far as it was measured.
    pub(crate) fn inside(&self, scope: Scope, from: Timestamp, until: Timestamp) -> Vec<Stretch> {
        self.inside.measured(scope, from, until)
    }

    /// Times in which vantage points could not see.
    pub(crate) fn blind(&self) -> Vec<BlindSpell> {
        let told = |why: Why| {
            move |(vantage, spells): (&Text, &[Spell])| -> Vec<BlindSpell> {
                let blind =
                    |spell: &Spell| BlindSpell { vantage: vantage.clone(), spell: *spell, why };
                spells.iter().map(blind).collect()
            }
        };
        let outside = self.outside.views().map(|(v, view)| (v, view.sight().blind()));
        let unheard = self.inside.views().map(|(v, view)| (v, view.sight().blind()));
        let cut_off = self.inside.views().map(|(v, view)| (v, view.sight().cut_off()));
        outside
            .flat_map(told(Why::FarFailed))
            .chain(unheard.flat_map(told(Why::Unheard)))
            .chain(cut_off.flat_map(told(Why::CutOff)))
            .collect()
    }

    /// What each vantage point saw of the whole network, of those that saw it out or could not see.
    pub(crate) fn seen_by(&self, from: Timestamp, until: Timestamp) -> BTreeMap<String, State> {
        self.outside
            .views()
            .chain(self.inside.views())
            .filter_map(|(vantage, view)| Some((vantage.to_string(), view.saw(from, until)?)))
            .collect()
    }

    /// What probed hosts did, seen from outside, around the episode of `scope` that overlaps a time.
    pub(crate) fn facts(
        &self,
        scope: Scope,
        from: Timestamp,
        until: Timestamp,
    ) -> Option<ProbeFacts> {
        if !self.has_hosts() || !self.outside.knows(scope) {
            return None;
        }
        let found = self.outside.overlapping(scope, from, until);
        Some(found.map_or_else(
            || ProbeFacts { hosts: self.outside.hosts(scope), ..ProbeFacts::default() },
            |(episode, fallen)| facts(episode, fallen),
        ))
    }
}
