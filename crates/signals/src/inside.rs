//! Signals from what was asked inside the network: whether it works for those who are in it.
//!
//! They never mix with those of outside: an answer inside does not show that anybody gets in. Far
//! controls decide nothing here, since they lie behind the border that may be cut; a vantage point
//! is believed as long as anything at all answers it.

pub(crate) mod answer_share;
mod heard;
pub(crate) mod ok_share;
pub(crate) mod up_share;

use std::collections::BTreeMap;

use falter_model::{Entity, Fact, Method, Observation, SignalId, SignalSpec, Step, Timestamp};

use crate::Output;
use crate::dns::Question;
use crate::grouped::{grouped, of_address};
use crate::ping::Shot;
use crate::rounds::Rounds;
use crate::steps::MINUTE;
use crate::tally::Tally;
use crate::telling::{Known, Tallies, tell};
use crate::web::Visit;
use heard::Heard;

/// See the module.
#[derive(Debug)]
pub(crate) struct Inside {
    network: Option<Entity>,
    heard: Heard,
    shots: Rounds<Shot>,
    questions: Rounds<Question>,
    visits: Rounds<Visit>,
    known: BTreeMap<&'static str, Known>,
}

impl Inside {
    /// Nothing asked yet.
    pub(crate) fn new(network: Option<Entity>) -> Self {
        Self {
            network,
            heard: Heard::default(),
            shots: Rounds::new(MINUTE),
            questions: Rounds::new(MINUTE),
            visits: Rounds::new(Step::FIVE_MINUTES),
            known: BTreeMap::new(),
        }
    }

    /// Takes what somebody inside asked.
    pub(crate) fn observe(&mut self, observation: &Observation) {
        let at = observation.at;
        match &observation.fact {
            Fact::Probe(probe) => {
                self.heard.note(at, &probe.vantage, probe.outcome.answered());
                // Silence of a UDP port means nothing.
                if !matches!(probe.method, Method::Udp(_)) {
                    let shot = Shot::new(at, probe.target, &probe.outcome);
                    self.shots.take(at, &probe.vantage, shot);
                }
            }
            Fact::Control(control) => {
                self.heard.note(at, &control.vantage, control.outcome.answered());
            }
            Fact::Name(name) => {
                self.heard.note(at, &name.vantage, name.answer.is_ok());
                self.questions.take(at, &name.vantage, Question::new(name));
            }
            Fact::Page(page) => {
                self.heard.note(at, &page.vantage, page.status.is_some());
                self.visits.take(at, &page.vantage, Visit::new(page));
            }
            _ => {}
        }
    }

    /// Tells bins that are over at `now`.
    pub(crate) fn close(&mut self, now: Timestamp, out: &mut Output) {
        let Self { network, heard, shots, questions, visits, known } = self;
        let network = network.as_ref();
        let of_shot = |shot: &Shot| of_address(network, shot.target);
        let of_question =
            |question: &Question| network.cloned().unwrap_or(Entity::Zone(question.zone.clone()));
        let of_visit = |visit: &Visit| network.cloned().unwrap_or(Entity::Site(visit.host.clone()));
        let mut closing = Closing { heard, known, now, out };
        closing.close(shots, &up_share::SPEC, of_shot, up_share::tally);
        closing.close(questions, &answer_share::SPEC, of_question, answer_share::tally);
        closing.close(visits, &ok_share::SPEC, of_visit, ok_share::tally);
        heard.forget(now);
    }

    /// Time leapt: what comes starts anew.
    pub(crate) fn leap(&mut self) {
        self.shots.leap();
        self.questions.leap();
        self.visits.leap();
    }
}

/// What it takes to close bins of any kind.
struct Closing<'a> {
    heard: &'a Heard,
    known: &'a mut BTreeMap<&'static str, Known>,
    now: Timestamp,
    out: &'a mut Output,
}

impl Closing<'_> {
    fn close<S: Clone>(
        &mut self,
        rounds: &mut Rounds<S>,
        spec: &SignalSpec,
        of: impl Fn(&S) -> Entity,
        tally: impl Fn(&[S]) -> Tally,
    ) {
        let step = rounds.step();
        let signal: SignalId = spec.id.into();
        for (bin, samples) in rounds.closed(self.now) {
            let believed = samples
                .into_iter()
                .filter(|(vantage, _)| self.heard.anything(vantage, bin, bin + step.width()))
                .map(|(_, sample)| sample)
                .collect();
            let tallies: Tallies = grouped(believed, |sample| vec![of(sample)])
                .into_iter()
                .map(|(entity, samples)| (entity, vec![(signal.clone(), tally(&samples))]))
                .collect();
            tell(self.known.entry(spec.id).or_default(), bin, step, &tallies, self.out);
        }
    }
}
