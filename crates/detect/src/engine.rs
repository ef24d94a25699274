//! The way from readings to outages.

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{
    Blind, Entity, Fact, LayerFacts, Observation, Outage, PastOutage, ProbeFacts, Profile, Reading,
    SignalId, Span, Step, Timestamp,
};

use crate::episode::Episode;
use crate::kinds::{self, Layer};
use crate::outages::{self, Draft};
use crate::reachability::{Reachability, Scope};
use crate::track::{Effect, Track};
use crate::{Plan, SignalSeen};

/// Outages that go on are looked at again this often, though nothing was told: a state that has
/// lasted long enough becomes the outage's own.
const LOOKED_AT_EVERY: Span = Span::from_minutes(1);

/// Takes readings and probes in the order of time, gives outages.
///
/// Readings of one series must come in the order of time; those of different series may be
/// interleaved in any way.
#[derive(Debug)]
pub struct Engine {
    plan: Plan,
    now: Timestamp,
    /// Other names of the network, and its own.
    aliases: BTreeMap<Entity, Entity>,
    series: BTreeMap<Entity, BTreeMap<SignalId, Kept>>,
    blind: BTreeSet<Blind>,
    drafts: BTreeMap<Entity, Vec<Draft>>,
    stale: BTreeSet<Entity>,
    looked_at: Timestamp,
    told: BTreeMap<String, Outage>,
    reachability: Reachability,
}

/// What is kept of a series.
#[derive(Debug)]
enum Kept {
    /// It can alarm.
    Track(Box<Track>),
    /// It explains but never alarms, or had no value yet.
    Count { bins: u64, gaps: u64, step: Span, in_gap: bool },
}

impl Engine {
    /// An engine that has seen nothing.
    pub fn new(plan: Plan) -> Self {
        let named = |profile: &Profile| {
            let own = profile.entity();
            profile.aliases.iter().map(|alias| (alias.clone(), own.clone())).collect()
        };
        Self {
            aliases: plan.network.as_ref().map(named).unwrap_or_default(),
            plan,
            now: Timestamp::MIN,
            series: BTreeMap::new(),
            blind: BTreeSet::new(),
            drafts: BTreeMap::new(),
            stale: BTreeSet::new(),
            looked_at: Timestamp::MIN,
            told: BTreeMap::new(),
            reachability: Reachability::default(),
        }
    }

    /// Takes a value of a signal.
    pub fn reading(&mut self, reading: &Reading) {
        self.advance(reading.known_at());
        let probed = self.reachability.has_hosts();
        let spec_of = self.plan.spec_of;
        let new_track = || {
            let spec = spec_of(&reading.signal);
            // Hosts are judged by the probes themselves, not by shares made from them.
            if probed && kinds::is_of_hosts(&reading.signal, spec) {
                return None;
            }
            kinds::track_of(reading, spec)
        };
        let entity = self.aliases.get(&reading.entity).unwrap_or(&reading.entity);
        if !self.series.contains_key(entity) {
            self.series.insert(entity.clone(), BTreeMap::new());
        }
        let Some(signals) = self.series.get_mut(entity) else { return };
        if !signals.contains_key(&reading.signal) {
            signals.insert(reading.signal.clone(), Kept::nothing());
        }
        let kept = signals.get_mut(&reading.signal);
        let effect = kept.map_or(Effect::Nothing, |kept| kept.take(reading, new_track));
        if effect == Effect::Changed {
            let entity = entity.clone();
            self.stale.insert(entity);
        }
    }

    /// Takes a probe, a control or a tick; everything else is passed over.
    pub fn observe(&mut self, observation: &Observation) {
        match &observation.fact {
            Fact::Probe(probe) => self.reachability.probe(observation.at, probe),
            Fact::Control(control) => self.reachability.control(observation.at, control),
            _ => {}
        }
        self.advance(observation.at);
    }

    /// Takes a time in which a vantage point could not see.
    pub fn blind(&mut self, blind: &Blind) {
        self.blind.insert(blind.clone());
    }

    /// The data has come this far in time. Never turns back.
    pub fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.reachability.advance(self.now);
    }

    /// Outages that began, changed or ended since the last call, without a verdict, by onset, then
    /// entity. While there is a top, outages of its parts are held back until it is clear that they
    /// are not parts of an outage of the top.
    pub fn changed(&mut self) -> Vec<Outage> {
        let calm = self.stale.is_empty() && !self.reachability.has_changed();
        if calm && self.now - self.looked_at < LOOKED_AT_EVERY {
            return Vec::new();
        }
        let now = self.now;
        let top = self.top();
        let mut changed = Vec::new();
        for outage in self.outages(now) {
            let is_part = top.as_ref().is_some_and(|top| *top != outage.entity);
            if is_part && now - outage.from.first_bad < outages::HELD_BACK {
                continue;
            }
            if self.told.get(&outage.id.0) != Some(&outage) {
                self.told.insert(outage.id.0.clone(), outage.clone());
                changed.push(outage);
            }
        }
        changed
    }

    /// All outages up to this moment, by onset, then entity.
    pub fn finish(&mut self, until: Timestamp) -> Vec<Outage> {
        self.advance(until);
        self.reachability.finish();
        self.outages(self.now)
    }

    /// What was seen of each series, by entity, then signal.
    pub fn signals_seen(&self) -> Vec<SignalSeen> {
        let seen = |entity: &Entity, signal: &SignalId, kept: &Kept| {
            let (bins, gaps, step) = match kept {
                Kept::Track(track) => (track.bins(), track.gaps(), track.step()),
                Kept::Count { bins, gaps, step, .. } => (*bins, *gaps, *step),
            };
            let (entity, signal) = (entity.clone(), signal.clone());
            SignalSeen { entity, signal, step_s: step.micros() / 1_000_000, bins, gaps }
        };
        self.series
            .iter()
            .flat_map(|(entity, signals)| {
                signals.iter().map(move |(signal, kept)| seen(entity, signal, kept))
            })
            .collect()
    }

    /// Times in which we could not tell: those told, and those found by the probes' controls.
    pub fn blind_times(&self) -> Vec<Blind> {
        let top = self.top();
        let found = self.reachability.blind().iter().filter_map(|spell| {
            Some(Blind {
                entity: top.clone()?,
                vantage: spell.vantage.clone(),
                from: spell.from,
                until: spell.until,
                why: "far controls failed".into(),
            })
        });
        let all: BTreeSet<Blind> = self.blind.iter().cloned().chain(found).collect();
        all.into_iter().collect()
    }

    /// Earlier outages of the same entity, oldest first.
    pub fn past(&mut self, outage: &Outage) -> Vec<PastOutage> {
        self.outages(self.now)
            .into_iter()
            .filter(|other| other.entity == outage.entity)
            .filter(|other| other.from.first_bad < outage.from.first_bad)
            .map(|other| PastOutage { from: other.from, until: other.until })
            .collect()
    }

    /// The width of the bins that the outage's onset rests on; for snapshots, the usual distance
    /// between them.
    pub fn step_of(&self, outage: &Outage) -> Step {
        let draft = self
            .drafts
            .get(&outage.entity)
            .and_then(|drafts| drafts.iter().find(|draft| draft.outage.id == outage.id));
        let onset = draft
            .and_then(|draft| draft.episodes.iter().find(|episode| episode.onset == outage.from));
        onset.and_then(|episode| Step::new(episode.step).ok()).unwrap_or(Step::FIVE_MINUTES)
    }

    /// What probed hosts did around an outage; `None` where nothing was probed.
    pub fn probe_facts(&self, outage: &Outage) -> Option<ProbeFacts> {
        let scope = match &outage.entity {
            Entity::Block(block) => Scope::Block(*block),
            entity if self.top().as_ref() == Some(entity) => Scope::Whole,
            _ => return None,
        };
        let until = outage.until.map_or(self.now, |end| end.first_good);
        let mut facts = self.reachability.facts(scope, outage.from.first_bad, until)?;
        let first = |layer: Layer| {
            let steps = outage.order.iter().filter(|step| step.entity == outage.entity);
            steps
                .filter(|step| kinds::layer_of(&step.signal) == layer)
                .map(|s| s.from.first_bad)
                .min()
        };
        facts.hosts_after_routes =
            first(Layer::Hosts).zip(first(Layer::Routes)).map(|(hosts, routes)| hosts - routes);
        Some(facts)
    }

    /// Which layers fell with the outage, and which were watched and did not.
    pub fn layer_facts(&self, outage: &Outage) -> LayerFacts {
        let until = outage.until.map_or(self.now, |end| end.first_good);
        let mut layers: BTreeMap<Layer, bool> = BTreeMap::new();
        for (entity, signals) in &self.series {
            if !self.is_about(entity, outage) {
                continue;
            }
            for (signal, kept) in signals {
                let Kept::Track(track) = kept else { continue };
                if track.measured_in(outage.from.first_bad, until) {
                    let fell = track.fell_in(outage.from.first_bad, until, self.now);
                    *layers.entry(kinds::layer_of(signal)).or_default() |= fell;
                }
            }
        }
        let hosts_probed = self.top().as_ref() == Some(&outage.entity)
            && self.reachability.looked_in(outage.from.first_bad, until);
        if hosts_probed {
            let fell = outage.order.iter().any(|step| {
                step.entity == outage.entity && kinds::layer_of(&step.signal) == Layer::Hosts
            });
            *layers.entry(Layer::Hosts).or_default() |= fell;
        }
        LayerFacts {
            routes: layers.get(&Layer::Routes).copied(),
            hosts: layers.get(&Layer::Hosts).copied(),
            traffic: layers.get(&Layer::Traffic).copied(),
            names: layers.get(&Layer::Names).copied(),
            sites: layers.get(&Layer::Sites).copied(),
            inside_up: None,
        }
    }

    /// True where a series of `entity` bears witness to an outage: its own, and, of the top's
    /// outages, those of its servers, zones and sites, which have no series of the whole.
    fn is_about(&self, entity: &Entity, outage: &Outage) -> bool {
        *entity == outage.entity
            || outage.entity.is_top()
                && self.top().as_ref() == Some(&outage.entity)
                && matches!(entity, Entity::Server(_) | Entity::Zone(_) | Entity::Site(_))
    }

    /// The network that everything else is a part of: the profile's, or the only network or country
    /// of the input.
    fn top(&self) -> Option<Entity> {
        if let Some(profile) = &self.plan.network {
            return Some(profile.entity());
        }
        let mut tops = self.series.keys().filter(|entity| entity.is_top());
        let top = tops.next()?;
        tops.next().is_none().then(|| top.clone())
    }

    fn outages(&mut self, now: Timestamp) -> Vec<Outage> {
        self.looked_at = now;
        let top = self.top();
        self.redraft(now, top.as_ref());
        let mut outages = outages::tell(&self.drafts, top.as_ref());
        for outage in outages.iter_mut().filter(|outage| Some(&outage.entity) == top.as_ref()) {
            let until = outage.until.map_or(now, |end| end.first_good);
            outage.seen_by = self.reachability.seen_by(outage.from.first_bad, until);
        }
        outages
    }

    /// Joins the episodes anew of all entities that changed or are out.
    fn redraft(&mut self, now: Timestamp, top: Option<&Entity>) {
        let stale = std::mem::take(&mut self.stale);
        self.reachability.take_changed();
        let mut probed = self.probed(now, top);
        for (entity, signals) in &self.series {
            let tracks = || signals.values().filter_map(Kept::track);
            let hosts = probed.remove(entity).unwrap_or_default();
            if hosts.is_empty() && !stale.contains(entity) && !tracks().any(Track::is_out) {
                continue;
            }
            let told = tracks().filter(|track| track.has_episodes()).flat_map(|t| t.episodes(now));
            let episodes = told.chain(hosts).collect();
            self.drafts.insert(entity.clone(), outages::draft(entity, episodes, now));
        }
        for (entity, episodes) in probed {
            let drafts = outages::draft(&entity, episodes, now);
            self.drafts.insert(entity, drafts);
        }
    }

    /// Episodes that the probes tell, by entity.
    fn probed(&self, now: Timestamp, top: Option<&Entity>) -> BTreeMap<Entity, Vec<Episode>> {
        let mut probed: BTreeMap<Entity, Vec<Episode>> = BTreeMap::new();
        for (scope, episode) in self.reachability.episodes(now) {
            let entity = match scope {
                Scope::Whole => top.cloned(),
                Scope::Block(block) => Some(Entity::Block(block)),
            };
            if let Some(entity) = entity {
                probed.entry(entity).or_default().push(episode);
            }
        }
        probed
    }
}

impl Kept {
    const fn nothing() -> Self {
        Self::Count { bins: 0, gaps: 0, step: Span::ZERO, in_gap: false }
    }

    const fn track(&self) -> Option<&Track> {
        match self {
            Self::Track(track) => Some(track),
            Self::Count { .. } => None,
        }
    }

    fn take(&mut self, reading: &Reading, track: impl FnOnce() -> Option<Track>) -> Effect {
        if let Self::Count { bins: 0, .. } = self
            && reading.value.is_some()
            && let Some(track) = track()
        {
            *self = Self::Track(Box::new(track));
        }
        match self {
            Self::Track(track) => track.take(reading),
            Self::Count { bins, gaps, step, in_gap } => {
                if let falter_model::ReadingKind::Bin(width) = reading.kind {
                    *step = width.width();
                }
                match reading.value {
                    Some(_) => *bins += 1,
                    None if !*in_gap => *gaps += 1,
                    None => {}
                }
                *in_gap = reading.value.is_none();
                Effect::Nothing
            }
        }
    }
}
