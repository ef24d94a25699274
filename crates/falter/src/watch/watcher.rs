//! The watcher of one network: a plain thread that takes lines, keeps them, pushes them through the
//! pipeline, and keeps and tells what came of them; in this order, each second.

mod telling;
mod work;

pub(super) use work::Work;

use std::sync::Arc;
use std::time::{Duration, Instant};

use falter_model::{
    Clock, Fact, Interned, Observation, Outage, Profile, Span, Timestamp, VantagePoint,
};
use falter_sources::clock::{self, SystemClock};
use falter_sources::live::Told as Lines;
use falter_sources::probing::Attention;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::board::Network;
use super::concerns::Concerns;
use super::event::What;
use super::events::Events;
use super::kept::Kept;
use super::met::Met;
use super::pace::Pace;
use super::sessions::Sessions;
use super::status::Status;
use super::told::Told;
use super::trust::Trust;
use super::{Time, warm_up};
use crate::pipeline::{News, Pipeline};

/// So many lines are worked on at once though the second is not over: bounds what waits in memory.
const MOST_AT_ONCE: usize = 20_000;

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
}

/// What comes next.
enum Next {
    Line(Vec<u8>),
    Pause,
    End,
}

/// What sources say when they are told to end arrives within this.
const LAST_WORDS: Duration = Duration::from_millis(300);

const A_SECOND: Duration = Duration::from_secs(1);

/// Lines that follow so closely on what was kept left nothing out: a tick comes each second.
const GAP: Span = Span::from_seconds(2);
