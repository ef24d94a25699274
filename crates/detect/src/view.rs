//! One vantage point's view: its rounds become beliefs, of the whole and of each block.

use std::collections::BTreeMap;
use std::net::IpAddr;

use falter_model::{ControlKind, End, Place, Prefix, Span, State, Timestamp};

use crate::belief::Answer;
use crate::episode::Episode;
use crate::measured::Measured;
use crate::probed::{Fallen, Lead, Recent};
use crate::rounds::{LONGEST, Round};
use crate::seeing::{SMALLEST_LOSS, Scope, Seeing};
use crate::sight::{Sight, Spell};
use crate::standing::of_weight;
use crate::targets::{Target, regroup};
use crate::track::COMPLETE;

/// Until a day was seen nobody knows who sleeps at night.
const SEASONED_AFTER: Span = Span::from_days(1);
/// Loss on the way where no control tells it ([Trinocular], docs/method.md).
const USUAL_LOSS: f64 = 0.01;
/// More loss than this is no loss any more.
const MOST_LOSS: f64 = 0.9;
/// Rounds after which it is asked again which addresses are one machine.
const MACHINES_EVERY: u32 = 16;
/// An end is when this share is back, by weight: later, who seldom answers may only not have answered yet.
const NEARLY_ALL: f64 = 0.9;
/// Who asked nothing for this many of its rounds has gone, and what it believed with it.
const GONE_AFTER_ROUNDS: i64 = 3;
/// What distance of rounds is usual is the mean over about this time.
const USUAL_OVER: Span = Span::from_hours(1);

/// See the module.
#[derive(Debug)]
pub(crate) struct View {
    place: Place,
    pub(crate) round: Round,
    targets: BTreeMap<IpAddr, Target>,
    machines: BTreeMap<IpAddr, IpAddr>,
    rounds: u32,
    /// Begin of the first round in which it could see.
    first_at: Option<Timestamp>,
    /// End of the last one.
    last_at: Option<Timestamp>,
    /// Begin of the last one, unless a round in which it could not see came since.
    saw_from: Option<Timestamp>,
    /// Begin of the last round, whether it could see or not.
    began_at: Option<Timestamp>,
    /// The distance between its last two rounds.
    distance: Span,
    /// The same at most times, in seconds.
    usual_distance: Option<f64>,
    sight: Sight,
    beliefs: BTreeMap<Scope, Seeing>,
    recent: Recent,
    /// From inside alone: what it believed in time.
    measured: BTreeMap<Scope, Measured>,
}

/// A host that answers no more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FellSilent {
    /// The first silence.
    pub(crate) at: Timestamp,
    /// The last reply before it that came as soon as usual; of any, where there was none.
    pub(crate) last_good: Timestamp,
    /// See [`Target::tells`].
    pub(crate) tells: f64,
}

/// What the addresses of a machine did in a round.
#[derive(Debug, Default)]
struct Said {
    availability: f64,
    answered: bool,
    /// One of them may bear witness again.
    is_due: bool,
    /// One of them is silent for too short a time to bear witness.
    is_unsure: bool,
}

/// What the machines of a scope did in a round.
#[derive(Debug, Default)]
struct Answers {
    of_machines: Vec<Answer>,
    /// How many answers were expected.
    expected: f64,
    /// First silence of those who did not answer and may yet.
    doubtful_since: Option<Timestamp>,
}

impl View {
    /// Of a vantage point that has not looked yet.
    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            round: Round::default(),
            targets: BTreeMap::new(),
            machines: BTreeMap::new(),
            rounds: 0,
            first_at: None,
            last_at: None,
            saw_from: None,
            began_at: None,
            distance: Span::ZERO,
            usual_distance: None,
            sight: Sight::new(place),
            beliefs: BTreeMap::new(),
            recent: Recent::default(),
            measured: BTreeMap::new(),
        }
    }

    /// Which side of the border it is on.
    pub(crate) const fn place(&self) -> Place {
        self.place
    }

    /// Ends its round and believes what that showed, if it could see; `None` where nothing was
    /// asked.
    pub(crate) fn close(&mut self) -> Option<Round> {
        let round = std::mem::take(&mut self.round);
        if round.targets.is_empty() && round.far.is_empty() {
            return None;
        }
        self.distance = self.began_at.map_or(Span::ZERO, |began| round.from - began);
        self.began_at = Some(round.from);
        self.sight.take(&round);
        if self.sight.is_blind() {
            self.recent.could_not_see(round.from);
            self.doubt_silences();
            self.measured.values_mut().for_each(Measured::could_not_see);
        } else {
            self.take(&round);
        }
        Some(round)
    }

    /// Who fell silent in the last round before it could not see may have been up: that round may hold
    /// the moment from which it could not.
    fn doubt_silences(&mut self) {
        if let Some(since) = self.saw_from.take() {
            self.targets.values_mut().for_each(|target| target.doubt_silence(since));
        }
    }

    /// What it believes of a scope.
    pub(crate) fn seeing(&self, scope: Scope) -> Option<&Seeing> {
        self.beliefs.get(&scope)
    }

    /// What it believes of a scope at `now`, if it can see and has not gone.
    pub(crate) fn says(&self, scope: Scope, now: Timestamp) -> Option<(bool, f64)> {
        let seeing = self.beliefs.get(&scope).filter(|_| !self.sight.is_blind())?;
        let gone_after = self.distance.times(GONE_AFTER_ROUNDS).max(LONGEST.times(2));
        let is_here = self.last_at.is_some_and(|last| now - last <= gone_after);
        is_here.then_some((seeing.out, seeing.lost))
    }

    /// True while it can see and is sure of neither a loss nor that there is none.
    pub(crate) fn is_unsure(&self) -> bool {
        !self.sight.is_blind() && self.beliefs.values().any(Seeing::is_unsure)
    }

    /// Scopes that it has a belief of.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = Scope> {
        self.beliefs.keys().copied()
    }

    /// What it believed of a scope in time.
    pub(crate) fn measured(&self, scope: Scope) -> Option<&Measured> {
        self.measured.get(&scope)
    }

    /// Whether it could see, and when not.
    pub(crate) const fn sight(&self) -> &Sight {
        &self.sight
    }

    /// True where it could see in `[from, until)`.
    pub(crate) fn looked_in(&self, from: Timestamp, until: Timestamp) -> bool {
        self.first_at.is_some_and(|first| first < until)
            && self.last_at.is_some_and(|last| last >= from)
    }

    /// What it saw of the whole network: its lost share while it believed in an outage. Who was up
    /// inside and reached nothing far saw that the network was cut off.
    pub(crate) fn saw(&self, from: Timestamp, until: Timestamp) -> Option<State> {
        let (lost, blind) = self.recent.worst_lost(from, until);
        match lost {
            Some(lost) if lost >= COMPLETE => Some(State::Complete),
            Some(lost) if lost >= SMALLEST_LOSS => Some(State::Partial),
            Some(_) if self.place == Place::Inside => self.saw_no_loss(from, until),
            None if blind => Some(State::Blind),
            _ => None,
        }
    }

    /// From inside: blind where it could not see for longer than it could.
    fn saw_no_loss(&self, from: Timestamp, until: Timestamp) -> Option<State> {
        let time_in = |spells: &[Spell]| {
            spells.iter().fold(Span::ZERO, |sum, spell| sum + spell.time_in(from, until))
        };
        let blind = time_in(self.sight.blind());
        if blind.times(2) > until - from {
            return Some(State::Blind);
        }
        (time_in(self.sight.cut_off()) > Span::ZERO).then_some(State::Isolated)
    }

    /// How it was in the half hour before `onset`.
    pub(crate) fn lead(&self, onset: Timestamp) -> Lead {
        let silent = self.silent_since(Scope::Whole, Timestamp::MIN);
        let fell = silent.into_iter().map(|(address, fell)| (address, fell.at)).collect();
        self.recent.lead(onset, &fell)
    }

    /// Hosts of a scope that fell silent since `since`.
    pub(crate) fn silent_since(
        &self,
        scope: Scope,
        since: Timestamp,
    ) -> BTreeMap<IpAddr, FellSilent> {
        self.targets
            .iter()
            .filter(|(address, _)| scopes_of(**address).contains(&scope))
            .filter_map(|(address, target)| {
                let at = target.silent_since.filter(|silent| *silent >= since)?;
                let last_good = target.last_prompt.or(target.last_reply)?;
                Some((*address, FellSilent { at, last_good, tells: target.tells() }))
            })
            .collect()
    }

    /// Between the last silence and the first reply by which nearly all of the hosts were back that fell and
    /// are back.
    pub(crate) fn end(&self, episode: &Episode, fallen: &Fallen, round: &Round) -> End {
        let began = episode.onset.first_bad;
        let fell = || fallen.hosts.keys().filter_map(|address| self.targets.get(address));
        let back = fell().filter_map(|target| Some((target.back_at?, target.tells())));
        let back = back.filter(|(back, _)| *back >= began).collect();
        let first_good = of_weight(back, NEARLY_ALL).unwrap_or(round.from).max(began);
        let silent = fell().filter_map(|t| t.last_silent).filter(|silent| *silent < first_good);
        End { last_bad: silent.max().unwrap_or(began).max(began), first_good }
    }

    /// Notes which of the hosts that fell are back.
    pub(crate) fn note_returns(&self, fallen: &mut Fallen) {
        for (address, host) in &mut fallen.hosts {
            let back = self.targets.get(address).and_then(|target| target.back_at);
            host.returned = host.returned.or(back.filter(|back| *back > host.fell));
        }
    }

    fn take(&mut self, round: &Round) {
        let first_at = *self.first_at.get_or_insert(round.from);
        let saw_a_day = round.until - first_at >= SEASONED_AFTER;
        let passed = self.last_at.map_or(Span::ZERO, |last| round.until - last);
        self.last_at = Some(round.until);
        self.saw_from = Some(round.from);
        let loss = self.loss(round);
        let answers = self.answers(round);
        self.recent.note(round, self.each(round));
        for seeing in self.beliefs.values_mut() {
            seeing.belief.pass(passed);
        }
        for (scope, answers) in answers.iter().filter(|(_, a)| !a.of_machines.is_empty()) {
            let hosts = self.hosts(*scope);
            let seeing = self.beliefs.entry(*scope).or_insert_with(|| Seeing::new(round.from));
            seeing.hosts = seeing.hosts.max(hosts);
            let (machines, expected) = (&answers.of_machines, answers.expected);
            seeing.weigh(round, machines, loss, expected, saw_a_day);
            if let Some(since) = answers.doubtful_since {
                seeing.doubt(since);
            }
            if self.place == Place::Inside {
                let measured = self.measured.entry(*scope).or_default();
                measured.note(round, self.distance, seeing.told(), seeing.good_until);
            }
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

    /// Packets that are lost on the way, as controls tell it: far ones from outside, near ones from
    /// inside, where the way to far ones leads over the border.
    fn loss(&self, round: &Round) -> f64 {
        let (sent, answered) = round.packets(match self.place {
            Place::Outside => ControlKind::Far,
            Place::Inside => ControlKind::Near,
        });
        if sent == 0 {
            return USUAL_LOSS;
        }
        (f64::from(sent - answered) + 2.0 * USUAL_LOSS) / (f64::from(sent) + 2.0)
    }

    /// Answers that are lost as hosts tell it that answered a moment before, and so can be reached: in a
    /// burst of loss others may be silent for a while. Where none was asked again so soon, none.
    fn loss_of_heard(&self, round: &Round) -> f64 {
        let (mut expected, mut answered) = (0.0, 0.0);
        for (address, seen) in &round.targets {
            let target = self.targets.get(address).filter(|target| target.is_heard(*seen));
            if let Some(availability) = target.and_then(Target::availability) {
                expected += availability;
                answered += f64::from(u8::from(seen.answered));
            }
        }
        (1.0 - (answered + 1.0) / (expected + 1.0)).clamp(0.0, MOST_LOSS)
    }

    /// By scope, what each machine did: it answered if any of its addresses did.
    fn answers(&self, round: &Round) -> BTreeMap<Scope, Answers> {
        let heard_loss = self.loss_of_heard(round);
        // Where nobody answers, every round of silence counts: no answer speaks against it.
        let all_silent = round.targets.values().all(|seen| !seen.answered);
        let mut by_machine: BTreeMap<(Scope, IpAddr), Said> = BTreeMap::new();
        let mut answers: BTreeMap<Scope, Answers> = BTreeMap::new();
        for (address, seen) in &round.targets {
            let Some(target) = self.targets.get(address) else { continue };
            let Some(availability) = target.availability() else { continue };
            let lost = if seen.answered { 0.0 } else { target.all_lost(heard_loss) };
            let machine = *self.machines.get(address).unwrap_or(address);
            for scope in scopes_of(*address) {
                let said = by_machine.entry((scope, machine)).or_default();
                said.availability = said.availability.max(availability * (1.0 - lost));
                said.answered |= seen.answered;
                said.is_due |= all_silent || target.is_due(*seen);
                said.is_unsure |= !target.bears_witness(*seen);
                if target.fell_lately(*seen) {
                    let silent = target.silent_since.or(seen.first_silent);
                    let since = &mut answers.entry(scope).or_default().doubtful_since;
                    *since = since.iter().copied().chain(silent).min();
                }
            }
        }
        for ((scope, _), said) in by_machine {
            let answers = answers.entry(scope).or_default();
            answers.expected += said.availability;
            if said.is_due && (said.answered || !said.is_unsure) {
                let Said { availability, answered, .. } = said;
                answers.of_machines.push(Answer { availability, answered });
            }
        }
        answers
    }

    /// What each address did that is known as a host.
    fn each(&self, round: &Round) -> Vec<(IpAddr, Answer)> {
        let known = round.targets.iter().filter_map(|(address, seen)| {
            let availability = self.targets.get(address)?.availability()?;
            Some((*address, Answer { availability, answered: seen.answered }))
        });
        known.collect()
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

    /// How much a round counts in learning: a quick one for as much of a usual one as its time is, or
    /// a minute of doubt would teach as much as an hour.
    fn weight(&mut self) -> f64 {
        let distance = self.distance.as_seconds();
        if distance <= 0.0 {
            return 1.0;
        }
        let usual = self.usual_distance.get_or_insert(distance);
        *usual += (distance - *usual) * (distance / USUAL_OVER.as_seconds()).min(1.0);
        (distance / *usual).min(1.0)
    }

    /// Availability is never learned during an outage, nor while one is likely.
    fn learn(&mut self, round: &Round) {
        let weight = self.weight();
        for (address, seen) in &round.targets {
            let trusted = scopes_of(*address).iter().all(|scope| !self.is_likely_out(*scope));
            if !seen.answered && !self.targets.contains_key(address) {
                continue;
            }
            let target = self.targets.entry(*address).or_default();
            if !trusted {
                target.learn_nothing();
            } else if target.bears_witness(*seen) {
                target.learn(round.until, *seen, weight);
            }
            target.note(*seen);
        }
    }

    fn is_likely_out(&self, scope: Scope) -> bool {
        self.beliefs.get(&scope).is_some_and(Seeing::is_likely_out)
    }
}

fn scopes_of(address: IpAddr) -> [Scope; 2] {
    [Scope::Whole, Scope::Block(Prefix::host(address).block())]
}
