//! Watching what happens now: the same pipeline as replay, on observations as they become known.
//!
//! A network has a thread. Sources tell it lines of a recording; it adds a tick each second, keeps every
//! line, and judges it as it was kept. So what was kept replays to what was found.

mod events;
mod network;
mod sources;
mod ticks;
mod warm_up;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use falter_model::VantagePoint;
use falter_sources::live;
use falter_store::{Segments, Store};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::profiles::Found;

pub(crate) use events::{Event, Events, Form};
use network::Watcher;

/// So many lines may wait for the pipeline before sources do: some minutes of probes, some seconds of a
/// full feed.
const WAITING: usize = 16_384;

/// What is watched, and how.
pub(crate) struct WatchPlan {
    /// The networks.
    pub(crate) networks: Vec<Found>,
    /// The store's folder.
    pub(crate) store: PathBuf,
    /// Who watches, from where.
    pub(crate) vantage: VantagePoint,
    /// Everything that is watched is a re-enactment, as in the testbed.
    pub(crate) synthetic: bool,
    /// A file or pipe with lines of recordings that are taken as they come.
    pub(crate) lines: Option<PathBuf>,
}

/// Watches until a signal says that it is enough, telling `events` what happens.
pub(crate) fn run(plan: &WatchPlan, config: &Config, events: &Events) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("could not start the runtime")
        .map_err(Failure::failed)?;
    let store = Arc::new(Mutex::new(Store::open(&plan.store).map_err(Failure::failed)?));
    let stop = CancellationToken::new();
    let mut watchers = Vec::new();
    let mut watched = Vec::new();
    for found in &plan.networks {
        let (teller, told) = live::channel(WAITING);
        let limits = config.store.limits();
        let segments = Segments::open(&plan.store, &found.profile.name, limits);
        let segments = segments.map_err(Failure::failed)?;
        watchers.push((Watcher::new(plan, found, config, segments, &store)?, told));
        watched.push((found.profile.clone(), teller));
    }
    sources::start(plan, config, &watched, runtime.handle(), &stop, events)?;
    runtime.spawn(ends_on_signal(stop.clone()));
    let going_on = std::thread::scope(|scope| {
        let threads: Vec<_> = watchers
            .into_iter()
            .map(|(watcher, told)| {
                let (handle, stop) = (runtime.handle().clone(), stop.clone());
                scope.spawn(move || watcher.run(told, &handle, &stop, events))
            })
            .collect();
        let ended = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
        ended.map(|end| end.unwrap_or(Ok(false))).collect::<Result<Vec<bool>, Failure>>()
    });
    stop.cancel();
    // Sources that wait for the network end with the runtime.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    Ok(if going_on?.contains(&true) { Exit::OutageGoingOn } else { Exit::Done })
}

/// SIGTERM of a service's keeper, SIGINT of a person.
async fn ends_on_signal(stop: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    stop.cancel();
}
