//! What watching keeps: observations in the log, what came of them in the store. The seam between the
//! watcher and the store.

use std::path::{Path, PathBuf};

use anyhow::Context;
use falter_model::{Entity, Outage, Span, Timestamp, VantagePoint};
use falter_store::{Digests, Input, OutageFilter, Replay, Store};

use super::log::Log;
use crate::pipeline::News;

/// What one network's watcher writes to.
#[derive(Debug)]
pub(super) struct Kept {
    log: Log,
    store: Store,
    network: String,
    rests_on: RestsOn,
    input: Input,
}

/// What outages rest on.
#[derive(Debug, Clone)]
pub(crate) struct RestsOn {
    /// Digest of the profile.
    pub(crate) profile: String,
    /// Digest of the configuration.
    pub(crate) config: String,
    /// Digest of the fit.
    pub(crate) fit: String,
    /// True where a re-enactment is fed in.
    pub(crate) synthetic: bool,
    /// How many times faster than life that was made.
    pub(crate) time_scale: Option<f64>,
}

/// How long and how much of the observations is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// This long.
    pub(crate) age: Span,
    /// So many octets of each network.
    pub(crate) octets: u64,
}

impl Kept {
    /// Opens log and store of a network.
    pub(super) fn open(
        dir: &Path,
        network: &str,
        points: Vec<VantagePoint>,
        rests_on: RestsOn,
    ) -> anyhow::Result<Self> {
        let store = Store::open(dir)?;
        let log = Log::open(dir, network, points)
            .with_context(|| format!("could not keep observations in {}", dir.display()))?;
        let path = std::path::absolute(log.folder()).unwrap_or_else(|_| PathBuf::from(log.folder()));
        let input = Input { path: path.display().to_string(), digest: String::new(), offset: 0 };
        Ok(Self { log, store, network: network.to_owned(), rests_on, input })
    }

    /// Appends lines; they are on the disk when this returns.
    pub(super) fn append(&mut self, lines: &[u8], now: Timestamp) -> anyhow::Result<()> {
        self.log.append(lines, now).context("could not keep observations")
    }

    /// Keeps what became known; it is on the disk when this returns. Everything that it rests on must
    /// have been appended before.
    pub(super) fn keep(&mut self, news: &News) -> anyhow::Result<()> {
        self.store.save(&Replay {
            network: Some(&self.network),
            from: None,
            until: None,
            synthetic: self.rests_on.synthetic,
            time_scale: self.rests_on.time_scale,
            digests: Digests {
                profile: Some(&self.rests_on.profile),
                config: &self.rests_on.config,
                fit: &self.rests_on.fit,
            },
            inputs: std::slice::from_ref(&self.input),
            outages: &news.outages,
            series: &news.series,
            blind: &news.blind,
        })?;
        Ok(())
    }

    /// Lines that were kept and reach beyond `from`.
    pub(super) fn read(&self, from: Timestamp, take: impl FnMut(&[u8])) -> anyhow::Result<()> {
        self.log.read(from, take).context("could not read what was kept")
    }

    /// Outages of this network that lasted beyond `from`, or go on, among those of `whole` and its
    /// parts.
    pub(super) fn outages(&self, from: Timestamp, whole: &Entity) -> anyhow::Result<Vec<Outage>> {
        let filter = OutageFilter { from: Some(from), ..OutageFilter::default() };
        let mut ours = Vec::new();
        for kept in self.store.outages(&filter)? {
            let outage = kept.outage;
            if outage.entity == *whole
                || self.store.origin(&outage.id)?.network.as_deref() == Some(self.network.as_str())
            {
                ours.push(outage);
            }
        }
        Ok(ours)
    }

    /// Removes what is too old or too much.
    pub(super) fn prune(&self, now: Timestamp, limits: Limits) -> anyhow::Result<()> {
        self.log.prune(now, limits.age, limits.octets).context("could not prune observations")
    }
}
