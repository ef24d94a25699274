//! The watcher of one network: a plain thread that takes lines, keeps them, pushes them through the
//! pipeline, and keeps and tells what came of them; in this order, each second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use falter_model::{
    Blind, Clock, Fact, Interned, Observation, Outage, Profile, Timestamp, VantagePoint,
};
use falter_sources::clock::{self, SystemClock};
use falter_sources::live::Told as Lines;
use falter_sources::recording::{read_line, write_line};
use tokio::runtime::Handle;

use super::board::Board;
use super::event::{Event, What};
use super::events::Events;
use super::kept::{Kept, Limits};
use super::pace::{Beat, Pace};
use super::sessions::Sessions;
use super::status::{SourceState, Status};
use super::told::Told;
use super::trust::Trust;
use super::{Concerns, Time, warm_up};
use crate::pipeline::{News, Pipeline};

/// So many lines are worked on at once though the second is not over: bounds what waits in memory.
const MOST_AT_ONCE: usize = 20_000;

/// So many octets of lines wait while they can't be kept; what comes then is not taken.
const MOST_WAITING_OCTETS: usize = 64 << 20;

/// Observations are pruned so often.
const PRUNED_EVERY: Duration = Duration::from_mins(10);

/// See the module.
pub(super) struct Watcher {
    pub(super) profile: Arc<Profile>,
    pub(super) vantage: VantagePoint,
    pub(super) time: Time,
    pub(super) limits: Limits,
    pub(super) kept: Kept,
    pub(super) pipeline: Pipeline,
    pub(super) events: Events,
    pub(super) board: Board,
    pub(super) sources: Vec<Status>,
    pub(super) interned: Interned,
    pub(super) sessions: Sessions,
    pub(super) told: Told,
    pub(super) work: Work,
    pub(super) concerns: Concerns,
    pub(super) is_passive: bool,
}

/// What was taken and not yet worked on.
#[derive(Debug, Default)]
pub(super) struct Work {
    lines: Vec<u8>,
    observations: Vec<Observation>,
    /// What became known and is not in the store yet.
    news: Option<News>,
    /// Lines that were not taken since the last second, and why.
    dropped: u64,
    why_dropped: &'static str,
    /// The latest moment that was told.
    pub(super) now: Option<Timestamp>,
}

impl Watcher {
    /// Watches until no source is left.
    pub(super) fn run(mut self, mut lines: Lines, runtime: &Handle) {
        let began = clock::monotonic();
        let warmed = match warm_up::warm_up(&mut self) {
            Ok(warmed) => warmed,
            Err(error) => {
                let says = format!("what was kept can't be read, begins anew: {error:#}");
                self.health("store", false, says);
                warm_up::Warmed::default()
            }
        };
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
            let wait = Pace::until_next(SystemClock.now());
            let next = runtime.block_on(async { tokio::time::timeout(wait, lines.next()).await });
            let is_end = matches!(next, Ok(None));
            let mut beat = pace.look(SystemClock.now(), began.elapsed());
            self.note(&beat, &mut trust);
            let mut line = next.ok().flatten();
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
                    let result = self.kept.prune(tick, self.limits);
                    self.concern("store", "observations are pruned", result);
                }
            } else if self.work.observations.len() >= MOST_AT_ONCE {
                self.do_work();
            }
            if is_end {
                return;
            }
        }
    }

    /// The lines bring their own ticks: they are the time.
    fn by_the_lines(&mut self, lines: &mut Lines, runtime: &Handle, reached: Option<Timestamp>) {
        let mut before = reached;
        while let Some(line) = runtime.block_on(lines.next()) {
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

    /// Takes a line unless it can't be read or is doubted; gives its time.
    fn take(
        &mut self,
        line: &[u8],
        doubt: impl Fn(&Observation, Timestamp) -> Option<&'static str>,
    ) -> Option<Timestamp> {
        let observation = match read_line(line, &mut self.interned) {
            Ok(observation) => observation,
            Err(error) => {
                tracing::warn!(%error, "Line dropped.");
                return None;
            }
        };
        let why = if self.work.lines.len() + line.len() > MOST_WAITING_OCTETS {
            Some("observations can't be kept")
        } else {
            doubt(&observation, self.now())
        };
        if let Some(why) = why {
            if observation.fact != Fact::Tick {
                self.work.dropped += 1;
                self.work.why_dropped = why;
            }
            return None;
        }
        let at = observation.at;
        self.work.lines.extend_from_slice(line);
        self.work.observations.push(observation);
        Some(at)
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
        let now = self.now();
        if !self.work.lines.is_empty() {
            let kept = self.kept.append(&self.work.lines, now);
            if !self.concern("disk", "observations are kept", kept) {
                return;
            }
            self.work.lines.clear();
            for observation in self.work.observations.drain(..) {
                self.sessions.observe(&observation);
                self.pipeline.push(&observation, &self.interned);
                self.work.now = self.work.now.max(Some(observation.at));
            }
        }
        if self.work.dropped > 0 {
            let (dropped, why) = (std::mem::take(&mut self.work.dropped), self.work.why_dropped);
            tracing::warn!(network = %self.profile.name, dropped, why, "Observations not taken.");
        }
        let name = self.profile.name.clone();
        let reached = self.work.now;
        self.board.of(&name, |shown| shown.now = reached);
        if self.keep_news() {
            let news = self.pipeline.take_news();
            self.work.news = (!news.is_empty()).then_some(news);
            self.keep_news();
        }
    }

    /// Keeps what is new, then tells it; false where it could not be kept.
    fn keep_news(&mut self) -> bool {
        let Some(news) = self.work.news.take() else { return true };
        let kept = self.kept.keep(&news);
        if !self.concern("store", "outages are kept", kept) {
            self.work.news = Some(news);
            return false;
        }
        self.tell_news(&news);
        true
    }

    /// Tells what is in the store.
    pub(super) fn tell_news(&mut self, news: &News) {
        let (name, own) = (self.profile.name.clone(), self.profile.entity());
        self.board.of(&name, |shown| {
            shown.take_series(&own, &news.series);
            news.outages.iter().for_each(|outage| shown.take_outage(outage));
        });
        for outage in &news.outages {
            if let Some(what) = self.told.event(outage) {
                self.tell(what);
            }
        }
        for blind in &news.blind {
            self.tell(What::Blind { blind: blind.clone() });
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
        self.work.news = Some(News { blind: vec![blind], ..News::default() });
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

    /// Tells which sources changed.
    fn look_at_sources(&mut self) {
        for (place, status) in self.sources.clone().iter().enumerate() {
            let said = status.said();
            if self.concerns.source_changed(place, &said.state) && said.state != SourceState::Starting
            {
                self.tell(What::Source { source: said.name, state: said.state });
            }
        }
    }

    /// What watching ends with. An outage that goes on stays so in the store; what is not sure yet is
    /// judged again from the observations after a restart, unless the lines themselves have ended.
    fn finish(mut self) {
        self.do_work();
        self.look_at_sources();
        let (time, pipeline) = (self.time, std::mem::replace(&mut self.pipeline, warm_up::nothing()));
        let findings = pipeline.finish(&self.interned);
        let known = |outage: &Outage| time == Time::Lines || self.told.knows(&outage.id);
        let outages = findings.outages.into_iter().filter(known).collect();
        self.work.news = Some(News { outages, series: findings.series, blind: Vec::new() });
        self.keep_news();
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
        self.board.of(&name, |shown| match trouble {
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
            Time::Lines => of_lines().unwrap_or(Timestamp::EPOCH),
        }
    }
}

/// Lines that follow so closely on what was kept left nothing out: a tick comes each second.
const GAP: falter_model::Span = falter_model::Span::from_seconds(2);
