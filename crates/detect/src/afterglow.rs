//! What is worse while something is lost, seen in bins that reach beyond: a minute in which hosts came back has
//! the round trips of before and after in one. Such a bin tells nothing of the time after the loss.

use falter_model::{End, Timestamp};

use crate::episode::Episode;

/// Ends degradations of one outage with its loss, where they were last seen in a bin that began before that
/// ended. Nothing changes while a loss goes on, or where nothing was lost.
pub(crate) fn end_with_the_loss(episodes: &mut [Episode]) {
    let losses = episodes.iter().filter(|episode| !episode.is_degradation());
    let ends: Option<Vec<Timestamp>> = losses.map(|loss| Some(loss.end?.first_good)).collect();
    let Some(lost_until) = ends.and_then(|ends| ends.into_iter().max()) else { return };
    for episode in episodes.iter_mut().filter(|episode| episode.is_degradation()) {
        let reaches_beyond = episode.end.is_none_or(|end| end.first_good > lost_until);
        let began_during = episode.onset.first_bad < lost_until;
        if began_during && reaches_beyond && episode.last_bad < lost_until {
            end(episode, lost_until);
        }
    }
}

fn end(episode: &mut Episode, at: Timestamp) {
    episode.end = Some(End { last_bad: episode.last_bad, first_good: at });
    episode.course.retain(|stretch| stretch.from < at);
    if let Some(last) = episode.course.last_mut() {
        last.until = last.until.min(at);
    }
}

#[cfg(test)]
mod tests {
    use falter_model::{Basis, Onset, Span, State};

    use super::*;
    use crate::episode::Stretch;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    fn episode(basis: Option<Basis>, from: i64, last_bad: i64, until: Option<i64>) -> Episode {
        let end = until.map(|until| End { last_bad: at(last_bad), first_good: at(until) });
        let until = at(until.unwrap_or(10_000));
        Episode {
            signal: "x".into(),
            rule: "counts",
            onset: Onset { last_good: None, first_bad: at(from) },
            slack: Span::ZERO,
            end,
            last_bad: at(last_bad),
            basis,
            units: None,
            counted: false,
            step: Span::from_seconds(60),
            told_at: at(from),
            course: vec![Stretch { from: at(from), until, lost: Some(1.0) }],
            at_most: State::Complete,
        }
    }

    /// The end of a degradation beside a loss from 100 s to `lost_until`.
    fn ended(degradation: Episode, lost_until: Option<i64>) -> Option<i64> {
        let mut both = [episode(Some(Basis::Hosts), 100, 150, lost_until), degradation];
        end_with_the_loss(&mut both);
        let [_, degradation] = both;
        let end = degradation.end.map(|end| end.first_good);
        if let Some(end) = end {
            assert!(degradation.course.iter().all(|stretch| stretch.until <= end));
        }
        end.map(Timestamp::seconds)
    }

    #[test]
    fn a_minute_that_began_in_the_loss_ends_with_it() {
        assert_eq!(ended(episode(None, 120, 120, None), Some(155)), Some(155));
        assert_eq!(ended(episode(None, 60, 120, Some(180)), Some(155)), Some(155));
    }

    #[test]
    fn what_is_seen_after_it_goes_on() {
        assert_eq!(ended(episode(None, 120, 180, None), Some(155)), None);
        assert_eq!(ended(episode(None, 120, 180, Some(240)), Some(155)), Some(240));
        // Of another time, or while it goes on.
        assert_eq!(ended(episode(None, 200, 200, None), Some(155)), None);
        assert_eq!(ended(episode(None, 120, 120, None), None), None);
        // Before it: a warning.
        assert_eq!(ended(episode(None, 60, 90, Some(110)), Some(155)), Some(110));
    }
}
