//! What watching keeps: observations in segments, what came of them in the store. The seam between the
//! watcher and the store.

use std::path::{Path, PathBuf};

use anyhow::Context;
use falter_model::{Interned, Observation, Outage, Span, Timestamp, VantagePoint};
use falter_sources::archive::Inputs;
use falter_sources::recording::{RecordingHeader, Standing, write_line};
use falter_store::{CutOff, Digests, Input, Limits, OutageFilter, Replay, Segments, Store};

use super::recording::Recording;
use crate::pipeline::News;
use crate::replay;

/// What one network's watcher writes to.
#[derive(Debug)]
pub(super) enum Kept {
    /// Observations and what came of them.
    Stored(Box<Stored>),
    /// Observations alone.
    Recorded(Recording),
}

/// Segments and store of a network.
#[derive(Debug)]
pub(super) struct Stored {
    segments: Segments,
    /// What holds now: the next segment starts from it.
    standing: Standing,
    store: Store,
    network: String,
    points: Vec<VantagePoint>,
    rests_on: RestsOn,
    input: Input,
}

/// What outages rest on.
#[derive(Debug, Clone)]
pub(crate) struct RestsOn {
    /// Profile, configuration and fit.
    pub(crate) digests: replay::Digests,
    /// True where a re-enactment is watched.
    pub(crate) synthetic: bool,
    /// How many times faster than life that was made, where that is known.
    pub(crate) time_scale: Option<f64>,
}

impl Kept {
    /// Opens segments and store of a network in the folder `dir`.
    pub(super) fn open(
        dir: &Path,
        network: &str,
        points: Vec<VantagePoint>,
        limits: Limits,
        rests_on: RestsOn,
    ) -> anyhow::Result<Self> {
        let store = Store::open(dir)?;
        let segments = Segments::open(dir, network, limits)?;
        if let Some(CutOff { path, octets }) = segments.cut_off() {
            let path = path.display();
            tracing::warn!(%path, octets, "Cut away what was half written when falter was killed.");
        }
        let folder = dir.join("observations").join(network);
        let path = std::path::absolute(&folder).unwrap_or(folder);
        let input = Input { path: path.display().to_string(), digest: String::new(), offset: 0 };
        let network = network.to_owned();
        let standing = Standing::new();
        let stored = Stored { segments, standing, store, network, points, rests_on, input };
        Ok(Self::Stored(Box::new(stored)))
    }

    /// Begins a recording.
    pub(super) fn record(
        path: &Path,
        network: &str,
        points: &[VantagePoint],
        at: Timestamp,
        rests_on: &RestsOn,
    ) -> anyhow::Result<Self> {
        let recording = Recording::create(path, &header(network, points, rests_on, at));
        let recording = recording.with_context(|| format!("could not begin {}", path.display()));
        Ok(Self::Recorded(recording?))
    }

    /// Takes lines that became known at `at`, before [`flush`](Self::flush) keeps them.
    pub(super) fn append(
        &mut self,
        lines: &[u8],
        at: Timestamp,
        interned: &Interned,
    ) -> anyhow::Result<()> {
        match self {
            Self::Stored(to) => to.append(lines, at, interned),
            Self::Recorded(to) => {
                to.append(lines);
                Ok(())
            }
        }
    }

    /// Takes note of an observation that was kept.
    pub(super) fn note(&mut self, observation: &Observation, interned: &Interned) {
        if let Self::Stored(to) = self {
            to.standing.note(observation, interned);
        }
    }

    /// What was taken survives the end of this process when this returns.
    pub(super) fn flush(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Stored(to) => to.segments.flush()?,
            Self::Recorded(to) => to.flush().context("could not write the recording")?,
        }
        Ok(())
    }

    /// What was taken survives the end of the machine when this returns.
    pub(super) fn sync(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Stored(to) => to.segments.sync()?,
            Self::Recorded(to) => to.sync().context("could not write the recording")?,
        }
        Ok(())
    }

    /// These observe too, from here on: the next segment says so.
    pub(super) fn join(&mut self, points: &[VantagePoint]) {
        if let Self::Stored(to) = self {
            let known = to.points.clone();
            to.points.extend(points.iter().filter(|point| !known.contains(point)).cloned());
        }
    }

    /// Removes observations that are too old or too many, and series older than `keep_series`.
    pub(super) fn prune(&mut self, now: Timestamp, keep_series: Span) -> anyhow::Result<()> {
        let Self::Stored(to) = self else { return Ok(()) };
        let pruned = to.segments.prune(now)?;
        if let Some(last) = pruned.files.last() {
            let (files, octets) = (pruned.files.len(), pruned.octets);
            tracing::info!(files, octets, last = %last.display(), "Old observations were removed.");
        }
        let days = to.store.prune_series(now - keep_series)?;
        if days > 0 {
            tracing::info!(days, "Old days of series were removed.");
        }
        Ok(())
    }

    /// Keeps what became known, after the observations that it rests on; it is on the disk when this
    /// returns.
    pub(super) fn keep(&mut self, news: &News) -> anyhow::Result<()> {
        match self {
            Self::Stored(to) => to.keep(news),
            Self::Recorded(_) => Ok(()),
        }
    }

    /// Where outages are kept too.
    pub(super) const fn stored(&self) -> Option<&Stored> {
        match self {
            Self::Stored(stored) => Some(stored),
            Self::Recorded(_) => None,
        }
    }
}

impl Stored {
    /// A disk that takes nothing for long must not lose the lines that came meanwhile in part: they are
    /// handed on once those before them are written.
    fn append(&mut self, lines: &[u8], at: Timestamp, interned: &Interned) -> anyhow::Result<()> {
        let Self { segments, standing, network, points, rests_on, .. } = self;
        let head = |before: Option<&Path>| {
            let mut header = header(network, points, rests_on, at);
            header.follows = before.and_then(begun_at);
            // What has a recorded form was read from it.
            header.starts_from = standing.starts_from(at, interned).unwrap_or_default();
            head(&header, at)
        };
        segments.append(at, lines, head)?;
        Ok(())
    }

    fn keep(&mut self, news: &News) -> anyhow::Result<()> {
        self.segments.sync()?;
        let RestsOn { digests, synthetic, time_scale } = &self.rests_on;
        self.store.save(&Replay {
            network: Some(&self.network),
            // A watch has no end: it is one, however often it is started.
            from: None,
            until: None,
            synthetic: *synthetic,
            time_scale: *time_scale,
            digests: Digests {
                profile: digests.profile.as_deref(),
                config: &digests.config,
                fit: &digests.fit,
            },
            inputs: std::slice::from_ref(&self.input),
            outages: &news.outages,
            series: &news.series,
            blind: &news.blind,
        })?;
        Ok(())
    }

    /// Segments with what became known since `from`, oldest first.
    pub(super) fn since(&self, from: Timestamp) -> anyhow::Result<Vec<PathBuf>> {
        Ok(self.segments.since(from)?)
    }

    /// Outages that came of this network.
    pub(super) fn outages(&self) -> anyhow::Result<Vec<Outage>> {
        let network = Some(self.network.clone());
        let filter = OutageFilter { network, ..OutageFilter::default() };
        Ok(self.store.outages(&filter)?.into_iter().map(|kept| kept.outage).collect())
    }

    /// The outage of this id, as it is kept.
    pub(super) fn outage(&self, id: &str) -> Option<Outage> {
        self.store.outage(id).ok().filter(|outage| outage.id.0 == id)
    }
}

/// How a segment begins: its header, and the moment that everything before it had reached, by which
/// segments merge in the order in which they were written.
fn head(header: &RecordingHeader, at: Timestamp) -> Vec<u8> {
    // A header of ours can always be written, and so can a tick.
    let mut lines = serde_json::to_vec(header).unwrap_or_default();
    lines.push(b'\n');
    drop(write_line(&mut lines, &Observation::tick(at), &Interned::new()));
    lines
}

/// When a segment began, as it says.
fn begun_at(segment: &Path) -> Option<Timestamp> {
    let inputs = Inputs::open(&[segment.to_owned().into()]).ok()?;
    inputs.recording_headers().first()?.from
}

fn header(
    network: &str,
    points: &[VantagePoint],
    rests_on: &RestsOn,
    at: Timestamp,
) -> RecordingHeader {
    let mut header = RecordingHeader::new(Some(network), at);
    header.synthetic = rests_on.synthetic;
    header.time_scale = rests_on.time_scale.unwrap_or(1.0);
    header.vantage_points = points.to_vec();
    let profile = rests_on.digests.profile.clone().unwrap_or_default();
    header.digests.insert("profile".to_owned(), profile);
    header
}
