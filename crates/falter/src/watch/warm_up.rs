//! Going on after a restart: what was kept is read again, so that series have their baseline and an
//! outage that goes on keeps its id.

use std::collections::BTreeMap;

use falter_model::{Clock, Outage, OutageId, Span, Timestamp};
use falter_sources::clock::SystemClock;
use falter_sources::recording::read_line;

use super::Time;
use super::watcher::Watcher;
use crate::pipeline::{News, Pipeline, Plan};

/// An outage whose onset lies so shortly before the end of what was kept may not have been told before
/// the process ended: outages of parts are held back for half an hour.
const UNTOLD_WITHIN: Span = Span::from_hours(1);

/// What of it was found.
#[derive(Debug, Default)]
pub(super) struct Warmed {
    /// The latest moment that was kept; `None` where nothing was.
    pub(super) reached: Option<Timestamp>,
    /// So many observations were read.
    pub(super) observations: u64,
}

/// Reads what was kept through the pipeline. What comes of it is known to the store already, but for what
/// was not told in time and what goes on.
pub(super) fn warm_up(watcher: &mut Watcher) -> anyhow::Result<Warmed> {
    let last = watcher.kept.last()?;
    let Some(last) = last else { return Ok(Warmed::default()) };
    let whole = watcher.profile.entity();
    let before = watcher.kept.outages(Timestamp::MIN, &whole)?;
    let from = from(last, watcher.warm_up_span(), &before);
    let mut warmed = Warmed::default();
    let latest = match watcher.time {
        Time::Wall => SystemClock.now(),
        Time::Lines => Timestamp::MAX,
    };
    let (interned, sessions, pipeline) =
        (&mut watcher.interned, &mut watcher.sessions, &mut watcher.pipeline);
    watcher.kept.read(from, |line| {
        // The header of a segment is no observation; what is stamped later than now was stamped by a
        // clock that was wrong.
        let Ok(observation) = read_line(line, interned) else { return };
        if observation.at > latest {
            return;
        }
        sessions.observe(&observation);
        pipeline.push(&observation, interned);
        warmed.observations += 1;
        warmed.reached = warmed.reached.max(Some(observation.at));
    })?;
    watcher.work.now = warmed.reached;
    let mut news = watcher.pipeline.take_news();
    news.series.clear();
    go_on(watcher, news, before, warmed.reached.unwrap_or(last))?;
    Ok(warmed)
}

/// From where on to read: the usual time, and further back where an outage overlaps it, with as much
/// before its onset, so that it is found again as it was.
fn from(last: Timestamp, usual: Span, before: &[Outage]) -> Timestamp {
    let mut from = last - usual;
    let mut outages: Vec<&Outage> = before.iter().collect();
    outages.sort_by_key(|outage| std::cmp::Reverse(outage.from.first_bad));
    for outage in outages {
        if outage.until.is_none_or(|end| end.first_good >= from) {
            from = from.min(outage.from.first_bad - usual);
        }
    }
    from
}

/// Tells the store and the terminal what the warm-up knows better than they do.
fn go_on(
    watcher: &mut Watcher,
    mut news: News,
    before: Vec<Outage>,
    reached: Timestamp,
) -> anyhow::Result<()> {
    let kept: BTreeMap<OutageId, Outage> =
        before.into_iter().map(|outage| (outage.id.clone(), outage)).collect();
    for outage in kept.values() {
        watcher.told.already(outage);
        let went_on = outage.until.is_none();
        if went_on && !news.outages.iter().any(|found| found.id == outage.id) {
            tracing::warn!(id = %outage.id, "An outage that went on is not found again in what was kept.");
        }
    }
    news.outages.retain(|outage| match kept.get(&outage.id) {
        Some(known) => known.until.is_none(),
        None => outage.until.is_none() || outage.from.first_bad >= reached - UNTOLD_WITHIN,
    });
    for outage in &mut news.outages {
        // The store knows earlier outages than those that were read again.
        if let Some(known) = kept.get(&outage.id) {
            outage.family = known.family.clone();
        }
    }
    watcher.kept.keep(&news)?;
    news.blind.clear();
    watcher.tell_news(&news);
    Ok(())
}

/// A pipeline that nobody will use.
pub(super) fn nothing() -> Pipeline {
    Pipeline::new(Plan {
        profile: None,
        countries: None,
        shapes: BTreeMap::new(),
        vantage_points: falter_model::VantagePoints::default(),
    })
}
