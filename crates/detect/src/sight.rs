//! Whether a vantage point itself can see, and when it could not.
//!
//! From outside, far controls tell: they share no path with the network, so a vantage point that can't
//! reach them has a fault of its own. From inside they lie behind the border that may be cut, and
//! say only that it is; there a vantage point can see as long as anything at all answers it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use falter_model::{Place, Span, Timestamp};

use crate::rounds::{LONGEST, Round};

/// A control that was silent for this long is dead and bears no witness.
const CONTROL_DIES_AFTER: Span = Span::from_days(1);

/// See the module.
#[derive(Debug)]
pub(crate) struct Sight {
    place: Place,
    far_heard: BTreeMap<IpAddr, Timestamp>,
    /// When any was last asked.
    far_asked: Option<Timestamp>,
    /// When most far controls failed.
    far_failed: Spells,
    /// When nothing answered.
    unheard: Spells,
}

/// Times of one kind of trouble, joined from rounds.
#[derive(Debug, Default)]
struct Spells {
    lasts: bool,
    all: Vec<Spell>,
}

/// A time, from the first moment of its first round to the last one of its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spell {
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

impl Sight {
    /// Of a vantage point that has not looked yet.
    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            far_heard: BTreeMap::new(),
            far_asked: None,
            far_failed: Spells::default(),
            unheard: Spells::default(),
        }
    }

    /// Takes what controls and targets said in a round.
    pub(crate) fn take(&mut self, round: &Round) {
        // Where a round was too short to ask one, it is as it was with the last that was asked.
        let asked_lately = self.far_asked.is_some_and(|asked| round.until - asked < LONGEST)
            && round.far.is_empty();
        let failed = if asked_lately { self.far_failed.lasts } else { self.most_far_failed(round) };
        self.far_failed.note(failed, round);
        self.unheard.note(!round.has_answer(), round);
    }

    /// True where it could not see in the last round.
    pub(crate) const fn is_blind(&self) -> bool {
        match self.place {
            Place::Outside => self.far_failed.lasts,
            Place::Inside => self.unheard.lasts,
        }
    }

    /// Times in which it could not see.
    pub(crate) fn blind(&self) -> &[Spell] {
        match self.place {
            Place::Outside => &self.far_failed.all,
            Place::Inside => &self.unheard.all,
        }
    }

    /// Times in which it reached nothing far.
    pub(crate) fn cut_off(&self) -> &[Spell] {
        &self.far_failed.all
    }

    /// Of the far controls that live.
    fn most_far_failed(&mut self, round: &Round) -> bool {
        if !round.far.is_empty() {
            self.far_asked = Some(round.until);
        }
        for (control, answered) in &round.far {
            let heard = self.far_heard.entry(*control).or_insert(round.from);
            if *answered {
                *heard = round.until;
            }
        }
        let alive: Vec<bool> = round
            .far
            .iter()
            .filter(|(control, answered)| {
                let heard = self.far_heard.get(*control);
                **answered || heard.is_some_and(|heard| round.until - *heard < CONTROL_DIES_AFTER)
            })
            .map(|(_, answered)| *answered)
            .collect();
        let failed = alive.iter().filter(|answered| !**answered).count();
        failed * 2 > alive.len()
    }
}

impl Spells {
    fn note(&mut self, troubled: bool, round: &Round) {
        match self.all.last_mut() {
            Some(last) if troubled && self.lasts => last.until = round.until,
            _ if troubled => self.all.push(Spell { from: round.from, until: round.until }),
            _ => {}
        }
        self.lasts = troubled;
    }
}

impl Spell {
    /// How much of `[from, until)` it takes.
    pub(crate) fn time_in(self, from: Timestamp, until: Timestamp) -> Span {
        (self.until.min(until) - self.from.max(from)).max(Span::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use falter_model::{Control, ControlKind, Method, Outcome, Probe};

    use super::*;

    fn outcome(answers: bool) -> Outcome {
        if answers {
            Outcome::Reply { rtt_us: 300, ttl: None }
        } else {
            Outcome::Timeout { after: Span::from_seconds(3) }
        }
    }

    /// A round in which one host, one far and one near control were asked and did this.
    fn is_blind(place: Place, host: bool, far: bool, near: bool) -> bool {
        let mut round = Round::default();
        let (vantage, method) = ("a".into(), Method::Icmp);
        let target = IpAddr::from([192, 0, 2, 1]);
        let at = Timestamp::from_seconds(60);
        round.probe(at, &Probe { vantage, target, method, outcome: outcome(host) });
        for (kind, answers) in [(ControlKind::Far, far), (ControlKind::Near, near)] {
            let (vantage, outcome) = ("a".into(), outcome(answers));
            round.control(at, &Control { vantage, kind, target, method, outcome });
        }
        let mut sight = Sight::new(place);
        sight.take(&round);
        sight.is_blind()
    }

    #[test]
    fn from_outside_far_controls_tell_and_nothing_else() {
        assert!(is_blind(Place::Outside, true, false, true));
        assert!(!is_blind(Place::Outside, false, true, false));
    }

    #[test]
    fn from_inside_any_answer_shows_that_it_sees() {
        assert!(!is_blind(Place::Inside, true, false, false));
        assert!(!is_blind(Place::Inside, false, true, false));
        assert!(!is_blind(Place::Inside, false, false, true));
        assert!(is_blind(Place::Inside, false, false, false));
    }
}
