//! Joins episodes of one entity: waves of one trouble are one outage, nightly shutdowns are many.

use falter_model::{Span, Timestamp};

use crate::episode::Episode;
use crate::states::shortest;

/// Up for less than this, or less than three steps, is no end (docs/method.md, "Joining").
const SHORTEST_UP: Span = Span::from_minutes(30);
/// See [`SHORTEST_UP`].
const STEPS_UP: i64 = 3;

/// Groups episodes up to `now` into outages, in the order of onset.
pub(crate) fn join(episodes: Vec<Episode>, now: Timestamp) -> Vec<Vec<Episode>> {
    let mut episodes = without_blips(episodes, now);
    episodes.sort_by(|a, b| {
        let key = |episode: &Episode| (episode.onset.first_bad, episode.signal.clone());
        key(a).cmp(&key(b))
    });
    let mut groups: Vec<Group> = Vec::new();
    for episode in episodes {
        match groups.last_mut() {
            Some(group) if group.reaches(&episode) => group.add(episode, now),
            _ => groups.push(Group::of(episode, now)),
        }
    }
    groups.into_iter().map(|group| group.episodes).collect()
}

/// Without degradations that were over within a moment and at no time of a loss: noise of three
/// times in a row is rare, noise of once is not, and must not move an onset.
fn without_blips(episodes: Vec<Episode>, now: Timestamp) -> Vec<Episode> {
    let spans: Vec<(Timestamp, Timestamp)> = episodes
        .iter()
        .filter(|episode| !episode.is_degradation())
        .map(|episode| (episode.onset.first_bad, episode.until(now)))
        .collect();
    let counts = |episode: &Episode| {
        let (from, until) = (episode.onset.first_bad, episode.until(now));
        !episode.is_degradation()
            || until - from >= shortest(std::slice::from_ref(episode))
            || spans.iter().any(|(began, ended)| from < *ended && until >= *began)
    };
    episodes.into_iter().filter(counts).collect()
}

/// How long it must be up so that what follows is another outage.
pub(crate) fn shortest_up(step: Span) -> Span {
    step.times(STEPS_UP).max(SHORTEST_UP)
}

struct Group {
    episodes: Vec<Episode>,
    until: Timestamp,
    open: bool,
    /// The finest step among them: whoever looks most often knows best whether it was up.
    step: Span,
}

impl Group {
    fn of(episode: Episode, now: Timestamp) -> Self {
        Self {
            until: episode.until(now),
            open: episode.end.is_none(),
            step: episode.step,
            episodes: vec![episode],
        }
    }

    fn reaches(&self, next: &Episode) -> bool {
        let up = next.onset.first_bad - self.until;
        self.open || up < shortest_up(self.step.min(next.step))
    }

    fn add(&mut self, episode: Episode, now: Timestamp) {
        self.until = self.until.max(episode.until(now));
        self.open |= episode.end.is_none();
        self.step = self.step.min(episode.step);
        self.episodes.push(episode);
    }
}

#[cfg(test)]
mod tests {
    use falter_model::{Basis, End, Onset, State};

    use super::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::EPOCH + Span::from_minutes(n)
    }

    fn episode(signal: &str, from: i64, until: Option<i64>, step: i64) -> Episode {
        Episode {
            signal: signal.into(),
            rule: "counts",
            onset: Onset { last_good: None, first_bad: minute(from) },
            slack: Span::ZERO,
            end: until.map(|at| End { last_bad: minute(at - 1), first_good: minute(at) }),
            last_bad: minute(until.unwrap_or(from + 1) - 1),
            basis: Some(Basis::Prefixes),
            units: Some(4.0),
            counted: true,
            step: Span::from_minutes(step),
            told_at: minute(from),
            course: Vec::new(),
            at_most: State::Complete,
        }
    }

    fn sizes(episodes: Vec<Episode>) -> Vec<usize> {
        join(episodes, minute(10_000)).iter().map(Vec::len).collect()
    }

    #[test]
    fn waves_within_half_an_hour_are_one() {
        let waves = vec![episode("a", 0, Some(10), 1), episode("a", 39, Some(50), 1)];
        assert_eq!(sizes(waves), [2]);
        let apart = vec![episode("a", 0, Some(10), 1), episode("a", 40, Some(50), 1)];
        assert_eq!(sizes(apart), [1, 1]);
    }

    #[test]
    fn three_steps_are_longer_where_steps_are_long() {
        let snapshots = vec![episode("a", 0, Some(360), 360), episode("a", 1400, None, 360)];
        assert_eq!(sizes(snapshots), [2]);
    }

    #[test]
    fn the_finer_signal_knows_better_that_it_was_up() {
        let mixed = vec![episode("a", 0, Some(360), 360), episode("b", 700, Some(710), 1)];
        assert_eq!(sizes(mixed), [1, 1]);
    }

    #[test]
    fn an_open_alert_holds_everything_together() {
        let open = vec![episode("a", 0, None, 1), episode("b", 5000, Some(5010), 1)];
        assert_eq!(sizes(open), [2]);
    }
}
