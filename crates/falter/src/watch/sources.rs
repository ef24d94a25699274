//! The sources of a network, and who starts them again when they fail.
//!
//! A source is a name and what it does. To plug one in: give it a [`Source`] in [`of`].

mod asking;
mod bmp;
mod bootstrap;
mod darknet;
mod feed;
mod names;
mod probing;
mod ris_live;
mod services;
mod sites;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use falter_model::{Clock, Profile, VantagePoint};
use falter_sources::backoff::Backoff;
use falter_sources::clock::{self, SystemClock};
use falter_sources::live::Teller;
use falter_sources::probing::Attention;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::lines::Lines;
use super::met::Met;
use super::status::{SourceState, Status};
use crate::config::Config;
use crate::exit::Failure;

pub(crate) use darknet::Darknet;

/// What a source does from its start to its end.
pub(crate) type Running = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;

/// A source that can be started, and started again.
pub(crate) struct Source {
    name: String,
    start: Box<dyn Fn(Start) -> Running + Send + Sync>,
}

/// What a source is handed when it starts.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    /// Where it tells what it sees; of those that serve all networks, the first one's.
    pub(crate) tell: Teller,
    /// Cancelled when it should end.
    pub(crate) stop: CancellationToken,
    /// Where it says how it is.
    pub(crate) status: Status,
}

/// For which network sources are wanted, and what they need to know of it.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    /// The network.
    pub(crate) profile: &'a Arc<Profile>,
    /// Everything that is configured.
    pub(crate) config: &'a Config,
    /// The name under which this machine's own observations are told.
    pub(crate) vantage: &'a VantagePoint,
    /// The store's folder, for what a source itself remembers.
    pub(crate) store: &'a Path,
    /// Another file or pipe of lines, or of packets, that join.
    pub(crate) lines: Option<&'a Path>,
    /// By which the watcher says how quickly to probe.
    pub(crate) attention: &'a Attention,
    /// Addresses that the watcher meets.
    pub(crate) met: &'a Met,
}

/// A network, and where what happens to it is told: for sources that serve all of them.
pub(crate) type Watched = (Arc<Profile>, Teller);

/// The sources of one network that the configuration asks for.
///
/// Passive ones: `sources.lines`, `darknet`. Active ones, `probing`, `names`, `sites` and `services`, only where
/// there is a contact.
pub(crate) fn of(wanted: &Wanted<'_>) -> Vec<Source> {
    let network = &*wanted.profile.name;
    let lines = wanted.config.sources.lines.iter();
    let lines = lines.filter(|lines| lines.network.as_deref().is_none_or(|name| name == network));
    let darknet = Arc::new(Darknet::of(wanted.profile, wanted.config));
    let joining = |path: &PathBuf| Lines::joining(path.clone(), Arc::clone(&darknet));
    let mut sources: Vec<Source> = lines.map(|lines| joining(&lines.path).source(wanted)).collect();
    sources.extend(wanted.lines.map(|path| {
        Lines::from_its_beginning(path.to_owned(), Arc::clone(&darknet)).source(wanted)
    }));
    if let Some(interface) = &wanted.config.darknet.interface {
        sources.push(darknet::source(interface, &darknet));
    }
    if let Some(contact) = &wanted.config.probing.contact {
        sources.push(probing::source(contact, wanted));
        sources.extend(names::source(contact, wanted));
        sources.extend(sites::source(contact, wanted));
        sources.extend(services::source(contact, wanted));
    }
    sources
}

/// The sources that serve all networks at once: `routes.bmp`, and `routes.ris_live` with
/// `routes.bootstrap`.
pub(crate) fn shared(config: &Config, watched: &[Watched]) -> Result<Vec<Source>, Failure> {
    let mut shared = Vec::new();
    shared.extend(config.routes.bmp.listen.map(|on| bmp::source(on, watched)));
    let ris_live = &config.routes.ris_live;
    if ris_live.enabled {
        let bootstrap = bootstrap::plan(config, watched)?;
        shared.push(ris_live::source(ris_live, bootstrap, watched));
    }
    Ok(shared)
}

/// Runs on a thread of its own.
pub(super) async fn on_a_thread(
    name: &str,
    work: impl FnOnce() -> anyhow::Result<()> + Send + 'static,
) -> anyhow::Result<()> {
    let (done, ended) = oneshot::channel();
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        // Whoever was told to stop does not wait.
        drop(done.send(work()));
    })?;
    ended.await.unwrap_or_else(|_| Err(anyhow::anyhow!("its thread broke off")))
}

impl Source {
    /// A source by its name and what it does.
    pub(crate) fn new<F>(
        name: impl Into<String>,
        start: impl Fn(Start) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        Self { name: name.into(), start: Box::new(move |with| Box::pin(start(with))) }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// Runs a source until it has told everything or `stop` is cancelled; starts it again when it fails.
pub(crate) async fn keep_running(source: Source, with: Start) {
    let mut backoff = Backoff::new(SHORTEST_PAUSE, LONGEST_PAUSE);
    loop {
        let began = clock::monotonic();
        let ended = (source.start)(with.clone()).await;
        if with.stop.is_cancelled() {
            return;
        }
        let Err(error) = ended else {
            with.status.set(SourceState::Ended, SystemClock.now());
            return;
        };
        tracing::warn!(source = source.name(), error = format!("{error:#}"), "Source failed.");
        with.status.set(SourceState::Down { why: format!("{error:#}") }, SystemClock.now());
        if began.elapsed() >= RAN_WELL {
            backoff.succeeded();
        }
        tokio::select! {
            () = tokio::time::sleep(backoff.wait()) => {}
            () = with.stop.cancelled() => return,
        }
    }
}

/// After a failure a source is started again after this at most, then after twice as long each time, up to
/// [`LONGEST_PAUSE`]: a server that comes back is not overrun, and a minute is soon enough for whoever was
/// down for minutes.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// See [`SHORTEST_PAUSE`].
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// A source that ran for so long before it failed begins again at the shortest pause.
const RAN_WELL: Duration = Duration::from_mins(5);

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_source_in_its_pause_ends_at_once_when_told() {
        let starts = Arc::new(AtomicU32::new(0));
        let (count, stop) = (Arc::clone(&starts), CancellationToken::new());
        let source = Source::new("down", move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            async { Err(anyhow::anyhow!("refused")) }
        });
        let (tell, _told) = falter_sources::live::channel(1);
        let status = Status::new("down".to_owned());
        let with = Start { tell, stop: stop.clone(), status: status.clone() };
        let running = tokio::spawn(keep_running(source, with));
        while status.said().state == SourceState::Starting {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        running.await.unwrap();
        assert_eq!(starts.load(Ordering::Relaxed), 1);
        assert_eq!(status.said().state, SourceState::Down { why: "refused".to_owned() });
    }

    #[tokio::test]
    async fn a_source_that_told_everything_has_ended() {
        let (tell, _told) = falter_sources::live::channel(1);
        let status = Status::new("short".to_owned());
        let with = Start { tell, stop: CancellationToken::new(), status: status.clone() };
        keep_running(Source::new("short", |_| async { Ok(()) }), with).await;
        assert_eq!(status.said().state, SourceState::Ended);
    }
}
