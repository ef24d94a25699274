//! Going on after a restart: what was kept is read again, so that series have their baseline and an
//! outage that goes on keeps its id.

use falter_model::{Clock, Fact, Outage, Span, Timestamp, VantagePoint};
use falter_sources::archive::{InputArg, Inputs};
use falter_sources::clock::SystemClock;

use super::board::Network;
use super::kept::Stored;
use super::watcher::Watcher;
use super::{Time, lost};
use crate::pipeline::News;

/// An outage whose onset lies so shortly before the end of what was kept may not have been told before
/// the process ended: outages of parts are held back for half an hour.
const UNTOLD_WITHIN: Span = Span::from_hours(1);

/// An outage that goes on is read again with so much of the time before it: a day is what counts of
/// routes are compared with (docs/method.md).
const BEFORE_ONSET: Span = Span::from_days(1);

/// What of it was found.
#[derive(Debug, Default)]
pub(super) struct Warmed {
    /// The latest moment that was kept; `None` where nothing was.
    pub(super) reached: Option<Timestamp>,
    /// So many observations were read.
    pub(super) observations: u64,
}

/// Reads what was kept through the pipeline, from `usual` before now on. What comes of it is known to the
/// store already, but for what was not told in time and what goes on.
pub(super) fn warm_up(watcher: &mut Watcher, usual: Span) -> anyhow::Result<Warmed> {
    let mut warmed = Warmed::default();
    let Some(pipeline) = &mut watcher.pipeline else { return Ok(warmed) };
    let Some(stored) = watcher.kept.stored() else { return Ok(warmed) };
    let before = stored.outages()?;
    let Some(last) = last(watcher.time, stored)? else {
        if watcher.time == Time::Wall {
            go_on(watcher, News::default(), &before, SystemClock.now())?;
        }
        return Ok(warmed);
    };
    let files = stored.since(from(last, usual, &before))?;
    let arguments: Vec<InputArg> = files.into_iter().map(InputArg::from).collect();
    let mut inputs = Inputs::open(&arguments)?;
    // Of this one the configuration tells.
    let joined: Vec<VantagePoint> = inputs
        .recording_headers()
        .iter()
        .flat_map(|header| header.vantage_points.clone())
        .filter(|point| point.id != watcher.vantage.id)
        .collect();
    pipeline.join(&joined);
    watcher.kept.join(&joined);
    let mut observations = Vec::new();
    let mut more = true;
    while more {
        more = inputs.read(&mut watcher.interned, &mut observations);
        // What is stamped later than now was stamped by a clock that was wrong.
        observations.retain(|observation| observation.at <= last);
        for observation in &observations {
            watcher.sessions.observe(observation);
            watcher.met.observe(&observation.fact, &watcher.profile.prefixes);
            watcher.kept.note(observation, &watcher.interned);
            if observation.fact == Fact::Tick {
                watcher.work.now = watcher.work.now.max(Some(observation.at));
            }
        }
        pipeline.push_all(&observations, &watcher.interned);
        watcher.events.board().of(&watcher.profile.name, Network::goes_on);
        warmed.observations += observations.len() as u64;
        observations.clear();
    }
    warmed.reached = watcher.work.now;
    let news = pipeline.take_news();
    go_on(watcher, news, &before, warmed.reached.unwrap_or(last))?;
    Ok(warmed)
}

/// Until when what was kept counts: now; where the lines are the time, the end of what was kept.
fn last(time: Time, stored: &Stored) -> anyhow::Result<Option<Timestamp>> {
    let files = stored.since(Timestamp::MIN)?;
    let Some(newest) = files.last() else { return Ok(None) };
    if time == Time::Wall {
        return Ok(Some(SystemClock.now()));
    }
    // `2022-01-25T21.jsonl.zst`: its hour.
    let name = newest.file_name().unwrap_or_default().to_string_lossy();
    let hour = name.split('.').next().and_then(|hour| format!("{hour}:00Z").parse().ok());
    Ok(Some(hour.map_or(Timestamp::MAX, |hour: Timestamp| hour + Span::from_hours(2))))
}

/// From where on to read: the usual time, and further back where an outage goes on that began before, so
/// that it is found again as it was.
fn from(last: Timestamp, usual: Span, before: &[Outage]) -> Timestamp {
    let open = before.iter().filter(|outage| outage.until.is_none());
    let onset = open.map(|outage| outage.from.first_bad - BEFORE_ONSET).min();
    onset.map_or(last - usual, |onset| onset.min(last - usual))
}

/// Tells the store and the terminal what the warm-up knows better than they do.
fn go_on(
    watcher: &mut Watcher,
    mut news: News,
    before: &[Outage],
    reached: Timestamp,
) -> anyhow::Result<()> {
    let mut ended = Vec::new();
    for outage in before {
        watcher.told.already(outage);
        let is_found = news.outages.iter().any(|found| found.id == outage.id);
        if outage.until.is_none() && !is_found {
            tracing::warn!(id = %outage.id, "An outage that went on was not found again: it is ended.");
            ended.push(lost::ended(outage, reached));
        }
    }
    let stored = watcher.kept.stored();
    let known = |outage: &Outage| stored.and_then(|stored| stored.outage(&outage.id.0));
    news.outages.retain_mut(|outage| match known(outage) {
        Some(known) => {
            // The store knows earlier outages than those that were read again.
            outage.family = known.family;
            known.until.is_none()
        }
        None => outage.until.is_none() || outage.from.first_bad >= reached - UNTOLD_WITHIN,
    });
    news.outages.extend(ended);
    watcher.kept.keep(&news)?;
    news.blind.clear();
    watcher.tell_news(&news);
    Ok(())
}
