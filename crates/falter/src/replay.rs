//! Recorded input through the pipeline, and the document that comes out of it.

use falter_model::{Blind, Outage, Profile, Series, Timestamp};
use falter_sources::archive::{Inputs, Interest, Progress};
use falter_sources::recording::RecordingHeader;
use serde::Serialize;

mod ahead;
mod input;
mod measured;

pub(crate) use input::Input;
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
    /// True where a recording among the inputs is a re-enactment, or the user said so: nothing of this
    /// was measured in the world.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) synthetic: bool,
    /// How many times faster than life the re-enactment was made; `None` where no recording says so,
    /// or several say otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_scale: Option<f64>,
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

/// What a result rests on, by digest in hexadecimal: SHA-256 of texts; a fit has its own, shorter one.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Digests {
    /// Of the profile's text; `None` without a profile.
    pub(crate) profile: Option<String>,
    /// Of the configuration's text; of nothing where there is none.
    pub(crate) config: String,
    /// Of what was fitted.
    pub(crate) fit: String,
}

/// What of routes a profile asks for; without one, everything, but no paths.
pub(crate) fn interest(profile: Option<&Profile>) -> Interest {
    profile.map_or_else(Interest::default, |profile| Interest {
        prefixes: Some(profile.prefixes.clone()),
        asns: profile.asns.clone(),
        paths: true,
    })
}

/// Reads all input through the pipeline; `progress` is told how far it got.
pub(crate) fn run(
    inputs: &mut Inputs,
    mut pipeline: Pipeline,
    mut progress: impl FnMut(&Progress, Option<Timestamp>),
) -> Findings {
    let interned = ahead::read(inputs, |batch, interned, read| {
        pipeline.push_all(batch, interned);
        progress(read, batch.last().map(|observation| observation.at));
    });
    pipeline.finish(&interned)
}

impl Document {
    /// The document of a run.
    pub(crate) fn new(
        network: Option<String>,
        digests: Digests,
        inputs: &Inputs,
        findings: Findings,
    ) -> Self {
        let headers = inputs.recording_headers();
        Self {
            network,
            from: findings.span.map(|(from, _)| from),
            until: findings.span.map(|(_, until)| until),
            digests,
            synthetic: headers.iter().any(|header| header.synthetic),
            time_scale: time_scale(headers),
            inputs: inputs.reports().iter().map(Input::from).collect(),
            signals: measured::of(&findings.series),
            blind: findings.blind,
            outages: findings.outages,
            series: findings.series,
        }
    }
}

/// The pace that all re-enactments among the recordings have in common.
fn time_scale(headers: &[RecordingHeader]) -> Option<f64> {
    let mut scales =
        headers.iter().filter(|header| header.synthetic).map(|header| header.time_scale);
    let first = scales.next()?;
    scales.all(|scale| scale.total_cmp(&first).is_eq()).then_some(first)
}
