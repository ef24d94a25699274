//! What is known from inside, beside what outside saw.
//!
//! An outage is a network that can't be reached. While outside is watched, what an observer inside
//! lost is no outage of the network: it may be the observer's own. It takes its place in the order of
//! failure of what outside lost at that time. Where nobody watches from outside, it is all that is
//! known, and at most partial.

use falter_model::Timestamp;

use crate::episode::{Episode, Stretch};
use crate::joining::shortest_up;
use crate::reachability::Reachability;
use crate::seeing::Scope;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Inside<'a> {
    /// Episodes seen from inside while outside was watched.
    pub(crate) beside: Vec<Episode>,
    /// What was believed inside, and of what.
    pub(crate) belief: Option<(&'a Reachability, Scope)>,
}

impl Inside<'_> {
    /// The loss that was measured inside during `episodes`, in order.
    pub(crate) fn measured(&self, episodes: &[Episode], now: Timestamp) -> Vec<Stretch> {
        let from = episodes.iter().map(|episode| episode.onset.first_bad).min();
        // A return is believed some rounds after it: the course goes on beyond the end.
        let told_until = |episode: &Episode| {
            let end = episode.until(now);
            episode.course.last().map_or(end, |last| last.until.max(end))
        };
        let until = episodes.iter().map(told_until).max();
        let (Some(from), Some(until), Some((reachability, scope))) = (from, until, self.belief)
        else {
            return Vec::new();
        };
        reachability.inside(scope, from, until)
    }

    /// Adds what inside lost to joined episodes of its time, behind them.
    pub(crate) fn add_to(&self, joined: &mut Vec<Episode>, now: Timestamp) {
        joined.sort_by_key(is_inside);
        let span = |episode: &Episode| (episode.onset.first_bad, episode.until(now));
        let from = joined.iter().map(|episode| span(episode).0).min();
        let until = joined.iter().map(|episode| span(episode).1).max();
        let (Some(from), Some(until)) = (from, until) else { return };
        let step = joined.iter().map(|episode| episode.step).min().unwrap_or_default();
        let reach = shortest_up(step);
        let of_its_time = self.beside.iter().filter(|episode| {
            let (began, ended) = span(episode);
            began < until + reach && ended > from - reach
        });
        joined.extend(of_its_time.cloned());
    }
}

/// True for what an observer inside saw.
pub(crate) fn is_inside(episode: &Episode) -> bool {
    episode.signal.layer() == "inside"
}

/// The episodes that an outage is told by, of those joined, in which inside comes last: what outside
/// saw, if it saw anything.
pub(crate) fn telling(episodes: &[Episode]) -> &[Episode] {
    let n_outside = episodes.partition_point(|episode| !is_inside(episode));
    match episodes.get(..n_outside) {
        Some(outside) if !outside.is_empty() => outside,
        _ => episodes,
    }
}
