//! The watcher of one network: a plain thread that takes lines, keeps them, pushes them through the
//! pipeline, and keeps and tells what came of them; in this order, each second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use falter_model::{
    Blind, Clock, Fact, Interned, Observation, Outage, Profile, Span, Timestamp, VantagePoint,
};
use falter_sources::clock::{self, SystemClock};
use falter_sources::live::Told as Lines;
use falter_sources::probing::Attention;
use falter_sources::recording::{RecordingHeader, read_line, write_line};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::board::Network;
use super::concerns::Concerns;
use super::event::{Event, What};
use super::events::Events;
use super::kept::Kept;
use super::met::Met;
use super::pace::{Beat, Pace};
use super::sessions::Sessions;
use super::status::{Said, SourceState, Status, blind_because};
use super::told::Told;
use super::trust::Trust;
use super::{Time, warm_up};
use crate::pipeline::{News, Pipeline};

/// So many lines are worked on at once though the second is not over: bounds what waits in memory.
const MOST_AT_ONCE: usize = 20_000;

/// So many octets of lines wait while they can't be kept; what comes then is not taken.
const MOST_WAITING_OCTETS: usize = 64 << 20;

/// Series are kept this often, or with an outage: a bin that is told lasts a minute or five.
const SERIES_EVERY: Span = Span::from_minutes(1);

/// What was flushed reaches the disk at least this often; what outages rest on does at once.
const SYNC_EVERY: Span = Span::from_seconds(5);

/// Observations are pruned so often.
const PRUNED_EVERY: Duration = Duration::from_mins(10);

/// See the module.
pub(super) struct Watcher {
    pub(super) profile: Arc<Profile>,
    pub(super) vantage: VantagePoint,
    pub(super) time: Time,
    pub(super) warm_up: Span,
    pub(super) keep_series: Span,
    pub(super) stop: CancellationToken,
    /// Cancelled once what was kept is read: then sources begin.
    pub(super) warm: CancellationToken,
    pub(super) kept: Kept,
    /// `None` where observations are recorded only.
    pub(super) pipeline: Option<Pipeline>,
    pub(super) events: Events,
    pub(super) sources: Vec<Status>,
    pub(super) interned: Interned,
    pub(super) sessions: Sessions,
    pub(super) told: Told,
    pub(super) work: Work,
    pub(super) concerns: Concerns,
    pub(super) is_passive: bool,
    /// By which probing is told how quickly to ask.
    pub(super) attention: Attention,
    /// Addresses that probing asks too.
    pub(super) met: Met,
}

/// What was taken and not yet worked on.
#[derive(Debug, Default)]
pub(super) struct Work {
    lines: Vec<u8>,
    /// All that waits, in the segments' own memory too.
    octets: usize,
    observations: Vec<Observation>,
    /// What became known and is not in the store yet.
    news: News,
    saved: Option<Timestamp>,
    synced: Option<Timestamp>,
    /// Lines that were not taken since the last second, and why.
    dropped: u64,
    why_dropped: &'static str,
    /// Routes were among them: what peers told before is not known any more.
    dropped_routes: bool,
    /// The latest moment that was told.
    pub(super) now: Option<Timestamp>,
}

impl Watcher {
    /// Watches until no source is left.
    pub(super) fn run(mut self, mut lines: Lines, runtime: &Handle) {
        let began = clock::monotonic();
        let usual = self.warm_up;
        let warmed = match warm_up::warm_up(&mut self, usual) {
            Ok(warmed) => warmed,
            Err(error) => {
                let says = format!("what was kept can't be read, begins anew: {error:#}");
                self.health("store", false, says);
                warm_up::Warmed::default()
            }
        };
        self.warm.cancel();
        self.tell(What::Watching {
            since: warmed.reached,
            warmed_up_on: warmed.observations,
            passive: self.is_passive,
        });
        match self.time {
            Time::Wall => self.by_the_wall(&mut lines, runtime, warmed.reached, began),
            Time::Lines => self.by_the_lines(&mut lines, runtime, warmed.reached),
        }
        self.finish();
    }

    /// A second is a second of the wall.
    fn by_the_wall(
        &mut self,
        lines: &mut Lines,
        runtime: &Handle,
        reached: Option<Timestamp>,
        began: Instant,
    ) {
        if let Some(reached) = reached {
            self.mark_gap(reached, SystemClock.now());
        }
        let mut pace = Pace::after(reached);
        let mut trust = Trust::new(self.vantage.id.clone());
        let mut pruned = None;
        loop {
            self.events.board().of(&self.profile.name, Network::goes_on);
            let wait = Pace::until_next(SystemClock.now());
            let next = self.next(lines, runtime, wait);
            let mut beat = pace.look(SystemClock.now(), began.elapsed());
            self.note(&beat, &mut trust);
            let mut line = match &next {
                Next::Line(line) => Some(line.clone()),
                Next::Pause | Next::End => None,
            };
            while let Some(this) = line.take() {
                let doubt = |seen: &Observation, now| match seen.fact {
                    Fact::Tick => Some("a tick"),
                    _ if beat.is_behind => Some("the clock is behind"),
                    _ => trust.doubt(seen, now),
                };
                self.take(&this, doubt);
                if self.work.observations.len() < MOST_AT_ONCE {
                    line = lines.next_now();
                }
            }
            if let Some(tick) = beat.tick.take() {
                self.take_own(&Observation::tick(tick));
                self.do_work();
                self.look_at_sources();
                if pruned.is_none_or(|last: Instant| last.elapsed() >= PRUNED_EVERY) {
                    pruned = Some(clock::monotonic());
                    let result = self.kept.prune(tick, self.keep_series);
                    self.concern("pruning", "old observations are removed", result);
                }
            } else if self.work.observations.len() >= MOST_AT_ONCE {
                self.do_work();
            }
            if matches!(next, Next::End) {
                return;
            }
        }
    }

    /// The lines bring their own ticks: they are the time.
    fn by_the_lines(&mut self, lines: &mut Lines, runtime: &Handle, reached: Option<Timestamp>) {
        let mut before = reached;
        loop {
            self.events.board().of(&self.profile.name, Network::goes_on);
            let line = match self.next(lines, runtime, A_SECOND) {
                Next::Line(line) => line,
                Next::Pause => continue,
                Next::End => return,
            };
            let Some(at) = self.take(&line, |_, _| None) else { continue };
            if let Some(reached) = before.take()
                && at - reached > GAP
            {
                self.mark_gap_before_last(reached, at);
            }
            let is_second = self.work.observations.last().is_some_and(|o| o.fact == Fact::Tick);
            if is_second || self.work.observations.len() >= MOST_AT_ONCE {
                self.do_work();
                self.look_at_sources();
            }
        }
    }

    /// What comes next, waited for no longer than `wait`. Once it is time to stop, what sources still tell
    /// is waited for shortly: one that is blocked in a read can't end.
    fn next(&self, lines: &mut Lines, runtime: &Handle, wait: Duration) -> Next {
        runtime.block_on(async {
            let stopping = self.stop.is_cancelled();
            let wait = if stopping { LAST_WORDS } else { wait };
            tokio::select! {
                biased;
                line = lines.next() => line.map_or(Next::End, Next::Line),
                () = tokio::time::sleep(wait) => if stopping { Next::End } else { Next::Pause },
                () = self.stop.cancelled(), if !stopping => Next::Pause,
            }
        })
    }

    /// Takes a line unless it can't be read or is doubted; gives its time.
    fn take(
        &mut self,
        line: &[u8],
        doubt: impl Fn(&Observation, Timestamp) -> Option<&'static str>,
    ) -> Option<Timestamp> {
        let observation = match read_line(line, &mut self.interned) {
            Ok(observation) => observation,
            Err(error) => {
                if let Ok(header) = serde_json::from_slice::<RecordingHeader>(line) {
                    self.join(&header.vantage_points);
                    return None;
                }
                tracing::warn!(%error, "Line dropped.");
                return None;
            }
        };
        let why = if self.work.octets + line.len() > MOST_WAITING_OCTETS {
            Some("observations can't be kept")
        } else {
            doubt(&observation, self.now())
        };
        if let Some(why) = why {
            if observation.fact != Fact::Tick {
                self.work.dropped += 1;
                self.work.why_dropped = why;
                self.work.dropped_routes |= is_of_routes(&observation.fact);
            }
            return None;
        }
        let at = observation.at;
        self.met.observe(&observation.fact, &self.profile.prefixes);
        self.work.lines.extend_from_slice(line);
        self.work.octets += line.len();
        self.work.observations.push(observation);
        Some(at)
    }

    /// Others observe too: those of a recording that joins.
    fn join(&mut self, points: &[VantagePoint]) {
        self.kept.join(points);
        if let Some(pipeline) = &mut self.pipeline {
            pipeline.join(points);
        }
    }

    /// Takes what the watcher itself knows.
    fn take_own(&mut self, observation: &Observation) {
        let mut line = Vec::with_capacity(64);
        match write_line(&mut line, observation, &self.interned) {
            Ok(()) => _ = self.take(&line, |_, _| None),
            Err(error) => tracing::error!(%error, "Own observation dropped."),
        }
    }

    /// Keeps the lines, pushes them, keeps what came of them, tells it. What fails is tried again the
    /// next second, and nothing that comes after it is done before.
    fn do_work(&mut self) {
        if !self.work.observations.is_empty() {
            let kept = self.keep_lines();
            if !self.concern("observations", "they are kept", kept) {
                return;
            }
            self.work.octets = 0;
            for observation in self.work.observations.drain(..) {
                self.sessions.observe(&observation);
                self.kept.note(&observation, &self.interned);
                if let Some(pipeline) = &mut self.pipeline {
                    pipeline.push(&observation, &self.interned);
                }
                self.work.now = self.work.now.max(Some(observation.at));
            }
        }
        if self.work.dropped > 0 {
            let (dropped, why) = (std::mem::take(&mut self.work.dropped), self.work.why_dropped);
            tracing::warn!(network = %self.profile.name, dropped, why, "Observations not taken.");
        }
        if std::mem::take(&mut self.work.dropped_routes) {
            let now = self.work.now.unwrap_or(Timestamp::EPOCH);
            for ended in self.sessions.end(now, &self.interned) {
                self.take_own(&ended);
            }
        }
        let name = self.profile.name.clone();
        let reached = self.work.now;
        self.events.board().of(&name, |shown| shown.now = reached);
        if let Some(pipeline) = &mut self.pipeline {
            self.attention.set_unsure(pipeline.is_unsure());
            self.work.news.add(pipeline.take_news());
        }
        let due = |last: Option<Timestamp>, every| match (last, reached) {
            (Some(last), Some(reached)) => reached - last >= every,
            _ => true,
        };
        if !self.work.news.outages.is_empty() || due(self.work.saved, SERIES_EVERY) {
            self.keep_news();
        } else if due(self.work.synced, SYNC_EVERY) {
            let synced = self.kept.sync();
            self.concern("observations", "they are kept", synced);
            self.work.synced = reached;
        }
    }

    /// Appends the lines and flushes them. They belong to the hour that was reached before them, so that
    /// a segment begins with a time that everything in the one before it had reached.
    fn keep_lines(&mut self) -> anyhow::Result<()> {
        let first = self.work.observations.first().map(|first| first.at);
        let reached = self.work.now.or(first).unwrap_or(Timestamp::EPOCH);
        // What could not be written before comes first, in a segment that perhaps could not be begun.
        // Whether that worked, flushing tells.
        drop(self.kept.append(&[], reached, &self.interned));
        self.kept.flush()?;
        // From here on they wait with the segments.
        let lines = std::mem::take(&mut self.work.lines);
        self.kept.append(&lines, reached, &self.interned)?;
        self.kept.flush()
    }

    /// Keeps what is new, after the observations that it rests on, then tells it. What can't be kept now
    /// is kept later, and not told before.
    fn keep_news(&mut self) {
        let kept = self.kept.keep(&self.work.news);
        if self.concern("store", "it is written", kept) {
            (self.work.saved, self.work.synced) = (self.work.now, self.work.now);
            let news = std::mem::take(&mut self.work.news);
            self.tell_news(&news);
        }
    }

    /// Tells what is in the store.
    pub(super) fn tell_news(&mut self, news: &News) {
        let (name, own) = (self.profile.name.clone(), self.profile.entity());
        self.events.board().of(&name, |shown| {
            shown.take_series(&own, &news.series);
            news.outages.iter().for_each(|outage| shown.take_outage(outage));
        });
        for outage in &news.outages {
            if let Some(what) = self.told.event(outage) {
                self.tell(what);
            }
        }
        for blind in &news.blind {
            if self.told.is_new_blind(blind) {
                self.tell(What::Blind { blind: blind.clone() });
            }
        }
    }

    /// Nobody watched in this time: what peers told before is unknown after it.
    fn mark_gap(&mut self, from: Timestamp, until: Timestamp) {
        for ended in self.sessions.end(from, &self.interned) {
            self.take_own(&ended);
        }
        self.tell_gap(from, until);
    }

    /// The same where the first line after the gap was taken already.
    fn mark_gap_before_last(&mut self, from: Timestamp, until: Timestamp) {
        let last = self.work.observations.pop();
        self.work.lines.clear();
        self.mark_gap(from, until);
        if let Some(last) = last {
            self.take_own(&last);
        }
    }

    fn tell_gap(&mut self, from: Timestamp, until: Timestamp) {
        let blind = Blind {
            entity: self.profile.entity(),
            vantage: self.vantage.id.clone(),
            from,
            until,
            why: "not watching".into(),
        };
        self.work.news.add(News { blind: vec![blind], ..News::default() });
    }

    /// Takes note of what the clocks show.
    fn note(&mut self, beat: &Beat, trust: &mut Trust) {
        if let Some((from, until)) = beat.untrusted {
            trust.lose(from, until);
        }
        if let Some(late) = beat.late {
            let says = format!("came {late} too late: too busy, or asleep; not measured");
            self.health("cpu", false, says);
        } else if beat.tick.is_some() {
            self.well("cpu", "in time");
        }
        if let Some(jump) = beat.jump {
            self.health("clock", false, format!("jumped by {jump}; not measured"));
        } else if beat.tick.is_some() {
            self.well("clock", "goes on");
        }
    }

    /// Tells which sources changed, and whether any of them sees.
    fn look_at_sources(&mut self) {
        let sources: Vec<Said> = self.sources.iter().map(Status::said).collect();
        let is = |state: SourceState| sources.iter().any(|source| source.state == state);
        if self.time == Time::Lines || is(SourceState::Up) {
            self.well("sources", "one sees again");
        } else if !is(SourceState::Starting) {
            let says = blind_because(&sources, &self.profile.name);
            self.health("sources", false, says);
        }
        match sources.iter().find_map(|source| source.lacks.clone()) {
            Some(lacks) => self.health("table", false, format!("none to begin with: {lacks}")),
            None => self.well("table", "there is one to begin with"),
        }
        for (place, said) in sources.into_iter().enumerate() {
            if self.concerns.source_changed(place, &said.state)
                && said.state != SourceState::Starting
            {
                self.tell(What::Source { source: said.name, state: said.state });
            }
        }
    }

    /// What watching ends with. An outage that goes on stays so in the store; what is not sure yet is
    /// judged again from the observations after a restart, unless the lines themselves have ended.
    fn finish(&mut self) {
        self.do_work();
        self.look_at_sources();
        if let Some(mut pipeline) = self.pipeline.take() {
            let findings = pipeline.end(&self.interned);
            let known = |outage: &Outage| self.time == Time::Lines || self.told.knows(&outage.id);
            let outages = findings.outages.into_iter().filter(known).collect();
            let (series, blind) = (findings.series, Vec::new());
            self.work.news.add(News { outages, series, blind });
        }
        self.keep_news();
        let synced = self.kept.sync();
        self.concern("observations", "they are kept", synced);
        self.tell(What::Stopped);
    }

    /// Tells trouble once, and once that it is over; true where all is well.
    fn concern(
        &mut self,
        concern: &'static str,
        what: &'static str,
        result: anyhow::Result<()>,
    ) -> bool {
        match result {
            Ok(()) => {
                self.well(concern, what);
                true
            }
            Err(error) => {
                self.health(concern, false, format!("{error:#}"));
                false
            }
        }
    }

    fn well(&mut self, concern: &'static str, what: &str) {
        if self.concerns.is_trouble(concern) {
            self.health(concern, true, what.to_owned());
        }
    }

    fn health(&mut self, concern: &'static str, well: bool, says: String) {
        if !self.concerns.note(concern, (!well).then_some(says.as_str())) {
            return;
        }
        let name = self.profile.name.clone();
        let trouble = (!well).then(|| says.clone());
        self.events.board().of(&name, |shown| match trouble {
            Some(trouble) => _ = shown.troubles.insert(concern, trouble),
            None => _ = shown.troubles.remove(concern),
        });
        tracing::warn!(network = %name, concern, well, says, "Health.");
        self.tell(What::Health { concern, well, says });
    }

    pub(super) fn tell(&self, what: What) {
        let network = Some(self.profile.name.clone());
        self.events.tell(Event { at: self.now(), network, what });
    }

    /// The moment that has come: of the wall, or of the lines.
    pub(super) fn now(&self) -> Timestamp {
        let of_lines = || {
            let waiting = self.work.observations.last().map(|last| last.at);
            waiting.max(self.work.now)
        };
        match self.time {
            Time::Wall => SystemClock.now().max(of_lines().unwrap_or(Timestamp::MIN)),
            Time::Lines => of_lines().unwrap_or_else(|| SystemClock.now()),
        }
    }
}

/// What comes next.
enum Next {
    Line(Vec<u8>),
    Pause,
    End,
}

/// A change that is missed makes all that its peer told before doubtful.
const fn is_of_routes(fact: &Fact) -> bool {
    matches!(fact, Fact::Route(_) | Fact::Peer(_) | Fact::RibEnd(_))
}

/// What sources say when they are told to end arrives within this.
const LAST_WORDS: Duration = Duration::from_millis(300);

const A_SECOND: Duration = Duration::from_secs(1);

/// Lines that follow so closely on what was kept left nothing out: a tick comes each second.
const GAP: Span = Span::from_seconds(2);
