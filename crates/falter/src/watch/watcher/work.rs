//! What a watcher does with lines: takes them, keeps them, pushes them through the pipeline, keeps what came of
//! them. What fails is tried again, and nothing that comes after it is done before.

use falter_model::{Blind, Fact, Observation, Span, Timestamp, VantagePoint};
use falter_sources::recording::{RecordingHeader, read_line, write_line};

use super::Watcher;
use crate::pipeline::News;

/// So many octets of lines wait while they can't be kept; what comes then is not taken.
const MOST_WAITING_OCTETS: usize = 64 << 20;

/// Series are kept this often, or with an outage: a bin that is told lasts a minute or five.
const SERIES_EVERY: Span = Span::from_minutes(1);

/// What was flushed reaches the disk at least this often; what outages rest on does at once.
const SYNC_EVERY: Span = Span::from_seconds(5);

/// What was taken and not yet worked on.
#[derive(Debug, Default)]
pub(in crate::watch) struct Work {
    pub(super) lines: Vec<u8>,
    /// All that waits, in the segments' own memory too.
    pub(super) octets: usize,
    pub(super) observations: Vec<Observation>,
    /// What became known and is not in the store yet.
    pub(super) news: News,
    saved: Option<Timestamp>,
    synced: Option<Timestamp>,
    /// Lines that were not taken since the last second, and why.
    dropped: u64,
    why_dropped: &'static str,
    /// Routes were among them: what peers told before is not known any more.
    dropped_routes: bool,
    /// The latest moment that was told.
    pub(in crate::watch) now: Option<Timestamp>,
}

impl Watcher {
    /// Takes a line unless it can't be read or is doubted; gives its time.
    pub(super) fn take(
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
    pub(super) fn take_own(&mut self, observation: &Observation) {
        let mut line = Vec::with_capacity(64);
        match write_line(&mut line, observation, &self.interned) {
            Ok(()) => _ = self.take(&line, |_, _| None),
            Err(error) => tracing::error!(%error, "Own observation dropped."),
        }
    }

    /// Keeps the lines, pushes them, keeps what came of them, tells it. What fails is tried again the
    /// next second, and nothing that comes after it is done before.
    pub(super) fn do_work(&mut self) {
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
    pub(super) fn keep_news(&mut self) {
        let kept = self.kept.keep(&self.work.news);
        if self.concern("store", "it is written", kept) {
            (self.work.saved, self.work.synced) = (self.work.now, self.work.now);
            let news = std::mem::take(&mut self.work.news);
            self.tell_news(&news);
        }
    }

    /// Nobody watched in this time: what peers told before is unknown after it.
    pub(super) fn mark_gap(&mut self, from: Timestamp, until: Timestamp) {
        for ended in self.sessions.end(from, &self.interned) {
            self.take_own(&ended);
        }
        self.tell_gap(from, until);
    }

    /// The same where the first line after the gap was taken already.
    pub(super) fn mark_gap_before_last(&mut self, from: Timestamp, until: Timestamp) {
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
}

/// A change that is missed makes all that its peer told before doubtful.
const fn is_of_routes(fact: &Fact) -> bool {
    matches!(fact, Fact::Route(_) | Fact::Peer(_) | Fact::RibEnd(_))
}
