//! The order of failure: which signal went first, where that can be told.
//!
//! Each onset is a bracket. A precedes B only if A had failed for sure before B could have (A's
//! first bad is not after B's last good, both widened by what their source does not know of time).
//! A step's rank is one more than the highest rank of all that precede it. So of two steps of one
//! rank neither precedes the other; the reverse can't hold for any ranking, since "can't be told
//! apart" is not transitive: a coarse bracket may overlap two fine ones that do not overlap.

use falter_model::{Entity, OrderStep, Probability, Span, Timestamp};

use crate::episode::Episode;
use crate::kinds::{Layer, layer_of};

/// What fails within so long of another fails at once: what routes can't tell of time, by path
/// exploration (docs/method.md).
const AT_ONCE: Span = Span::from_seconds(60);

/// Steps that are told, the earliest first: of a country with thousands of parts, those that fell
/// first tell the order.
const MOST_STEPS: usize = 50;

/// Ranks the first episode of each signal of each entity.
pub(crate) fn order<'a>(
    episodes: impl Iterator<Item = (&'a Entity, &'a Episode)>,
) -> Vec<OrderStep> {
    let mut firsts: Vec<(&Entity, &Episode)> = Vec::new();
    let mut all: Vec<(&Entity, &Episode)> = episodes.collect();
    all.sort_by(|a, b| {
        let key = |(entity, episode): &(&Entity, &Episode)| {
            (episode.onset.first_bad, (*entity).clone(), episode.signal.clone())
        };
        key(a).cmp(&key(b))
    });
    for (entity, episode) in all {
        let known =
            |(e, other): &(&Entity, &Episode)| *e == entity && other.signal == episode.signal;
        if !firsts.iter().any(known) && firsts.len() < MOST_STEPS {
            firsts.push((entity, episode));
        }
    }
    rank(&firsts)
}

fn rank(firsts: &[(&Entity, &Episode)]) -> Vec<OrderStep> {
    let brackets: Vec<(Timestamp, Timestamp)> =
        firsts.iter().map(|(_, episode)| bracket(episode)).collect();
    // Whoever precedes B ends before B begins, so ends before B ends: in the order of ends, all that
    // precede a step have their rank already.
    let mut by_end: Vec<usize> = (0..firsts.len()).collect();
    by_end.sort_by_key(|i| (brackets.get(*i).map(|bracket| bracket.1), *i));
    let mut ranked: Vec<(Timestamp, u32, usize)> = Vec::new();
    for i in by_end {
        let Some((low, high)) = brackets.get(i).copied() else { continue };
        let before =
            ranked.iter().filter(|(end, _, _)| *end <= low).map(|(_, rank, _)| *rank).max();
        ranked.push((high, before.unwrap_or(0) + 1, i));
    }
    ranked.sort_by_key(|(_, rank, i)| (*rank, *i));
    ranked
        .into_iter()
        .filter_map(|(_, rank, i)| {
            firsts.get(i).map(|(entity, episode)| step(rank, entity, episode))
        })
        .collect()
}

/// How long after the layer `first` the layer `then` failed, negative where it failed before; `None` where
/// either did not, or where their brackets overlap and one is too wide to say that they failed at once.
pub(crate) fn delay(first: Layer, then: Layer, episodes: &[Episode]) -> Option<Span> {
    let of = |layer: Layer| {
        let own = episodes.iter().filter(|episode| layer_of(&episode.signal) == layer);
        own.min_by_key(|episode| (episode.onset.first_bad + episode.slack, episode.slack))
    };
    let (first, then) = (of(first)?, of(then)?);
    let ((low, high), (then_low, then_high)) = (bracket(first), bracket(then));
    let overlap = low < then_high && then_low < high;
    let is_wide = first.slack.max(then.slack) > AT_ONCE;
    (!(overlap && is_wide)).then(|| then.onset.first_bad - first.onset.first_bad)
}

/// When it may have begun, widened by what its source does not know.
fn bracket(episode: &Episode) -> (Timestamp, Timestamp) {
    let first_bad = episode.onset.first_bad;
    let low = episode.onset.last_good.unwrap_or(Timestamp::MIN);
    let high = first_bad + episode.slack;
    // A bracket of no width would precede itself.
    let just_before = high - Span::from_micros(1);
    (low.min(first_bad - episode.slack).min(just_before), high)
}

fn step(rank: u32, entity: &Entity, episode: &Episode) -> OrderStep {
    let peak = episode.course.iter().filter_map(|stretch| stretch.lost).reduce(f64::max);
    OrderStep {
        rank,
        signal: episode.signal.clone(),
        entity: entity.clone(),
        from: episode.onset,
        until: episode.end,
        lost_share: peak.filter(|_| !episode.is_degradation()).map(Probability::new),
    }
}

#[cfg(test)]
mod tests {
    use falter_model::{Basis, Onset, State};

    use super::*;

    fn episode(signal: &str, last_good: i64, first_bad: i64, slack: i64) -> Episode {
        let second = Timestamp::from_seconds;
        Episode {
            signal: signal.into(),
            rule: "counts",
            onset: Onset { last_good: Some(second(last_good)), first_bad: second(first_bad) },
            slack: Span::from_seconds(slack),
            end: None,
            last_bad: second(first_bad),
            basis: Some(Basis::Prefixes),
            units: None,
            counted: false,
            step: Span::from_seconds(300),
            told_at: second(first_bad),
            course: Vec::new(),
            at_most: State::Complete,
        }
    }

    #[test]
    fn a_wide_bin_beside_a_moment_tells_no_delay() {
        let hosts = episode("ping.up-share", 1_180, 1_200, 10);
        let told = |routes: Episode| delay(Layer::Routes, Layer::Hosts, &[routes, hosts.clone()]);
        assert_eq!(told(episode("bgp.visible-blocks", 900, 1_000, 300)), None);
        let second = Span::from_seconds;
        assert_eq!(told(episode("bgp.visible-blocks", 1_150, 1_170, 60)), Some(second(30)));
        assert_eq!(told(episode("bgp.visible-blocks", 300, 600, 300)), Some(second(600)));
        assert_eq!(delay(Layer::Names, Layer::Hosts, &[hosts]), None);
    }

    fn ranks(episodes: &[Episode]) -> Vec<(String, u32)> {
        let entity: Entity = "network/kp".parse().unwrap();
        let mut ranks: Vec<(String, u32)> =
            order(episodes.iter().map(|episode| (&entity, episode)))
                .into_iter()
                .map(|step| (step.signal.to_string(), step.rank))
                .collect();
        ranks.sort();
        ranks
    }

    fn check(episodes: &[Episode], expected: &[(&str, u32)]) {
        let expected: Vec<(String, u32)> =
            expected.iter().map(|(signal, rank)| ((*signal).to_owned(), *rank)).collect();
        assert_eq!(ranks(episodes), expected);
    }

    #[test]
    fn brackets_apart_are_ranked() {
        check(
            &[episode("a", 0, 10, 0), episode("b", 10, 20, 0), episode("c", 20, 30, 0)],
            &[("a", 1), ("b", 2), ("c", 3)],
        );
    }

    #[test]
    fn what_overlaps_shares_a_rank() {
        check(&[episode("a", 0, 10, 0), episode("b", 9, 20, 0)], &[("a", 1), ("b", 1)]);
    }

    #[test]
    fn the_uncertainty_of_the_source_widens() {
        check(&[episode("a", 0, 10, 60), episode("b", 15, 20, 0)], &[("a", 1), ("b", 1)]);
        check(&[episode("a", 0, 10, 60), episode("b", 75, 80, 0)], &[("a", 1), ("b", 2)]);
    }

    #[test]
    fn a_coarse_bracket_does_not_merge_two_fine_ones() {
        check(
            &[episode("a", 0, 10, 0), episode("b", 20, 30, 0), episode("wide", 0, 30, 0)],
            &[("a", 1), ("b", 2), ("wide", 1)],
        );
    }

    #[test]
    fn the_order_of_the_input_changes_nothing() {
        let mut episodes =
            vec![episode("a", 0, 10, 0), episode("b", 10, 20, 0), episode("c", 5, 15, 0)];
        let expected = ranks(&episodes);
        episodes.reverse();
        assert_eq!(ranks(&episodes), expected);
    }
}
