//! The order of the stages, known here alone: observations become readings, readings outages, outages
//! verdicts. The same code for what is recorded and for what happens now.

mod cases;
mod keeper;
mod news;

use std::collections::BTreeMap;
use std::thread;

use falter_explain::Fit;
use falter_model::{
    Blind, Fact, Interned, Observation, Outage, OutageId, Profile, Revision, Series, Shape,
    SignalId, Timestamp, VantagePoint, VantagePoints, Verdict,
};

use keeper::Keeper;
pub(crate) use news::News;
use news::Untold;

/// So many readings at once are kept on another thread while they are judged: every origin AS at the
/// end of a bin. A thread takes some tens of microseconds to start and to end.
const SHARED_FROM: usize = 1_000;

/// The signals stage is told of so many observations ahead: enough to wait for memory once for many
/// of them, few enough to stay in the nearest cache.
const EXPECTED: usize = 64;

/// What a pipeline needs to know before it starts.
pub(crate) struct Plan {
    /// The network to watch; `None` takes entities as the input names them.
    pub(crate) profile: Option<Profile>,
    /// Country of a prefix, where a table was given.
    pub(crate) countries: Option<falter_signals::CountryTable>,
    /// What the configuration says of signals that are not ours.
    pub(crate) shapes: BTreeMap<SignalId, Shape>,
    /// Who observes from where, as far as that is known.
    pub(crate) vantage_points: VantagePoints,
}

/// One network's pipeline: a plain thread's work, without clock or I/O.
pub(crate) struct Pipeline {
    signals: falter_signals::Engine,
    detect: falter_detect::Engine,
    fit: &'static Fit,
    profile: Option<Profile>,
    out: falter_signals::Output,
    keeper: Keeper,
    blind: Vec<Blind>,
    revisions: BTreeMap<OutageId, Vec<Revision>>,
    span: Option<(Timestamp, Timestamp)>,
    /// What is new, where somebody asks for it while it goes on: live.
    untold: Option<Untold>,
}

/// All that came out of a run.
pub(crate) struct Findings {
    /// First and last moment of the input.
    pub(crate) span: Option<(Timestamp, Timestamp)>,
    /// Values of every signal that was kept.
    pub(crate) series: Vec<Series>,
    /// Times in which we could not tell.
    pub(crate) blind: Vec<Blind>,
    /// Outages with verdicts, in the order of onset.
    pub(crate) outages: Vec<Outage>,
}

impl Pipeline {
    /// A pipeline that has seen nothing yet.
    pub(crate) fn new(plan: Plan) -> Self {
        let detect = falter_detect::Plan {
            network: plan.profile.clone(),
            spec_of: |id| falter_signals::spec(id.as_str()).copied(),
            shapes: plan.shapes,
            vantage_points: plan.vantage_points.clone(),
        };
        Self {
            signals: falter_signals::Engine::new(falter_signals::Plan {
                network: plan.profile.clone(),
                countries: plan.countries,
                vantage_points: plan.vantage_points,
            }),
            detect: falter_detect::Engine::new(detect),
            fit: Fit::built_in(),
            profile: plan.profile,
            out: falter_signals::Output::default(),
            keeper: Keeper::default(),
            blind: Vec::new(),
            revisions: BTreeMap::new(),
            span: None,
            untold: None,
        }
    }

    /// The same for a run without an end: [`Self::take_news`] is called again and again, and what it
    /// told is forgotten.
    pub(crate) fn live(plan: Plan) -> Self {
        Self { untold: Some(Untold::default()), ..Self::new(plan) }
    }

    /// What became known since the last call. Of a pipeline that was not made by [`Self::live`]: nothing.
    pub(crate) fn take_news(&mut self) -> News {
        let Some(untold) = &mut self.untold else { return News::default() };
        let now = self.span.map_or(Timestamp::EPOCH, |(_, last)| last);
        let blind = if untold.blind_is_due(now) { self.detect.blind_times() } else { Vec::new() };
        let news = untold.take(now, blind, self.keeper.take_new());
        let forgotten = untold.forget(now);
        self.revisions.retain(|id, _| !forgotten.outages.contains(id));
        self.blind.retain(|blind| blind.until >= forgotten.blind_before);
        news
    }

    /// True while it is open whether probed hosts are out: probing quickly would tell.
    pub(crate) fn is_unsure(&self) -> bool {
        self.detect.is_unsure()
    }

    /// These observe too, from here on.
    pub(crate) fn join(&mut self, points: &[VantagePoint]) {
        self.signals.join(points);
        self.detect.join(points);
    }

    /// Takes the next observations, as [`Self::push`] takes each.
    pub(crate) fn push_all(&mut self, observations: &[Observation], interned: &Interned) {
        for some in observations.chunks(EXPECTED) {
            self.signals.expect(some);
            for observation in some {
                self.push(observation, interned);
            }
        }
    }

    /// Takes the next observation; times never run backwards by more than the source's own disorder.
    pub(crate) fn push(&mut self, observation: &Observation, interned: &Interned) {
        let (first, last) = self.span.unwrap_or((observation.at, observation.at));
        let second_is_new = observation.at.floor_second() > last.floor_second();
        self.span = Some((first.min(observation.at), last.max(observation.at)));
        self.signals.observe(observation, interned, &mut self.out);
        if !self.out.is_empty() {
            self.drain();
        }
        if matches!(observation.fact, Fact::Probe(_) | Fact::Control(_) | Fact::Hop(_) | Fact::Tick)
        {
            self.detect.observe(observation);
        }
        if second_is_new {
            self.detect.advance(observation.at);
            self.revise(observation.at, interned);
        }
    }

    /// The end of the input: closes what is open and judges everything once more.
    pub(crate) fn finish(mut self, interned: &Interned) -> Findings {
        self.end(interned)
    }

    /// The same where the pipeline can't be given away; it must not be used after it.
    pub(crate) fn end(&mut self, interned: &Interned) -> Findings {
        let until = self.span.map_or(Timestamp::EPOCH, |(_, last)| last);
        self.signals.finish(until, interned, &mut self.out);
        self.drain();
        self.detect.advance(until);
        self.revise(until, interned);
        let mut outages = self.detect.finish(until);
        for outage in &mut outages {
            let verdict = self.judge(outage, until, interned);
            self.note(outage, &verdict, until);
            let revisions = self.revisions.remove(&outage.id).unwrap_or_default();
            outage.verdict = Some(Verdict { revisions, ..verdict });
        }
        self.blind.extend(self.detect.blind_times());
        self.blind.sort();
        self.blind.dedup();
        let (keeper, blind) = (std::mem::take(&mut self.keeper), std::mem::take(&mut self.blind));
        Findings { span: self.span, series: keeper.series(), blind, outages }
    }

    /// Hands what the signals stage told to the detectors.
    fn drain(&mut self) {
        for blind in self.out.blind.drain(..) {
            self.detect.blind(&blind);
            self.blind.push(blind);
        }
        let (keeper, detect, readings) = (&mut self.keeper, &mut self.detect, &self.out.readings);
        if readings.len() < SHARED_FROM {
            for reading in readings {
                keeper.keep(reading);
                detect.reading(reading);
            }
        } else {
            thread::scope(|scope| {
                scope.spawn(|| keeper.keep_all(readings));
                detect.readings(readings);
            });
        }
        self.out.readings.clear();
    }

    /// Judges what changed, as it would be told to people at that moment.
    fn revise(&mut self, at: Timestamp, interned: &Interned) {
        for outage in self.detect.changed() {
            let verdict = self.judge(&outage, at, interned);
            self.note(&outage, &verdict, at);
            if let Some(untold) = &mut self.untold {
                let revisions = self.revisions.get(&outage.id).cloned().unwrap_or_default();
                untold.outage(Outage { verdict: Some(Verdict { revisions, ..verdict }), ..outage });
            }
        }
    }

    /// Keeps the history of a verdict: one line whenever its cause changed.
    fn note(&mut self, outage: &Outage, verdict: &Verdict, at: Timestamp) {
        let history = self.revisions.entry(outage.id.clone()).or_default();
        if history.last().is_none_or(|last| last.cause != verdict.cause) {
            history.push(Revision { at, cause: verdict.cause, probability: verdict.probability });
        }
    }

    /// The verdict on an outage as far as data are known.
    fn judge(&mut self, outage: &Outage, as_of: Timestamp, interned: &Interned) -> Verdict {
        let past = self.detect.past(outage);
        let surroundings = cases::Surroundings {
            signals: &self.signals,
            detect: &self.detect,
            profile: self.profile.as_ref(),
            blind: &self.blind,
            interned,
        };
        falter_explain::judge_as_of(&surroundings.case(outage, past), self.fit, as_of)
    }
}

#[cfg(test)]
mod tests {
    use falter_sources::archive::Inputs;

    use super::*;

    /// When the pipeline was unsure in a recorded scenario.
    fn unsure(scenario: &str) -> Vec<Timestamp> {
        let scenarios =
            std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios"));
        let recording = scenarios.join(scenario).join("observations.jsonl.zst");
        let profile = std::fs::read_to_string(scenarios.join("profiles/kp-lab.toml")).unwrap();
        let mut inputs = Inputs::open(&[recording.into()]).unwrap();
        let mut pipeline = Pipeline::live(Plan {
            profile: Some(falter_networks::parse(&profile, "kp-lab.toml").unwrap()),
            countries: None,
            shapes: BTreeMap::new(),
            vantage_points: inputs.vantage_points(),
        });
        let (mut interned, mut all) = (Interned::new(), Vec::new());
        while inputs.read(&mut interned, &mut all) {}
        let unsure = all.iter().filter(|observation| {
            pipeline.push(observation, &interned);
            observation.fact == Fact::Tick && pipeline.is_unsure()
        });
        unsure.map(|tick| tick.at).collect()
    }

    #[test]
    fn it_is_unsure_around_a_change_and_seldom_else() {
        let unsure = unsure("cut-off-by-hand");
        let onset: Timestamp = "2026-02-24T03:23:24Z".parse().unwrap();
        let near = |at: &&Timestamp| (**at - onset).micros().abs() < 120_000_000;
        assert!(unsure.iter().any(|at| near(&at)), "{unsure:?}");
        assert!(unsure.len() < 300, "{}", unsure.len());
    }
}
