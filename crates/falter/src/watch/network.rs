//! One network's watcher: takes lines, keeps them, judges them, keeps and tells what came out.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use falter_model::{
    Blind, Clock, Entity, Fact, Interned, Observation, Outage, PeerChange, PeerId, PeerState,
    Series, Span, Timestamp, VantagePoint,
};
use falter_sources::archive::Inputs;
use falter_sources::clock::SystemClock;
use falter_sources::live::Told;
use falter_sources::recording::{LineError, RecordingHeader, Standing, read_line, write_line};
use falter_store::{Segments, Store};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::events::Known;
use super::ticks::Ticks;
use super::{Event, Events, WatchPlan, warm_up};
use crate::config::Config;
use crate::digest;
use crate::exit::Failure;
use crate::pipeline::{News, Pipeline};
use crate::profiles::Found;

/// Series are kept this often: a bin that is told lasts a minute or five.
const SERIES_EVERY: Span = Span::from_minutes(1);
/// What was written reaches the disk at least this often; outages do at once.
const SYNC_EVERY: Span = Span::from_seconds(5);
/// Old segments are looked for this often.
const PRUNE_EVERY: Span = Span::from_hours(1);

/// See the module.
pub(super) struct Watcher {
    network: String,
    entity: Entity,
    digests: Digests,
    synthetic: bool,
    vantage: VantagePoint,
    pipeline: Pipeline,
    interned: Interned,
    /// Which peers are up, by number.
    peers: BTreeMap<PeerId, bool>,
    /// What holds now: the next file of observations starts from it.
    standing: Standing,
    segments: Segments,
    store: Arc<Mutex<Store>>,
    folder: String,
    keep_series: Span,
    known: Known,
    /// What could not be kept yet.
    unkept: News,
    ticks: Ticks,
    saved: Timestamp,
    synced: Timestamp,
    pruned: Timestamp,
    /// Why the last attempt to keep something failed.
    trouble: Option<String>,
}

struct Digests {
    profile: String,
    config: String,
}

impl Watcher {
    /// A watcher that knows what was kept of the time before.
    pub(super) fn new(
        plan: &WatchPlan,
        found: &Found,
        config: &Config,
        segments: Segments,
        store: &Arc<Mutex<Store>>,
    ) -> Result<Self, Failure> {
        let entity = found.profile.entity();
        let now = SystemClock.now();
        let from = warm_up::since(&entity, now - config.watch.warm_up, store)?;
        let files = segments.since(from).map_err(Failure::failed)?;
        let warm = warm_up::warm_up(plan, found, config, &files)?;
        let folder = plan.store.join("observations").join(&*found.profile.name);
        Ok(Self {
            network: found.profile.name.to_string(),
            entity,
            digests: Digests {
                profile: digest::hex(&found.text),
                config: digest::hex(config.text()),
            },
            synthetic: plan.synthetic,
            vantage: plan.vantage.clone(),
            pipeline: warm.pipeline,
            interned: warm.interned,
            peers: warm.peers,
            standing: warm.standing,
            segments,
            store: Arc::clone(store),
            folder: absolute(&folder),
            keep_series: config.store.keep_series(),
            known: warm.known,
            unkept: warm.news,
            ticks: Ticks::default(),
            saved: Timestamp::EPOCH,
            synced: Timestamp::EPOCH,
            pruned: Timestamp::EPOCH,
            trouble: None,
        })
    }

    /// Tells what an earlier run left half written.
    fn tell_cut_off(&self, events: &Events) {
        if let Some(cut_off) = self.segments.cut_off() {
            let says = format!(
                "falter was killed: {} octets that were half written are cut away from {}",
                cut_off.octets,
                cut_off.path.display()
            );
            self.health("store", true, &says, events);
        }
    }

    /// Watches until `stop`, or until no source is left; true if an outage goes on.
    pub(super) fn run(
        mut self,
        mut told: Told,
        runtime: &Handle,
        stop: &CancellationToken,
        events: &Events,
    ) -> Result<bool, Failure> {
        self.begin(events)?;
        loop {
            let line = runtime.block_on(async {
                let second = Duration::from_micros(until_next_second(SystemClock.now()));
                tokio::select! {
                    () = stop.cancelled() => Next::End,
                    line = told.next() => line.map_or(Next::End, Next::Line),
                    () = tokio::time::sleep(second) => Next::Second,
                }
            });
            self.tick(events)?;
            match line {
                Next::Line(line) => self.take(&line, events),
                Next::Second => {}
                Next::End => break,
            }
        }
        // What sources told before they ended.
        while let Some(line) = told.next_now() {
            self.take(&line, events);
        }
        self.tick(events)?;
        self.settle(SystemClock.now(), true, events);
        self.segments.sync().map_err(Failure::failed)?;
        Ok(self.known.any_going_on())
    }

    /// What was known of routes before falter was started is not known any more.
    fn begin(&mut self, events: &Events) -> Result<(), Failure> {
        self.tick(events)?;
        self.tell_cut_off(events);
        self.blindfold("falter was not running", events)
    }

    /// All peers are down, for a reason that is ours.
    fn blindfold(&mut self, reason: &str, events: &Events) -> Result<(), Failure> {
        let at = self.ticks.known_at(SystemClock.now());
        let up: Vec<_> = self.peers.iter().filter(|(_, up)| **up).map(|(peer, _)| *peer).collect();
        for peer in up {
            let change = PeerChange { peer, state: PeerState::Down, reason: Some(reason.into()) };
            let mut line = Vec::new();
            let observation = Observation { at, fact: Fact::Peer(change) };
            write_line(&mut line, &observation, &self.interned).map_err(Failure::failed)?;
            self.take(&line, events);
        }
        Ok(())
    }

    /// Tells the seconds that have begun, and what came out of those before.
    fn tick(&mut self, events: &Events) -> Result<(), Failure> {
        let due = self.ticks.due(SystemClock.now());
        for at in due.ticks {
            let mut line = Vec::new();
            write_line(&mut line, &Observation::tick(at), &self.interned)
                .map_err(Failure::failed)?;
            self.take(&line, events);
            self.settle(at, false, events);
        }
        if let Some(unseen) = due.unseen {
            let says =
                format!("nobody looked for {unseen}: the machine slept or its clock was set");
            self.health("clock", false, &says, events);
            self.blindfold("nobody looked", events)?;
        }
        Ok(())
    }

    /// Takes a line: keeps it, then judges what it says as it was kept.
    fn take(&mut self, line: &[u8], events: &Events) {
        let observation = match read_line(line, &mut self.interned) {
            Ok(observation) => observation,
            Err(error) => {
                self.bad_line(&error, events);
                return;
            }
        };
        warm_up::note_peer(&observation, &mut self.peers);
        // By the last tick, which so is the first line of every file.
        let at = self.ticks.last().unwrap_or_else(|| SystemClock.now());
        let head = Head {
            network: &self.network,
            vantage: &self.vantage,
            synthetic: self.synthetic,
            profile: &self.digests.profile,
            standing: &self.standing,
            interned: &self.interned,
        };
        if let Err(error) = self.segments.append(at, line, |before| head.line(at, before)) {
            self.keep_trouble(Some(&error), events);
        }
        self.standing.note(&observation, &self.interned);
        self.pipeline.push(&observation, &self.interned);
    }

    /// Keeps what came out, after the observations that it rests on.
    fn settle(&mut self, at: Timestamp, is_end: bool, events: &Events) {
        let news = self.pipeline.take_news();
        let is_told = !news.outages.is_empty();
        self.unkept.add(news);
        let due = |last: Timestamp, every: Span| is_end || at - last >= every;
        let series_due = due(self.saved, SERIES_EVERY);
        let must_save = is_told || !self.unkept.outages.is_empty() || series_due;
        let written = if must_save || due(self.synced, SYNC_EVERY) {
            self.synced = at;
            self.segments.sync()
        } else {
            self.segments.flush()
        };
        let failed = written.err().map(anyhow::Error::from);
        let failed = match failed {
            None if must_save => self.save(series_due).err().map(anyhow::Error::from),
            failed => failed,
        };
        if failed.is_none() && must_save {
            self.tell(at, events);
            if series_due {
                self.saved = at;
            }
        }
        self.keep_trouble(failed.as_ref(), events);
        if due(self.pruned, PRUNE_EVERY) && !is_end {
            self.pruned = at;
            if let Err(error) = self.prune(at) {
                self.keep_trouble(Some(&error), events);
            }
        }
    }

    /// Removes what is older or more than shall be kept.
    fn prune(&self, at: Timestamp) -> anyhow::Result<()> {
        let pruned = self.segments.prune(at)?;
        if let Some(last) = pruned.files.last() {
            let (files, octets) = (pruned.files.len(), pruned.octets);
            tracing::info!(files, octets, last = %last.display(), "Old observations were removed.");
        }
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let days = store.prune_series(at - self.keep_series)?;
        if days > 0 {
            tracing::info!(days, "Old days of series were removed.");
        }
        Ok(())
    }

    /// Puts what was not kept yet into the store.
    fn save(&mut self, with_series: bool) -> Result<(), falter_store::StoreError> {
        let inputs =
            [falter_store::Input { path: self.folder.clone(), digest: String::new(), offset: 0 }];
        let (series, blind): (&[Series], &[Blind]) =
            if with_series { (&self.unkept.series, &self.unkept.blind) } else { (&[], &[]) };
        let replay = falter_store::Replay {
            network: Some(&self.network),
            // A watch has no end: it is one, however often falter is started.
            from: None,
            until: None,
            synthetic: self.synthetic,
            time_scale: None,
            digests: falter_store::Digests {
                profile: Some(&self.digests.profile),
                config: &self.digests.config,
                fit: falter_explain::Fit::built_in().digest(),
            },
            inputs: &inputs,
            outages: &self.unkept.outages,
            series,
            blind,
        };
        self.store.lock().unwrap_or_else(PoisonError::into_inner).save(&replay)?;
        if with_series {
            self.unkept.series.clear();
            self.unkept.blind.clear();
        }
        Ok(())
    }

    /// Tells outages that are kept.
    fn tell(&mut self, at: Timestamp, events: &Events) {
        let kept: Vec<Outage> = std::mem::take(&mut self.unkept.outages);
        for outage in kept.iter().filter(|outage| outage.entity == self.entity) {
            if let Some(event) = self.known.event(outage) {
                events.tell(at, Some(&self.network), &event);
            }
        }
    }

    fn bad_line(&self, error: &LineError, events: &Events) {
        let says = format!("a line of a recording was not understood: {error}");
        self.health("lines", false, &says, events);
    }

    /// Tells once that keeping fails, and once that it works again.
    fn keep_trouble(&mut self, error: Option<&(impl std::fmt::Display + ?Sized)>, events: &Events) {
        let says = error.map(|error| format!("{error:#}"));
        if says != self.trouble {
            let words = says.as_deref().unwrap_or("observations and outages are kept again");
            self.health("store", says.is_none(), words, events);
            self.trouble = says;
        }
    }

    fn health(&self, source: &str, ok: bool, says: &str, events: &Events) {
        let at = self.ticks.known_at(SystemClock.now());
        events.tell(at, Some(&self.network), &Event::Health { source, ok, says });
    }
}

/// What comes next.
enum Next {
    Line(Vec<u8>),
    Second,
    End,
}

/// What the first line of a file of observations says.
struct Head<'a> {
    network: &'a str,
    vantage: &'a VantagePoint,
    synthetic: bool,
    profile: &'a str,
    standing: &'a Standing,
    interned: &'a Interned,
}

impl Head<'_> {
    /// The first line of a file that begins at `at` and goes on from `before`.
    fn line(&self, at: Timestamp, before: Option<&Path>) -> Vec<u8> {
        let mut header = RecordingHeader::new(Some(self.network), at);
        header.synthetic = self.synthetic;
        header.vantage_points = vec![self.vantage.clone()];
        header.digests.insert("profile".to_owned(), self.profile.to_owned());
        header.follows = before.and_then(begun_at);
        // What has a recorded form was read from it; a header of ours can always be written.
        header.starts_from = self.standing.starts_from(at, self.interned).unwrap_or_default();
        let mut line = serde_json::to_vec(&header).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

/// When a file of observations began, as it says.
fn begun_at(file: &Path) -> Option<Timestamp> {
    let inputs = Inputs::open(&[file.to_owned().into()]).ok()?;
    inputs.recording_headers().first()?.from
}

/// Microseconds until the next whole second.
fn until_next_second(now: Timestamp) -> u64 {
    (1_000_000 - now.micros().rem_euclid(1_000_000)).unsigned_abs()
}

fn absolute(folder: &Path) -> String {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()).display().to_string()
}
