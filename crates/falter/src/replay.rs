//! Recorded input through the pipeline, and the document that comes out of it.

use falter_model::{Blind, Interned, Observation, Outage, Series, Timestamp};
use falter_sources::archive::{Inputs, Progress};
use serde::Serialize;

mod input;
mod measured;

use input::Input;
use measured::Measured;

use crate::pipeline::{Findings, Pipeline};

/// What `falter replay --json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    /// The profile's name; `None` where entities are as the input names them.
    pub(crate) network: Option<String>,
    /// Time of the first observation.
    pub(crate) from: Option<Timestamp>,
    /// Time of the last one.
    pub(crate) until: Option<Timestamp>,
    /// What the result rests on, by digest.
    pub(crate) digests: Digests,
    /// True where a recording among the inputs is a re-enactment: nothing of this was measured in the
    /// world.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) synthetic: bool,
    /// The files.
    pub(crate) inputs: Vec<Input>,
    /// What was measured.
    pub(crate) signals: Vec<Measured>,
    /// When we could not tell.
    pub(crate) blind: Vec<Blind>,
    /// What was found.
    pub(crate) outages: Vec<Outage>,
    /// The values themselves, for the store and for pictures; not printed.
    #[serde(skip)]
    pub(crate) series: Vec<Series>,
}

/// SHA-256 of what a result rests on, in hexadecimal.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Digests {
    /// Of the profile's text; `None` without a profile.
    pub(crate) profile: Option<String>,
    /// Of the configuration's text; of nothing where there is none.
    pub(crate) config: String,
    /// Of what was fitted.
    pub(crate) fit: String,
}

/// Reads all input through the pipeline; `progress` is told how far it got.
pub(crate) fn run(
    inputs: &mut Inputs,
    mut pipeline: Pipeline,
    mut progress: impl FnMut(&Progress, Option<Timestamp>),
) -> Findings {
    let mut interned = Interned::new();
    let mut batch: Vec<Observation> = Vec::new();
    loop {
        let more = inputs.read(&mut interned, &mut batch);
        for observation in &batch {
            pipeline.push(observation, &interned);
        }
        progress(&inputs.progress(), batch.last().map(|observation| observation.at));
        batch.clear();
        if !more {
            return pipeline.finish(&interned);
        }
    }
}

impl Document {
    /// The document of a run.
    pub(crate) fn new(
        network: Option<String>,
        digests: Digests,
        inputs: &Inputs,
        findings: Findings,
    ) -> Self {
        Self {
            network,
            from: findings.span.map(|(from, _)| from),
            until: findings.span.map(|(_, until)| until),
            digests,
            synthetic: inputs.recording_headers().iter().any(|header| header.synthetic),
            inputs: inputs.reports().iter().map(Input::from).collect(),
            signals: measured::of(&findings.series),
            blind: findings.blind,
            outages: findings.outages,
            series: findings.series,
        }
    }
}
