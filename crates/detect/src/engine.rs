//! The way from readings to outages.

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{
    Alert, Blind, Entity, Fact, LayerFacts, Observation, Outage, PastOutage, Place, ProbeFacts,
    Profile, Reading, SignalId, Span, State, Step, Timestamp,
};

use crate::episode::Episode;
use crate::halves;
use crate::inside::{Inside, is_inside, telling};
use crate::kept::Kept;
use crate::kinds::{self, Layer};
use crate::ledger::Ledger;
use crate::lost::lost_share;
use crate::order::delay;
use crate::reachability::{BlindSpell, Reachability, Why};
use crate::seeing::Scope;
use crate::shelf::{self, Shelf};
use crate::states::up_inside;
use crate::track::Effect;
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
    series: Shelf<Kept>,
    /// Networks and countries that have series: looked for each time that outages are.
    tops: BTreeSet<Entity>,
    blind: BTreeSet<Blind>,
    ledger: Ledger,
    /// Entities whose episodes changed since they were joined.
    stale: BTreeSet<Entity>,
    /// Entities with an open alert.
    out: BTreeSet<Entity>,
    looked_at: Timestamp,
    reachability: Reachability,
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
            reachability: Reachability::new(plan.vantage_points.clone()),
            plan,
            now: Timestamp::MIN,
            series: Shelf::default(),
            tops: BTreeSet::new(),
            blind: BTreeSet::new(),
            ledger: Ledger::default(),
            stale: BTreeSet::new(),
            out: BTreeSet::new(),
            looked_at: Timestamp::MIN,
        }
    }

    /// Takes a value of a signal.
    pub fn reading(&mut self, reading: &Reading) {
        self.advance(reading.known_at());
        let probed = self.reachability.has_hosts();
        let place = self.place_of(reading);
        let kept = self.series.get_mut(place);
        let effect = kept.map_or(Effect::Nothing, |kept| kept.take(reading, &self.plan, probed));
        if effect == Effect::Changed {
            self.changed_at(place);
        }
    }

    /// Takes values of signals, as [`Self::reading`] takes each. Many are shared out over two cores.
    pub fn readings(&mut self, readings: &[Reading]) {
        if readings.len() < halves::WORTH_IT || self.reachability.has_hosts() {
            for reading in readings {
                self.reading(reading);
            }
            return;
        }
        let placed: Vec<(shelf::Place, &Reading)> = readings
            .iter()
            .map(|reading| {
                self.advance(reading.known_at());
                (self.place_of(reading), reading)
            })
            .collect();
        for place in halves::take(&mut self.series, &placed, &self.plan) {
            self.changed_at(place);
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
        let top = self.top();
        let redrafted = self.redraft(top.as_ref());
        let mut news = self.ledger.news(redrafted, top.as_ref(), self.now);
        self.add_views(&mut news, top.as_ref());
        news
    }

    /// True while the probes leave open whether hosts are out: probing quickly would tell.
    pub fn is_unsure(&self) -> bool {
        self.reachability.is_unsure()
    }

    /// All outages up to this moment, by onset, then entity.
    pub fn finish(&mut self, until: Timestamp) -> Vec<Outage> {
        self.advance(until);
        self.reachability.finish();
        let top = self.top();
        self.redraft(top.as_ref());
        let mut outages = self.ledger.all(top.as_ref());
        self.add_views(&mut outages, top.as_ref());
        outages
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
        self.series.all().map(|(entity, signal, kept)| seen(entity, signal, kept)).collect()
    }

    /// Times in which we could not tell: those told, and those found by the probes' controls.
    pub fn blind_times(&self) -> Vec<Blind> {
        let top = self.top();
        let matters = |blind: &BlindSpell| {
            // Who watches from outside knows better than a far control asked from inside.
            let (from, until) = (blind.spell.from, blind.spell.until);
            let outside = || top.as_ref().is_some_and(|top| self.watches_outside(top, from, until));
            blind.why != Why::CutOff || !outside()
        };
        let found = self.reachability.blind().into_iter().filter(matters).filter_map(|blind| {
            Some(Blind {
                entity: top.clone()?,
                vantage: blind.vantage,
                from: blind.spell.from,
                until: blind.spell.until,
                why: blind.why.as_str().into(),
            })
        });
        let all: BTreeSet<Blind> = self.blind.iter().cloned().chain(found).collect();
        all.into_iter().collect()
    }

    /// The alerts that an outage was joined from, by onset, each with the rule that raised it.
    pub fn alerts(&self, outage: &Outage) -> Vec<Alert> {
        let draft = self.ledger.find(outage);
        let episodes = draft.map_or(&[][..], |draft| draft.episodes.as_slice());
        let mut alerts: Vec<Alert> =
            episodes.iter().map(|episode| alert_of(&outage.entity, episode)).collect();
        alerts.sort_by(|a, b| (a.from.first_bad, &a.signal).cmp(&(b.from.first_bad, &b.signal)));
        alerts
    }

    /// Earlier outages of the same entity, oldest first.
    pub fn past(&self, outage: &Outage) -> Vec<PastOutage> {
        self.ledger
            .past(&outage.entity, outage.from.first_bad)
            .map(|draft| PastOutage { from: draft.outage.from, until: draft.outage.until })
            .collect()
    }

    /// The width of the bins that the outage's onset rests on; for snapshots, the usual distance
    /// between them.
    pub fn step_of(&self, outage: &Outage) -> Step {
        let draft = self.ledger.find(outage);
        let onset = draft
            .and_then(|draft| draft.episodes.iter().find(|episode| episode.onset == outage.from));
        onset.and_then(|episode| Step::new(episode.step).ok()).unwrap_or(Step::FIVE_MINUTES)
    }

    /// What probed hosts did around an outage; `None` where nothing was probed.
    pub fn probe_facts(&self, outage: &Outage) -> Option<ProbeFacts> {
        let scope = scope_of(&outage.entity, self.top().as_ref())?;
        let until = outage.until.map_or(self.now, |end| end.first_good);
        let mut facts = self.reachability.facts(scope, outage.from.first_bad, until)?;
        let episodes = self.ledger.find(outage).map_or(&[][..], |draft| draft.episodes.as_slice());
        facts.hosts_after_routes = delay(Layer::Routes, Layer::Hosts, episodes);
        Some(facts)
    }

    /// Which layers fell with the outage, and which were watched and did not.
    pub fn layer_facts(&self, outage: &Outage) -> LayerFacts {
        let from = outage.from.first_bad;
        let until = outage.until.map_or(self.now, |end| end.first_good);
        let mut layers: BTreeMap<Layer, bool> = BTreeMap::new();
        let watched =
            |kept: &Kept| kept.track().is_some_and(|track| track.measured_in(from, until));
        let own = self.series.of(&outage.entity);
        for (entity, signal, _) in
            own.chain(self.of_the_whole(outage)).filter(|(_, _, kept)| watched(kept))
        {
            *layers.entry(kinds::layer_of(signal)).or_default() |=
                *entity != outage.entity && self.ledger.overlaps(entity, from, until);
        }
        if self.top().as_ref() == Some(&outage.entity) && self.reachability.looked_in(from, until) {
            layers.entry(Layer::Hosts).or_default();
        }
        let own = self.ledger.find(outage).map_or(&[][..], |draft| draft.episodes.as_slice());
        for episode in own.iter().filter(|episode| !episode.is_degradation()) {
            layers.insert(kinds::layer_of(&episode.signal), true);
        }
        LayerFacts {
            routes: layers.get(&Layer::Routes).copied(),
            hosts: layers.get(&Layer::Hosts).copied(),
            traffic: layers.get(&Layer::Traffic).copied(),
            names: layers.get(&Layer::Names).copied(),
            sites: layers.get(&Layer::Sites).copied(),
            inside_up: self.up_inside(outage),
        }
    }

    /// Whether it was up inside while it was out from outside.
    fn up_inside(&self, outage: &Outage) -> Option<bool> {
        let told_by = telling(self.ledger.find(outage)?.episodes.as_slice());
        let scope = scope_of(&outage.entity, self.top().as_ref())?;
        let belief = Some((&self.reachability, scope));
        let inside = Inside { belief, ..Inside::default() };
        up_inside(told_by, &inside.measured(told_by, self.now))
    }

    /// True where probes or series told of an entity as it is seen from outside.
    fn watches_outside(&self, entity: &Entity, from: Timestamp, until: Timestamp) -> bool {
        let has_scope = scope_of(entity, self.top().as_ref()).is_some();
        let mut series = self.series.of(entity);
        has_scope && self.reachability.looked_in(from, until)
            || series.any(|(_, signal, kept)| {
                kinds::layer_of(signal) != Layer::Inside
                    && kept.track().is_some_and(|track| track.measured_in(from, until))
            })
    }

    /// Of the top's outages: series of servers, zones and sites bear witness too, since the whole has
    /// none of these.
    fn of_the_whole(&self, outage: &Outage) -> impl Iterator<Item = (&Entity, &SignalId, &Kept)> {
        let is_whole = outage.entity.is_top() && self.top().as_ref() == Some(&outage.entity);
        let bears_witness = |entity: &Entity| {
            matches!(entity, Entity::Server(_) | Entity::Zone(_) | Entity::Site(_))
        };
        is_whole
            .then(|| self.series.all())
            .into_iter()
            .flatten()
            .filter(move |(entity, ..)| bears_witness(entity))
    }

    /// Where the series of a reading stands, which is put up now if it is new.
    fn place_of(&mut self, reading: &Reading) -> shelf::Place {
        if let Some(place) = reading.number.and_then(|number| self.series.numbered(number)) {
            return place;
        }
        let entity = self.aliases.get(&reading.entity).unwrap_or(&reading.entity);
        let known = self.series.find(entity, &reading.signal);
        let place = known.unwrap_or_else(|| {
            if entity.is_top() {
                self.tops.insert(entity.clone());
            }
            self.series.add(entity.clone(), reading.signal.clone(), Kept::nothing())
        });
        if let Some(number) = reading.number {
            self.series.number(number, place);
        }
        place
    }

    /// Episodes of a series changed: its entity's are to be joined anew.
    fn changed_at(&mut self, place: shelf::Place) {
        self.stale.extend(self.series.entity_at(place).cloned());
    }

    /// The network that everything else is a part of: the profile's, or the only network or country
    /// of the input.
    fn top(&self) -> Option<Entity> {
        if let Some(profile) = &self.plan.network {
            return Some(profile.entity());
        }
        let mut tops = self.tops.iter();
        let top = tops.next()?;
        tops.next().is_none().then(|| top.clone())
    }

    /// Joins anew the episodes of all entities that changed or are out, and tells which.
    fn redraft(&mut self, top: Option<&Entity>) -> BTreeSet<Entity> {
        self.looked_at = self.now;
        let mut entities = std::mem::take(&mut self.stale);
        entities.append(&mut self.out);
        let mut scopes = self.reachability.take_changed();
        scopes.extend(self.reachability.open());
        entities.extend(scopes.into_iter().filter_map(|scope| entity_of(scope, top)));
        for entity in &entities {
            self.redraft_one(entity, top);
        }
        entities
    }

    fn redraft_one(&mut self, entity: &Entity, top: Option<&Entity>) {
        let now = self.now;
        let scope = scope_of(entity, top);
        let probed = |place: Place| {
            scope.map(|scope| self.reachability.episodes(place, scope, now)).unwrap_or_default()
        };
        let mut episodes = probed(Place::Outside);
        let mut of_inside = probed(Place::Inside);
        for track in self.series.of(entity).filter_map(|(_, _, kept)| kept.track()) {
            let (inside, outside): (Vec<_>, _) = track.episodes(now).partition(is_inside);
            episodes.extend(outside);
            of_inside.extend(inside);
            if track.is_out() {
                self.out.insert(entity.clone());
            }
        }
        // One place inside proves no complete outage.
        for episode in &mut of_inside {
            episode.at_most = State::Partial;
        }
        let (beside, alone) = of_inside.into_iter().partition(|episode| {
            self.watches_outside(entity, episode.onset.first_bad, episode.until(now))
        });
        episodes.extend::<Vec<_>>(alone);
        let belief = scope.map(|scope| (&self.reachability, scope));
        let inside = Inside { beside, belief };
        if let Some(sealed) = self.ledger.redraft(entity, episodes, inside, now) {
            for place in self.series.places_of(entity) {
                let kept = self.series.get_mut(place);
                if let Some(track) = kept.and_then(Kept::track_mut) {
                    track.forget(sealed);
                }
            }
        }
    }

    /// What each vantage point saw of outages of the top.
    fn add_views(&self, outages: &mut [Outage], top: Option<&Entity>) {
        for outage in outages.iter_mut().filter(|outage| Some(&outage.entity) == top) {
            let until = outage.until.map_or(self.now, |end| end.first_good);
            outage.seen_by = self.reachability.seen_by(outage.from.first_bad, until);
        }
    }
}

fn alert_of(entity: &Entity, episode: &Episode) -> Alert {
    let peak = episode.course.iter().filter_map(|stretch| stretch.lost).fold(0.0, f64::max);
    Alert {
        entity: entity.clone(),
        signal: episode.signal.clone(),
        from: episode.onset,
        until: episode.end,
        lost: lost_share(std::slice::from_ref(episode)),
        peak,
        rule: episode.rule,
        told_at: episode.told_at,
    }
}

/// The entity that a belief of the probes is about.
fn entity_of(scope: Scope, top: Option<&Entity>) -> Option<Entity> {
    match scope {
        Scope::Whole => top.cloned(),
        Scope::Block(block) => Some(Entity::Block(block)),
    }
}

/// The belief of the probes that is about an entity.
fn scope_of(entity: &Entity, top: Option<&Entity>) -> Option<Scope> {
    match entity {
        Entity::Block(block) => Some(Scope::Block(*block)),
        _ => (Some(entity) == top).then_some(Scope::Whole),
    }
}
