//! The sources of a network, and who starts them again when they fail.
//!
//! A source is a name and what it does. To plug one in: give it a [`Source`] in [`of`].

mod bmp;
mod probing;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use falter_model::{Clock, Profile, VantagePoint};
use falter_sources::clock::SystemClock;
use falter_sources::live::Teller;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::lines::Lines;
use super::status::{SourceState, Status};
use crate::config::Config;

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
    /// Another file or pipe of lines that join.
    pub(crate) lines: Option<&'a Path>,
}

/// A network, and where what happens to it is told: for sources that serve all of them.
pub(crate) type Watched = (Arc<Profile>, Teller);

/// The sources of one network that the configuration asks for.
///
/// Passive ones: `sources.lines`. Active ones, such as `probing`, only where there is a contact.
pub(crate) fn of(wanted: &Wanted<'_>) -> Vec<Source> {
    let network = &*wanted.profile.name;
    let lines = wanted.config.sources.lines.iter();
    let lines = lines.filter(|lines| lines.network.as_deref().is_none_or(|name| name == network));
    let mut sources: Vec<Source> =
        lines.map(|lines| Lines::joining(lines.path.clone()).source()).collect();
    sources.extend(wanted.lines.map(|path| Lines::from_its_beginning(path.to_owned()).source()));
    if let Some(contact) = &wanted.config.probing.contact {
        sources.push(probing::source(contact, wanted));
    }
    sources
}

/// The sources that serve all networks at once: `routes.bmp`.
pub(crate) fn shared(config: &Config, watched: &[Watched]) -> Vec<Source> {
    config.routes.bmp.listen.map(|on| bmp::source(on, watched)).into_iter().collect()
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

/// After a failure a source is started again after one second, then two, four, up to this: a server that
/// comes back is not overrun, and a minute is soon enough for whoever was down for minutes.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// A source that ran for so long before it failed begins again at the shortest pause.
const RAN_WELL: Duration = Duration::from_mins(5);

/// Runs a source until it has told everything or `stop` is cancelled; starts it again when it fails.
pub(crate) async fn keep_running(source: Source, with: Start) {
    let mut pause = Duration::from_secs(1);
    loop {
        let began = tokio::time::Instant::now();
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
            pause = Duration::from_secs(1);
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = LONGEST_PAUSE.min(pause * 2),
            () = with.stop.cancelled() => return,
        }
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_source_that_fails_is_started_again_ever_later() {
        let starts = Arc::new(AtomicU32::new(0));
        let count = starts.clone();
        let source = Source::new("flaky", move |with: Start| {
            let n = count.fetch_add(1, Ordering::Relaxed);
            async move {
                with.status.set(SourceState::Up, SystemClock.now());
                if n < 3 { Err(anyhow::anyhow!("refused")) } else { Ok(()) }
            }
        });
        let (tell, _told) = falter_sources::live::channel(1);
        let status = Status::new("flaky".to_owned());
        let began = tokio::time::Instant::now();
        let stop = CancellationToken::new();
        keep_running(source, Start { tell, stop, status: status.clone() }).await;
        assert_eq!(starts.load(Ordering::Relaxed), 4);
        assert_eq!(began.elapsed().as_secs(), 1 + 2 + 4);
        assert_eq!(status.said().state, SourceState::Ended);
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_in_its_pause_ends_at_once_when_told() {
        let source = Source::new("down", |_| async { Err(anyhow::anyhow!("refused")) });
        let (tell, _told) = falter_sources::live::channel(1);
        let (status, stop) = (Status::new("down".to_owned()), CancellationToken::new());
        let running =
            tokio::spawn(keep_running(source, Start { tell, stop: stop.clone(), status }));
        tokio::task::yield_now().await;
        stop.cancel();
        running.await.unwrap();
    }
}
