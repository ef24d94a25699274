//! Detector for probed hosts: what is believed of the share that can be reached, for the network and
//! for each block, from each vantage point and from all together.
//!
//! No vantage point accuses a network of its own faults: a round in which most far controls failed
//! is not measured. Of several vantage points, what only a minority sees is theirs. One protocol
//! from one vantage point proves no complete outage (docs/method.md, "Reachability").

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use falter_model::{
    Basis, Control, Method, Onset, Prefix, Probe, ProbeFacts, Span, State, Text, Timestamp,
};

use crate::belief::{Answer, Belief};
use crate::episode::Episode;
use crate::probed::{Fallen, Lead, Recent, facts};
use crate::rounds::Round;
use crate::targets::{Target, regroup};
use crate::track::COMPLETE;

/// An outage is believed from here on, and its end below one minus this (Trinocular's belief of
/// 0.9 and 0.1, Trinocular, docs/method.md).
const SURE: f64 = 0.9;
/// Under this probability of an outage there is nothing to suspect: what fell silent since may belong
/// to an outage that is told later.
const UNSUSPICIOUS: f64 = 0.001;
/// From this probability of an outage on, silence teaches nothing: it may belong to one.
const LIKELY: f64 = 0.1;
/// The smallest lost share that makes an outage (docs/method.md, "States").
const SMALLEST_LOSS: f64 = 0.05;
/// Of three machines and more it takes more than one: a machine that is switched off is no outage of
/// the network.
const MORE_THAN_ONE: f64 = 1.5;
/// Until a day was seen nobody knows who sleeps at night: half must be lost.
const UNSEASONED_LOSS: f64 = 0.5;
/// See [`UNSEASONED_LOSS`].
const SEASONED_AFTER: Span = Span::from_days(1);
/// Loss on the way where no far control tells it ([Trinocular], docs/method.md).
const USUAL_LOSS: f64 = 0.01;
/// Rounds after which it is asked again which addresses are one machine.
const MACHINES_EVERY: u32 = 16;
/// A control that was silent for this long is dead and bears no witness.
const CONTROL_DIES_AFTER: Span = Span::from_days(1);

/// What a belief is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// All targets.
    Whole,
    /// Those of a /24 or /48.
    Block(Prefix),
}

/// A time in which a vantage point could not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlindSpell {
    pub(crate) vantage: Text,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Reachability {
    views: BTreeMap<Text, View>,
    scopes: BTreeMap<Scope, Standing>,
    /// Kinds of methods that were ever answered.
    answered: BTreeSet<u8>,
    blind: Vec<BlindSpell>,
    changed: BTreeSet<Scope>,
}

/// One vantage point's view.
#[derive(Debug, Default)]
struct View {
    round: Round,
    targets: BTreeMap<IpAddr, Target>,
    machines: BTreeMap<IpAddr, IpAddr>,
    rounds: u32,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    blind_since: Option<Timestamp>,
    controls_heard: BTreeMap<IpAddr, Timestamp>,
    beliefs: BTreeMap<Scope, Seeing>,
    recent: Recent,
}

/// What one vantage point believes of one scope.
#[derive(Debug)]
struct Seeing {
    belief: Belief,
    /// Probability of a loss that would be told.
    sure: f64,
    /// Whether it believes in an outage.
    out: bool,
    /// Start of the last round in which it was sure of none.
    good_at: Timestamp,
    /// Start of the last round in which it was sure of one.
    bad_at: Timestamp,
    lost: f64,
    hosts: usize,
}

/// What is told of one scope.
#[derive(Debug, Default)]
struct Standing {
    open: Option<(Episode, Fallen)>,
    closed: Vec<(Episode, Fallen)>,
    last: Option<(Timestamp, Option<f64>)>,
}

impl Reachability {
    /// Takes a probe of `vantage`.
    pub(crate) fn probe(&mut self, at: Timestamp, probe: &Probe) {
        let view = self.view(&probe.vantage);
        if view.round.is_over(at, probe.target, probe.method) {
            self.close(&probe.vantage);
        }
        if probe.outcome.answered() {
            self.answered.insert(kind(probe.method));
        }
        self.view(&probe.vantage).round.probe(at, probe);
    }

    /// Takes a probe to a control.
    pub(crate) fn control(&mut self, at: Timestamp, control: &Control) {
        self.view(&control.vantage).round.control(at, control);
    }

    /// Ends rounds that nothing will end any more.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        let stale: Vec<Text> = self
            .views
            .iter()
            .filter(|(_, view)| view.round.is_stale(now))
            .map(|(vantage, _)| vantage.clone())
            .collect();
        for vantage in stale {
            self.close(&vantage);
        }
    }

    /// Ends all rounds: nothing more will come.
    pub(crate) fn finish(&mut self) {
        let vantages: Vec<Text> = self.views.keys().cloned().collect();
        for vantage in vantages {
            self.close(&vantage);
        }
    }

    /// True where anything changed since [`Self::take_changed`].
    pub(crate) fn has_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// The scopes that changed since this was asked last.
    pub(crate) fn take_changed(&mut self) -> BTreeSet<Scope> {
        std::mem::take(&mut self.changed)
    }

    /// True where any host was ever heard.
    pub(crate) fn has_hosts(&self) -> bool {
        !self.answered.is_empty()
    }

    /// Alerts that are open.
    pub(crate) fn open(&self) -> impl Iterator<Item = Scope> {
        self.scopes.iter().filter(|(_, standing)| standing.open.is_some()).map(|(scope, _)| *scope)
    }

    /// True where any vantage point could see hosts in `[from, until)`.
    pub(crate) fn looked_in(&self, from: Timestamp, until: Timestamp) -> bool {
        let looked = |view: &View| {
            view.first_at.is_some_and(|first| first < until)
                && view.last_at.is_some_and(|last| last >= from)
        };
        self.has_hosts() && self.views.values().any(looked)
    }

    /// Episodes of a scope up to `now`.
    pub(crate) fn episodes(&self, scope: Scope, now: Timestamp) -> Vec<Episode> {
        let Some(standing) = self.scopes.get(&scope) else { return Vec::new() };
        let closed = standing.closed.iter().map(|(episode, _)| episode.clone());
        let open = standing.open.as_ref().map(|(open, _)| {
            let mut open = open.clone();
            if let Some((at, lost)) = standing.last {
                open.went_on(at, now, lost);
            }
            open
        });
        closed.chain(open).collect()
    }

    /// Times in which vantage points could not see.
    pub(crate) fn blind(&self) -> &[BlindSpell] {
        &self.blind
    }

    /// What each vantage point believes of the whole network, of those that look at it: its lost
    /// share while it believes in an outage.
    pub(crate) fn seen_by(&self, from: Timestamp, until: Timestamp) -> BTreeMap<String, State> {
        let seen = |view: &View| {
            let (lost, blind) = view.recent.worst_lost(from, until);
            match lost {
                Some(lost) if lost >= COMPLETE => Some(State::Complete),
                Some(lost) if lost >= SMALLEST_LOSS => Some(State::Partial),
                None if blind => Some(State::Blind),
                _ => None,
            }
        };
        self.views
            .iter()
            .filter_map(|(vantage, view)| Some((vantage.to_string(), seen(view)?)))
            .collect()
    }

    /// What probed hosts did around the episode of `scope` that overlaps a time.
    pub(crate) fn facts(
        &self,
        scope: Scope,
        from: Timestamp,
        until: Timestamp,
    ) -> Option<ProbeFacts> {
        if !self.has_hosts() {
            return None;
        }
        let standing = self.scopes.get(&scope)?;
        let overlaps =
            |episode: &Episode| episode.onset.first_bad < until && episode.until(until) > from;
        let found = standing.closed.iter().chain(&standing.open).find(|(e, _)| overlaps(e));
        Some(found.map_or_else(
            || ProbeFacts { hosts: self.hosts(scope), ..ProbeFacts::default() },
            |(episode, fallen)| facts(episode, fallen),
        ))
    }

    fn hosts(&self, scope: Scope) -> u32 {
        let most = self.views.values().filter_map(|view| view.beliefs.get(&scope)).map(|s| s.hosts);
        u32::try_from(most.max().unwrap_or(0)).unwrap_or(u32::MAX)
    }

    fn view(&mut self, vantage: &Text) -> &mut View {
        self.views.entry(vantage.clone()).or_default()
    }

    fn close(&mut self, vantage: &Text) {
        let Some(view) = self.views.get_mut(vantage) else { return };
        let round = std::mem::take(&mut view.round);
        if round.targets.is_empty() && round.far.is_empty() {
            return;
        }
        if view.is_blind(&round) {
            let from = view.blind_since.unwrap_or(round.from);
            match self.blind.iter_mut().rev().find(|spell| spell.vantage == *vantage) {
                Some(spell) if spell.from == from => spell.until = round.until,
                _ => self.blind.push(BlindSpell {
                    vantage: vantage.clone(),
                    from,
                    until: round.until,
                }),
            }
            view.blind_since = Some(from);
            view.recent.could_not_see(round.from);
        } else {
            view.blind_since = None;
            view.take(&round);
        }
        let scopes: Vec<Scope> = view.beliefs.keys().copied().collect();
        for scope in scopes {
            self.judge(scope, vantage, &round);
        }
    }

    /// Brings together what all vantage points believe of a scope after a round of one of them.
    fn judge(&mut self, scope: Scope, vantage: &Text, round: &Round) {
        let mut seeing: Vec<(bool, f64)> = self
            .views
            .values()
            .filter(|view| view.blind_since.is_none())
            .filter_map(|view| view.beliefs.get(&scope))
            .map(|seeing| (seeing.out, seeing.lost))
            .collect();
        seeing.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        // The lower median: what only a minority sees is theirs.
        let common = seeing.get(seeing.len().saturating_sub(1) / 2).copied();
        let kinds = self.answered.len();
        let at_most =
            if seeing.len() >= 2 || kinds >= 2 { State::Complete } else { State::Partial };
        let Some(view) = self.views.get(vantage) else { return };
        let standing = self.scopes.entry(scope).or_default();
        let before = (standing.open.is_some(), standing.last.map(|(_, lost)| lost));
        standing.hold_until(round.until);
        match (common, standing.open.take()) {
            (Some((true, lost)), None) => {
                standing.open = Some(raise(scope, view, round, lost, at_most));
                standing.last = Some((round.until, Some(lost)));
            }
            (Some((false, _)), Some((mut episode, mut fallen))) => {
                episode.end = Some(view.end(scope, &episode, round));
                view.note_returns(&mut fallen);
                standing.closed.push((episode, fallen));
                standing.last = None;
            }
            (Some((true, lost)), Some((mut episode, mut fallen))) => {
                episode.at_most = episode.at_most.max(at_most);
                view.note_returns(&mut fallen);
                standing.open = Some((episode, fallen));
                standing.last = Some((round.until, Some(lost)));
            }
            (None, open) => {
                standing.open = open;
                standing.last = standing.open.as_ref().map(|_| (round.until, None));
            }
            (Some((false, _)), None) => standing.last = None,
        }
        if let Some((_, fallen)) = &mut standing.open {
            fallen.near(round.near.values().copied());
        }
        if before != (standing.open.is_some(), standing.last.map(|(_, lost)| lost)) {
            self.changed.insert(scope);
        }
    }
}

impl Standing {
    fn hold_until(&mut self, at: Timestamp) {
        if let (Some((open, _)), Some((since, lost))) = (&mut self.open, self.last) {
            open.went_on(since, at, lost);
        }
    }
}

impl View {
    /// True where most of the far controls that live failed.
    fn is_blind(&mut self, round: &Round) -> bool {
        for (control, answered) in &round.far {
            let heard = self.controls_heard.entry(*control).or_insert(round.from);
            if *answered {
                *heard = round.until;
            }
        }
        let alive: Vec<bool> = round
            .far
            .iter()
            .filter(|(control, answered)| {
                let heard = self.controls_heard.get(*control);
                **answered || heard.is_some_and(|heard| round.until - *heard < CONTROL_DIES_AFTER)
            })
            .map(|(_, answered)| *answered)
            .collect();
        let failed = alive.iter().filter(|answered| !**answered).count();
        failed * 2 > alive.len()
    }

    fn take(&mut self, round: &Round) {
        let first_at = *self.first_at.get_or_insert(round.from);
        let seasoned = round.until - first_at >= SEASONED_AFTER;
        let at_least = if seasoned { SMALLEST_LOSS } else { UNSEASONED_LOSS };
        let passed = self.last_at.map_or(Span::ZERO, |last| round.until - last);
        self.last_at = Some(round.until);
        let (sent, answered) = round.far_packets;
        let loss = if sent == 0 {
            USUAL_LOSS
        } else {
            (f64::from(sent - answered) + 2.0 * USUAL_LOSS) / (f64::from(sent) + 2.0)
        };
        let answers = self.answers(round);
        self.recent.note(round, answers.get(&Scope::Whole).map_or(&[], Vec::as_slice));
        for (scope, answers) in &answers {
            let hosts = self.hosts(*scope);
            let seeing = self.beliefs.entry(*scope).or_insert_with(|| Seeing::new(round.from));
            seeing.hosts = seeing.hosts.max(hosts);
            seeing.belief.pass(passed);
            seeing.belief.weigh(answers, loss);
            seeing.conclude(round, at_least);
        }
        if let Some(whole) = self.beliefs.get(&Scope::Whole) {
            self.recent.believed(round.from, if whole.out { whole.lost } else { 0.0 });
        }
        self.learn(round);
        self.rounds = self.rounds.wrapping_add(1);
        if self.rounds.is_multiple_of(MACHINES_EVERY) && !self.is_likely_out(Scope::Whole) {
            regroup(&mut self.machines, &self.targets);
        }
    }

    /// By scope, what each machine did: it answered if any of its addresses did.
    fn answers(&self, round: &Round) -> BTreeMap<Scope, Vec<Answer>> {
        let mut by_machine: BTreeMap<(Scope, IpAddr), Answer> = BTreeMap::new();
        for (address, seen) in &round.targets {
            let availability = self.targets.get(address).and_then(Target::availability);
            let Some(availability) = availability else { continue };
            let machine = *self.machines.get(address).unwrap_or(address);
            for scope in scopes_of(*address) {
                let answer = by_machine
                    .entry((scope, machine))
                    .or_insert(Answer { availability: 0.0, answered: false });
                answer.availability = answer.availability.max(availability);
                answer.answered |= seen.answered;
            }
        }
        let mut answers: BTreeMap<Scope, Vec<Answer>> = BTreeMap::new();
        for ((scope, _), answer) in by_machine {
            answers.entry(scope).or_default().push(answer);
        }
        answers
    }

    /// Machines known to answer.
    fn hosts(&self, scope: Scope) -> usize {
        let known = self.targets.iter().filter(|(address, target)| {
            target.availability().is_some()
                && !self.machines.contains_key(*address)
                && scopes_of(**address).contains(&scope)
        });
        known.count()
    }

    /// Availability is never learned during an outage, nor while one is likely.
    fn learn(&mut self, round: &Round) {
        for (address, seen) in &round.targets {
            let trusted = scopes_of(*address).iter().all(|scope| !self.is_likely_out(*scope));
            if !seen.answered && !self.targets.contains_key(address) {
                continue;
            }
            let target = self.targets.entry(*address).or_default();
            if trusted {
                target.learn(round.until, seen.answered);
            }
            target.note(*seen);
        }
    }

    fn is_likely_out(&self, scope: Scope) -> bool {
        self.beliefs.get(&scope).is_some_and(|seeing| seeing.out || seeing.sure > LIKELY)
    }

    /// Hosts of a scope that fell silent since `since`: first silence and last reply.
    fn silent_since(
        &self,
        scope: Scope,
        since: Timestamp,
    ) -> BTreeMap<IpAddr, (Timestamp, Timestamp)> {
        self.targets
            .iter()
            .filter(|(address, _)| scopes_of(**address).contains(&scope))
            .filter_map(|(address, target)| {
                let silent = target.silent_since.filter(|silent| *silent >= since)?;
                Some((*address, (silent, target.last_reply?)))
            })
            .collect()
    }

    /// Between the last silence and the first reply of those that returned first.
    fn end(&self, scope: Scope, episode: &Episode, round: &Round) -> falter_model::End {
        let since = self.beliefs.get(&scope).map_or(round.from, |seeing| seeing.bad_at);
        let since = since.max(episode.onset.first_bad);
        let in_scope = || {
            let targets = self.targets.iter();
            targets.filter(|(address, _)| scopes_of(**address).contains(&scope)).map(|(_, t)| t)
        };
        let back: Vec<Timestamp> =
            in_scope().filter_map(|t| t.back_at).filter(|back| *back >= since).collect();
        let first_good = lower_quartile(back).unwrap_or(round.from).max(episode.onset.first_bad);
        let silent = in_scope().filter_map(|t| t.last_silent).filter(|silent| *silent < first_good);
        let last_bad = silent.max().unwrap_or(episode.onset.first_bad);
        falter_model::End { last_bad: last_bad.max(episode.onset.first_bad), first_good }
    }

    fn note_returns(&self, fallen: &mut Fallen) {
        for (address, host) in &mut fallen.hosts {
            let back = self.targets.get(address).and_then(|target| target.back_at);
            host.returned = host.returned.or(back.filter(|back| *back > host.fell));
        }
    }
}

impl Seeing {
    fn new(at: Timestamp) -> Self {
        Self {
            belief: Belief::new(),
            sure: 0.0,
            out: false,
            good_at: at,
            bad_at: at,
            lost: 0.0,
            hosts: 0,
        }
    }

    fn conclude(&mut self, round: &Round, at_least: f64) {
        let sure = self.belief.lost_at_least(smallest_loss(self.hosts).max(at_least));
        self.sure = sure;
        if sure >= SURE {
            self.out = true;
            self.bad_at = round.from;
        } else if sure <= 1.0 - SURE {
            self.out = false;
        }
        if sure <= UNSUSPICIOUS {
            self.good_at = round.from;
        }
        self.lost = self.belief.lost();
    }
}

/// The lost share that is told, of so many machines: the only one, one of two, more than one of more.
fn smallest_loss(machines: usize) -> f64 {
    match machines {
        0 | 1 => 0.5,
        2 => 0.4,
        n => (MORE_THAN_ONE / n as f64).max(SMALLEST_LOSS),
    }
}

fn raise(scope: Scope, view: &View, round: &Round, lost: f64, at_most: State) -> (Episode, Fallen) {
    let seeing = view.beliefs.get(&scope);
    let width = (round.until - round.from).max(Span::from_seconds(1));
    // One round may pass before a loss shows in the belief.
    let since = seeing.map_or(round.from, |seeing| seeing.good_at) - width;
    let silent = view.silent_since(scope, since);
    let first_bad =
        lower_quartile(silent.values().map(|(silent, _)| *silent).collect()).unwrap_or(round.from);
    let last_good =
        silent.values().map(|(_, reply)| *reply).filter(|reply| *reply < first_bad).max();
    let hosts = seeing.map_or(0, |seeing| seeing.hosts);
    let uses_icmp = round.methods.contains(&Method::Icmp);
    let mut episode = Episode {
        signal: if uses_icmp { "ping.up-share" } else { "tcp.up-share" }.into(),
        rule: "reachability",
        onset: Onset { last_good, first_bad },
        slack: Span::ZERO,
        end: None,
        basis: Some(Basis::Hosts),
        units: Some(hosts as f64),
        counted: true,
        step: width,
        told_at: round.until,
        course: Vec::new(),
        at_most,
    };
    episode.went_on(first_bad, round.until, Some(lost));
    let lead: Lead = view.recent.lead(first_bad);
    let fallen = Fallen::new(silent.iter().map(|(a, (fell, _))| (*a, *fell)), width, hosts, lead);
    (episode, fallen)
}

fn lower_quartile(mut times: Vec<Timestamp>) -> Option<Timestamp> {
    times.sort_unstable();
    times.get(times.len() / 4).copied()
}

fn scopes_of(address: IpAddr) -> [Scope; 2] {
    [Scope::Whole, Scope::Block(Prefix::host(address).block())]
}

fn kind(method: Method) -> u8 {
    match method {
        Method::Icmp => 0,
        Method::Tcp(_) => 1,
        Method::Udp(_) => 2,
    }
}
