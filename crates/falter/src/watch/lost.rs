//! Outages that went on when watching ended and are not found again in what was kept: their observations
//! were removed, or the profile is another one.

use falter_model::{End, Outage, State, StateSpan, Timestamp};

/// Ends an outage, of which nothing is known any more at `reached`, within the time in which it must have
/// ended or gone on unseen: from the last that is known of it until then we can't tell.
pub(super) fn ended(outage: &Outage, reached: Timestamp) -> Outage {
    let spans = outage.states.iter().flat_map(|span| [Some(span.from), span.until]).flatten();
    let last_bad = spans.fold(outage.from.first_bad, Timestamp::max);
    let first_good = reached.max(last_bad);
    let mut ended = outage.clone();
    for span in &mut ended.states {
        span.until = span.until.or(Some(last_bad));
    }
    ended.states.retain(|span| span.until > Some(span.from) || span.state == outage.state);
    ended.states.push(StateSpan { state: State::Blind, from: last_bad, until: Some(first_good) });
    let end = Some(End { last_bad, first_good });
    ended.parts.iter_mut().for_each(|part| part.until = part.until.or(end));
    ended.order.iter_mut().for_each(|step| step.until = step.until.or(end));
    ended.until = end;
    ended
}

#[cfg(test)]
mod tests {
    use falter_model::{Entity, Onset, OutageId};

    use super::*;

    #[test]
    fn from_the_last_that_is_known_until_now_nobody_can_tell() {
        let at = Timestamp::from_seconds;
        let entity: Entity = "network/kp".parse().unwrap();
        let id = OutageId::new(&entity, at(100));
        let span = |state, from, until| StateSpan { state, from: at(from), until };
        let outage = Outage {
            family: id.clone(),
            id,
            entity,
            state: State::Complete,
            states: vec![
                span(State::Partial, 100, Some(at(160))),
                span(State::Complete, 160, None),
            ],
            from: Onset { last_good: Some(at(95)), first_bad: at(100) },
            until: None,
            lost_share: None,
            order: Vec::new(),
            seen_by: std::collections::BTreeMap::new(),
            parts: Vec::new(),
            verdict: None,
        };
        let ended = ended(&outage, at(900));
        assert_eq!(ended.until, Some(End { last_bad: at(160), first_good: at(900) }));
        let last = ended.states.last().unwrap();
        assert_eq!(*last, span(State::Blind, 160, Some(at(900))));
        assert_eq!((ended.state, ended.states.len()), (State::Complete, 3));
        assert!(ended.states.iter().all(|span| span.until.is_some()));
    }
}
