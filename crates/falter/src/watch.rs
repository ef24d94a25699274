//! Watching what happens now: the same pipeline as replay, on observations as they become known.
//!
//! A network has a thread, its *watcher*. Sources tell it lines of a recording; it adds a tick each
//! second, keeps every line, and judges it as it was kept. So what was kept replays to what was found.

mod board;
mod captured;
mod concerns;
mod event;
mod events;
mod health;
mod kept;
mod lines;
mod lost;
mod met;
mod pace;
mod recording;
mod sessions;
pub(crate) mod sources;
mod status;
mod told;
mod trust;
mod warm_up;
mod watcher;
mod welcome;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use falter_model::{Clock, Interned, Profile, VantagePoint};
use falter_sources::clock::SystemClock;
use falter_sources::live::{self, Teller};
use falter_sources::probing::Attention;
use falter_sources::recording::RecordingHeader;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::digest;
use crate::exit::Failure;
use crate::pipeline::{Pipeline, Plan};
use crate::profiles::Found;
use crate::replay::Digests;

pub(crate) use board::{Board, Network, Shown};
pub(crate) use event::{Event, call};
pub(crate) use events::Events;
pub(crate) use lines::OwnTime;
pub(crate) use status::{SourceState, Status};

use kept::{Kept, RestsOn};
use sources::{Darknet, Source, Start, Wanted, Watched};
use watcher::{Watcher, Work};

/// So many lines may wait for the pipeline before sources do: some minutes of probes, some seconds of a
/// full feed.
const WAITING: usize = 16_384;

/// Where time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    /// The wall clock: a tick each second.
    Wall,
    /// The lines themselves bring their ticks.
    Lines,
}

/// What is watched, and how.
pub(crate) struct WatchPlan<'a> {
    /// The networks.
    pub(crate) networks: Vec<Found>,
    /// Everything that is configured.
    pub(crate) config: &'a Config,
    /// Where it is kept.
    pub(crate) keep: Keep,
    /// Everything that is watched is a re-enactment, as in the testbed.
    pub(crate) synthetic: bool,
    /// Where observations come from.
    pub(crate) feed: Feed,
}

/// Where it is kept.
pub(crate) enum Keep {
    /// Observations and what comes of them, in a store's folder.
    Store(PathBuf),
    /// Observations alone, in a file; with several networks a file each.
    Recording(PathBuf),
}

/// Where observations come from.
pub(crate) enum Feed {
    /// The sources that are configured, and a file or pipe of lines that join; `-` for standard input.
    Sources(Option<PathBuf>),
    /// Lines that bring their own time, for one network.
    OwnTime(Box<OwnTime>),
}

/// Watching that goes on.
pub(crate) struct Watching {
    /// What happened, as it happens; ends when watching does.
    pub(crate) events: Receiver<Event>,
    /// What the terminal shows.
    pub(crate) board: Board,
    /// Cancelled, everything ends.
    pub(crate) stop: CancellationToken,
    runtime: Runtime,
    watchers: Vec<thread::JoinHandle<()>>,
}

/// One network before it is watched.
struct Prepared<'a> {
    found: &'a Found,
    profile: Arc<Profile>,
    teller: Teller,
    lines: live::Told,
}

/// Starts a thread a network, and all sources.
pub(crate) fn start(plan: WatchPlan<'_>) -> Result<Watching, Failure> {
    let runtime = runtime()?;
    let stop = CancellationToken::new();
    runtime.spawn(ends_on_signal(stop.clone()));
    let board = Board::default();
    let (events, told) = Events::new(board.clone());
    let prepared: Vec<Prepared<'_>> = plan.networks.iter().map(Prepared::new).collect();
    let watched: Vec<Watched> =
        prepared.iter().map(|one| (Arc::clone(&one.profile), one.teller.clone())).collect();
    let (time, lines, mut recording) = match plan.feed {
        Feed::Sources(lines) => (Time::Wall, lines, None),
        Feed::OwnTime(recording) => (Time::Lines, None, Some(recording)),
    };
    let header = recording.as_ref().and_then(|recording| recording.header.clone());
    let ground = Ground {
        config: plan.config,
        keep: &plan.keep,
        several: plan.networks.len() > 1,
        synthetic: plan.synthetic,
        header: header.as_ref(),
        time,
    };
    let shared = match time {
        Time::Wall => sources::shared(plan.config, &watched)?,
        Time::Lines => Vec::new(),
    };
    let shared_statuses = statuses(&shared);
    let (mut watchers, mut all_warm) = (Vec::new(), Vec::new());
    for one in prepared {
        let (attention, met) = (Attention::default(), met::Met::default());
        let own = match time {
            Time::Wall => sources::of(&Wanted {
                profile: &one.profile,
                config: plan.config,
                vantage: &plan.config.vantage.point(),
                store: plan.keep.folder(),
                lines: lines.as_deref(),
                attention: &attention,
                met: &met,
            }),
            Time::Lines => {
                let darknet = Darknet::of(&one.profile, plan.config);
                recording.take().map(|recording| recording.source(darknet)).into_iter().collect()
            }
        };
        let own_statuses = statuses(&own);
        let all = own_statuses.iter().chain(&shared_statuses).cloned().collect();
        let warm = CancellationToken::new();
        let watched_by = ground.watcher(&one, &events, all, &stop, &warm, (attention, met))?;
        run_all(&runtime, own, own_statuses, &one.teller, &stop, std::slice::from_ref(&warm));
        all_warm.push(warm);
        let (handle, name) = (runtime.handle().clone(), format!("watch {}", one.profile.name));
        let lines = one.lines;
        let thread =
            thread::Builder::new().name(name).spawn(move || watched_by.run(lines, &handle));
        watchers.push(thread.context("could not start a thread").map_err(Failure::failed)?);
    }
    if let Some((_, teller)) = watched.first() {
        run_all(&runtime, shared, shared_statuses, teller, &stop, &all_warm);
    }
    if time == Time::Wall {
        runtime.spawn(health::watch(plan.keep.folder().to_owned(), events, stop.clone()));
        // Without any source it is watched all the same: the ticks tell of the silence.
        let stop = stop.clone();
        runtime.spawn(async move {
            stop.cancelled().await;
            drop(watched);
        });
    }
    Ok(Watching { events: told, board, stop, runtime, watchers })
}

impl Keep {
    /// The folder that it is kept in.
    fn folder(&self) -> &Path {
        match self {
            Self::Store(dir) => dir,
            Self::Recording(file) => {
                file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
            }
        }
    }
}

impl Watching {
    /// Ends everything after this time.
    pub(crate) fn end_after(&self, time: Duration) {
        let stop = self.stop.clone();
        self.runtime.spawn(async move {
            tokio::time::sleep(time).await;
            stop.cancel();
        });
    }

    /// Ends everything, and waits until all is kept.
    pub(crate) fn end(self) -> Board {
        self.stop.cancel();
        for watcher in self.watchers {
            if watcher.join().is_err() {
                tracing::error!("A watcher panicked.");
            }
        }
        // A source that is blocked in a read is not waited for.
        self.runtime.shutdown_timeout(SHUTDOWN);
        self.board
    }
}

/// Sources that wait for the network have ended by then.
const SHUTDOWN: Duration = Duration::from_secs(1);

/// What all watchers have in common.
struct Ground<'a> {
    config: &'a Config,
    keep: &'a Keep,
    several: bool,
    synthetic: bool,
    header: Option<&'a RecordingHeader>,
    time: Time,
}

impl Ground<'_> {
    fn watcher(
        &self,
        one: &Prepared<'_>,
        events: &Events,
        sources: Vec<Status>,
        stop: &CancellationToken,
        warm: &CancellationToken,
        (attention, met): (Attention, met::Met),
    ) -> Result<Watcher, Failure> {
        let vantage = self.config.vantage.point();
        let told = self.header.iter().flat_map(|header| header.vantage_points.clone());
        let points: Vec<VantagePoint> = told.chain([vantage.clone()]).collect();
        let rests_on = RestsOn {
            digests: Digests {
                profile: Some(digest::hex(&one.found.text)),
                config: digest::hex(self.config.text()),
                fit: falter_explain::Fit::built_in().digest().to_owned(),
            },
            synthetic: self.synthetic || self.header.is_some_and(|header| header.synthetic),
            time_scale: self
                .header
                .filter(|header| header.synthetic)
                .map(|header| header.time_scale),
        };
        let limits = self.config.store.limits();
        let name = &*one.profile.name;
        let kept = match self.keep {
            Keep::Store(dir) => Kept::open(dir, name, points.clone(), limits, rests_on),
            Keep::Recording(out) => {
                let path = recording::path_of(out, name, self.several);
                let from = self.header.and_then(|header| header.from);
                let from = from.unwrap_or_else(|| SystemClock.now());
                Kept::record(&path, name, &points, from, &rests_on)
            }
        };
        events.board().add(one.profile.name.clone(), &one.profile.title, sources.clone());
        Ok(Watcher {
            pipeline: matches!(self.keep, Keep::Store(_)).then(|| {
                Pipeline::live(Plan {
                    profile: Some(one.found.profile.clone()),
                    countries: None,
                    shapes: self.config.shapes(),
                    vantage_points: points.into_iter().collect(),
                })
            }),
            profile: Arc::clone(&one.profile),
            vantage,
            time: self.time,
            warm_up: self.config.watch.warm_up,
            keep_series: self.config.store.keep_series(),
            stop: stop.clone(),
            warm: warm.clone(),
            kept: kept.map_err(Failure::failed)?,
            events: events.clone(),
            sources,
            interned: Interned::new(),
            sessions: sessions::Sessions::default(),
            told: told::Told::default(),
            work: Work::default(),
            concerns: concerns::Concerns::default(),
            attention,
            met,
            is_passive: self.config.probing.contact.is_none(),
        })
    }
}

impl<'a> Prepared<'a> {
    fn new(found: &'a Found) -> Self {
        let (teller, lines) = live::channel(WAITING);
        Self { found, profile: Arc::new(found.profile.clone()), teller, lines }
    }
}

fn statuses(sources: &[Source]) -> Vec<Status> {
    sources.iter().map(|source| Status::new(source.name().to_owned())).collect()
}

/// Starts sources once the networks that they serve have read what was kept: what they tell would only
/// wait, and a probe that waits seems to be lost.
fn run_all(
    runtime: &Runtime,
    sources: Vec<Source>,
    statuses: Vec<Status>,
    teller: &Teller,
    stop: &CancellationToken,
    warm: &[CancellationToken],
) {
    for (source, status) in sources.into_iter().zip(statuses) {
        let with = Start { tell: teller.clone(), stop: stop.clone(), status };
        let warm = warm.to_vec();
        runtime.spawn(async move {
            for warm in warm {
                tokio::select! {
                    () = warm.cancelled() => {}
                    () = with.stop.cancelled() => return,
                }
            }
            sources::keep_running(source, with).await;
        });
    }
}

/// Sources wait most of the time: two threads serve all of them.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("could not start the runtime")
        .map_err(Failure::failed)
}

/// SIGTERM of a service's keeper, SIGINT of a person.
pub(crate) async fn ends_on_signal(stop: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("Signals can't be heard: end it with SIGKILL, nothing is lost.");
        return;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    stop.cancel();
}
