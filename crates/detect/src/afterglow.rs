//! What is worse while something is lost, seen in bins that reach beyond: a minute in which hosts fell, or came
//! back, has the round trips of before and after in one. Such a bin tells nothing of the time around the loss.

use falter_model::{End, Onset, Timestamp};

use crate::episode::Episode;

/// Keeps degradations of one outage to its loss, where they were first seen in a bin in which that began, or last in
/// one that began before it ended. Nothing changes where nothing was lost.
pub(crate) fn keep_to_the_loss(episodes: &mut [Episode]) {
    let losses = || episodes.iter().filter(|episode| !episode.is_degradation());
    let Some(onset) = losses().map(|loss| loss.onset).min_by_key(|onset| onset.first_bad) else {
        return;
    };
    let ends: Option<Vec<Timestamp>> = losses().map(|loss| Some(loss.end?.first_good)).collect();
    let lost_until = ends.and_then(|ends| ends.into_iter().max());
    for episode in episodes.iter_mut().filter(|episode| episode.is_degradation()) {
        let first = episode.onset.first_bad;
        if first < onset.first_bad && onset.first_bad < first + episode.slack {
            begin(episode, onset);
        }
        let Some(lost_until) = lost_until else { continue };
        let reaches_beyond = episode.end.is_none_or(|end| end.first_good > lost_until);
        let began_during = episode.onset.first_bad < lost_until;
        if began_during && reaches_beyond && episode.last_bad < lost_until {
            end(episode, lost_until);
        }
    }
}

fn begin(episode: &mut Episode, onset: Onset) {
    episode.onset = onset;
    episode.course.retain(|stretch| stretch.until > onset.first_bad);
    if let Some(first) = episode.course.first_mut() {
        first.from = first.from.max(onset.first_bad);
    }
    episode.last_bad = episode.last_bad.max(onset.first_bad);
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
    use falter_model::{Basis, Span, State};

    use super::*;
    use crate::episode::Stretch;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    fn episode(basis: Option<Basis>, from: i64, last_bad: i64, until: Option<i64>) -> Episode {
        let end = until.map(|until| End { last_bad: at(last_bad), first_good: at(until) });
        let until = at(until.unwrap_or(10_000));
        let step = Span::from_seconds(60);
        Episode {
            signal: "x".into(),
            rule: "counts",
            onset: Onset { last_good: Some(at(from - 60)), first_bad: at(from) },
            slack: if basis.is_some() { Span::ZERO } else { step },
            end,
            last_bad: at(last_bad),
            basis,
            units: None,
            counted: false,
            step,
            told_at: at(from),
            course: vec![Stretch { from: at(from), until, lost: Some(1.0) }],
            at_most: State::Complete,
        }
    }

    /// A degradation beside a loss from 100 s to `lost_until`: when it began and ended.
    fn kept(degradation: Episode, lost_until: Option<i64>) -> (i64, Option<i64>) {
        let mut both = [episode(Some(Basis::Hosts), 100, 150, lost_until), degradation];
        keep_to_the_loss(&mut both);
        let [_, degradation] = both;
        let (began, ended) =
            (degradation.onset.first_bad, degradation.end.map(|end| end.first_good));
        for stretch in &degradation.course {
            assert!(stretch.from >= began && stretch.from < stretch.until);
            assert!(ended.is_none_or(|ended| stretch.until <= ended));
        }
        (began.seconds(), ended.map(Timestamp::seconds))
    }

    #[test]
    fn a_minute_that_began_in_the_loss_ends_with_it() {
        assert_eq!(kept(episode(None, 120, 120, None), Some(155)), (120, Some(155)));
        assert_eq!(kept(episode(None, 20, 120, Some(180)), Some(155)), (20, Some(155)));
    }

    #[test]
    fn a_minute_in_which_the_loss_began_begins_with_it() {
        assert_eq!(kept(episode(None, 60, 60, Some(120)), Some(155)), (100, Some(120)));
        assert_eq!(kept(episode(None, 60, 120, None), None), (100, None));
        // Worse in the minute before it: a warning.
        assert_eq!(kept(episode(None, 30, 90, Some(110)), Some(155)), (30, Some(110)));
    }

    #[test]
    fn what_is_seen_after_it_goes_on() {
        assert_eq!(kept(episode(None, 120, 180, None), Some(155)), (120, None));
        assert_eq!(kept(episode(None, 120, 180, Some(240)), Some(155)), (120, Some(240)));
        // Of another time, or while it goes on.
        assert_eq!(kept(episode(None, 200, 200, None), Some(155)), (200, None));
        assert_eq!(kept(episode(None, 120, 120, None), None), (120, None));
    }
}
