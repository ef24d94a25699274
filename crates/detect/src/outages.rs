//! From joined episodes to outages as they are told: states, loss, order of failure, family, parts.

use std::collections::BTreeMap;

use falter_model::{End, Entity, Onset, Outage, OutageId, Part, SignalId, Span, State, Timestamp};

use crate::afterglow::keep_to_the_loss;
use crate::episode::Episode;
use crate::inside::{Inside, is_inside, telling};
use crate::joining::{join, shortest_up};
use crate::kinds::{Layer, layer_of};
use crate::lost::lost_share;
use crate::order::order;
use crate::states::{course, shortest};

/// An outage belongs to the family of the one before it on the same entity if it begins no later
/// than this after that ended. A week holds what recurs nightly and what recurs on a day of the
/// week (67.7 % of shutdowns recur after one to four days exactly, SIGCOMM 2023, docs/method.md).
const FAMILY_WITHIN: Span = Span::from_days(7);
/// Live, an outage of a part is told this long after its onset, unless it became part of the top's.
/// Operators that are switched off one by one take minutes (Egypt 2011: 13, docs/method.md, sources).
pub(crate) const HELD_BACK: Span = Span::from_minutes(30);

/// An outage without parts, and what it was joined from.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) outage: Outage,
    /// What was seen from outside, then what was seen from inside; each by onset.
    pub(crate) episodes: Vec<Episode>,
}

/// The outages of one entity up to `now`, in the order of onset; `before` is the last one before
/// these.
pub(crate) fn draft(
    entity: &Entity,
    episodes: Vec<Episode>,
    inside: &Inside<'_>,
    before: Option<&Draft>,
    now: Timestamp,
) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for mut joined in join(episodes, now) {
        keep_to_the_loss(&mut joined);
        inside.add_to(&mut joined, now);
        let Some(mut draft) = draft_one(entity, joined, inside, now) else { continue };
        if let Some(before) = drafts.last().or(before)
            && let Some(end) = before.outage.until
            && draft.outage.from.first_bad - end.first_good <= FAMILY_WITHIN
        {
            draft.outage.family = before.outage.family.clone();
        }
        drafts.push(draft);
    }
    drafts
}

fn draft_one(
    entity: &Entity,
    episodes: Vec<Episode>,
    inside: &Inside<'_>,
    now: Timestamp,
) -> Option<Draft> {
    let told_by = telling(&episodes);
    let went = course(told_by, &inside.measured(told_by, now), now);
    let only_degraded = told_by.iter().all(Episode::is_degradation);
    if only_degraded && went.longest < shortest(told_by) {
        // Degradation that did not last is no state (docs/method.md, "States").
        return None;
    }
    let from = onset(told_by)?;
    let told_first = told_by.iter().min_by_key(|e| (e.told_at, e.onset.first_bad))?;
    let id = OutageId::new(entity, told_first.onset.first_bad);
    let outage = Outage {
        family: id.clone(),
        id,
        entity: entity.clone(),
        state: went.state,
        states: went.states,
        from,
        until: end(told_by),
        lost_share: lost_share(told_by),
        order: order(episodes.iter().map(|episode| (entity, episode))),
        seen_by: BTreeMap::new(),
        parts: Vec::new(),
        verdict: None,
    };
    Some(Draft { outage, episodes })
}

/// The earliest first bad observation. Of all signals, whoever knows soonest for sure speaks, not the
/// wide bin beside it; but what another may have seen before is not called good.
fn onset(episodes: &[Episode]) -> Option<Onset> {
    let surely = |episode: &&Episode| (episode.onset.first_bad + episode.slack, episode.slack);
    let first = episodes.iter().min_by_key(surely)?;
    let mut onset = first.onset;
    for layer in by_layer(episodes).into_values() {
        let Some(other) = layer.into_iter().min_by_key(surely) else { continue };
        if other.onset.first_bad < onset.first_bad {
            onset.last_good = onset.last_good.min(other.onset.last_good);
        }
    }
    Some(onset)
}

/// The latest first good observation, with the last bad one of the same series; `None` while any
/// lasts. Signals of one layer return together: of those, whoever was seen bad last speaks.
fn end(episodes: &[Episode]) -> Option<End> {
    let mut latest: Option<End> = None;
    for layer in by_layer(episodes).into_values() {
        let ends: Option<Vec<End>> = layer.iter().map(|episode| episode.end).collect();
        let key = |end: &End| (end.last_bad, std::cmp::Reverse(end.first_good));
        let end = ends?.into_iter().max_by_key(key);
        latest = latest.into_iter().chain(end).max_by_key(|end| (end.first_good, end.last_bad));
    }
    latest
}

fn by_layer(episodes: &[Episode]) -> BTreeMap<Layer, Vec<&Episode>> {
    let mut layers: BTreeMap<Layer, Vec<&Episode>> = BTreeMap::new();
    for episode in episodes {
        layers.entry(layer_of(&episode.signal)).or_default().push(episode);
    }
    layers
}

/// True where a part's outage began during the top's, or so shortly before that they are one.
pub(crate) fn is_part(part: &Draft, whole: &Draft) -> bool {
    let began = part.outage.from.first_bad;
    let step = whole.episodes.iter().map(|episode| episode.step).min().unwrap_or(Span::ZERO);
    let earliest = whole.outage.from.last_good.unwrap_or(whole.outage.from.first_bad);
    let reach = shortest_up(Span::ZERO).min(shortest_up(step));
    began >= earliest.min(whole.outage.from.first_bad - reach)
        && whole.outage.until.is_none_or(|end| began < end.first_good)
}

pub(crate) fn with_parts(whole: &Draft, parts: &[&Draft]) -> Outage {
    let mut outage = whole.outage.clone();
    let own = whole.episodes.iter().map(|episode| (&whole.outage.entity, episode));
    // What the whole tells of itself, its parts need not repeat.
    let is_told = |signal: &SignalId| whole.episodes.iter().any(|own| own.signal == *signal);
    let of_parts = parts
        .iter()
        .flat_map(|part| part.episodes.iter().map(|episode| (&part.outage.entity, episode)))
        .filter(|(_, episode)| !is_told(&episode.signal));
    outage.order = order(own.chain(of_parts));
    outage.parts = parts.iter().map(|part| part_of(part, whole.outage.state)).collect();
    outage.parts.sort_by(|a, b| {
        let key = |part: &Part| (part.entity.clone(), part.from.first_bad);
        key(a).cmp(&key(b))
    });
    outage
}

/// As it stands with a whole of this state. What is cut off together with an isolated network is cut
/// off, too: nobody knows it to be down, unless it was looked at from inside, as blocks are with the
/// whole.
fn part_of(part: &Draft, whole: State) -> Part {
    let outage = &part.outage;
    let seen_inside =
        matches!(outage.entity, Entity::Block(_)) || part.episodes.iter().any(is_inside);
    let state = match outage.state {
        State::Complete | State::Partial if whole == State::Isolated && !seen_inside => whole,
        own => own,
    };
    Part {
        entity: outage.entity.clone(),
        state,
        from: outage.from,
        until: outage.until,
        lost_share: outage.lost_share,
    }
}

#[cfg(test)]
mod tests {
    use falter_model::Basis;

    use super::*;
    use crate::episode::Stretch;

    fn part(entity: &str, whole: State) -> State {
        let minute = |n| Timestamp::EPOCH + Span::from_minutes(n);
        let (from, until) = (minute(10), minute(40));
        let episode = Episode {
            signal: "bgp.visible-blocks".into(),
            rule: "counts",
            onset: Onset { last_good: None, first_bad: from },
            slack: Span::ZERO,
            end: Some(End { last_bad: until, first_good: until }),
            last_bad: from,
            basis: Some(Basis::Blocks),
            units: Some(4.0),
            counted: true,
            step: Span::from_minutes(5),
            told_at: from,
            course: vec![Stretch { from, until, lost: Some(1.0) }],
            at_most: State::Complete,
        };
        let entity: Entity = entity.parse().unwrap();
        let drafts = draft(&entity, vec![episode], &Inside::default(), None, minute(60));
        part_of(drafts.first().unwrap(), whole).state
    }

    #[test]
    fn a_part_of_an_isolated_network_is_isolated_unless_it_was_looked_at_from_inside() {
        assert_eq!(part("asn/AS64500", State::Isolated), State::Isolated);
        assert_eq!(part("asn/AS64500", State::Complete), State::Complete);
        assert_eq!(part("block/192.0.2.0/24", State::Isolated), State::Complete);
    }
}
