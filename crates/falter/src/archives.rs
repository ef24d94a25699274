//! Archives by URL and by collector: fetched to where they are kept, with progress for a terminal.

use std::path::PathBuf;

use anyhow::Context;
use falter_model::Timestamp;
use falter_sources::collectors::{Collector, Fetched, Mirrors, fetch_span};
use falter_sources::fetch::{FetchError, Fetcher, Limits, Watcher, place_of};
use url::Url;

use crate::config::Config;
use crate::exit::Failure;

/// What fetches, where from, where to.
#[derive(Debug, Clone)]
pub(crate) struct Archives {
    /// Fetches, and keeps what was fetched.
    pub(crate) fetcher: Fetcher,
    /// Where the archives of collectors are.
    pub(crate) mirrors: Mirrors,
}

impl Archives {
    /// As configured.
    pub(crate) fn new(config: &Config) -> Result<Self, Failure> {
        let folder = config.archives.dir.clone().or_else(usual_place).ok_or_else(|| {
            Failure::usage(anyhow::anyhow!(
                "no place for archives: set archives.dir, XDG_CACHE_HOME or HOME"
            ))
        })?;
        let mirrors = config.archives.mirrors().map_err(Failure::usage)?;
        let fetcher = Fetcher::new(folder, Limits::default(), config.archives.keep_octets());
        Ok(Self { fetcher, mirrors })
    }

    /// One file.
    pub(crate) async fn fetch(
        &self,
        url: &Url,
        watcher: Watcher<'_>,
    ) -> Result<PathBuf, FetchError> {
        let place = self.mirrors.place_of(url).unwrap_or_else(|| place_of(url));
        self.fetcher.fetch(url, &place, watcher).await
    }

    /// What a collector heard.
    pub(crate) async fn span(
        &self,
        collector: &Collector,
        span: (Timestamp, Timestamp),
        watcher: Watcher<'_>,
    ) -> Result<Fetched, FetchError> {
        fetch_span(&self.fetcher, &self.mirrors, collector, span, watcher).await
    }
}

/// `$XDG_CACHE_HOME/falter/archives`, else below `~/.cache`.
fn usual_place() -> Option<PathBuf> {
    let of = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = of("XDG_CACHE_HOME").or_else(|| Some(of("HOME")?.join(".cache")))?;
    Some(cache.join("falter/archives"))
}

/// Waits for what needs the network, on this thread.
pub(crate) fn wait_for<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("could not start the runtime")
        .map_err(Failure::failed)?;
    Ok(runtime.block_on(work))
}
