//! Which observations of this machine's own can be trusted: not those of a time in which it was too busy,
//! or in which its clock jumped.

use falter_model::{Fact, Observation, Span, Text, Timestamp};

/// Times in which what this vantage point asked tells of itself, not of the network.
#[derive(Debug)]
pub(super) struct Trust {
    vantage: Text,
    untrusted: Vec<(Timestamp, Timestamp)>,
}

/// An answer is told at most so long after its question: then times before it need not be remembered.
const TOLD_WITHIN: Span = Span::from_minutes(5);

/// What is stamped later than now by more than this comes from a clock that is wrong: believed, it would
/// close what is still open. NTP keeps clocks within a tenth of a second (RFC 5905, section 1).
const AHEAD: Span = Span::from_seconds(2);

impl Trust {
    /// Of the observations that carry this name.
    pub(super) const fn new(vantage: Text) -> Self {
        Self { vantage, untrusted: Vec::new() }
    }

    /// What was asked in this time can't be trusted.
    pub(super) fn lose(&mut self, from: Timestamp, until: Timestamp) {
        self.untrusted.push((from, until));
        self.untrusted.retain(|(_, end)| *end + TOLD_WITHIN >= until);
    }

    /// Why an observation must not be taken at `now`; `None` where it may.
    pub(super) fn doubt(&self, observation: &Observation, now: Timestamp) -> Option<&'static str> {
        let at = observation.at;
        if at > now + AHEAD {
            return Some("its time has not come");
        }
        let is_own = observation.fact.vantage().is_some_and(|vantage| *vantage == self.vantage);
        let was_asked = matches!(
            observation.fact,
            Fact::Probe(_) | Fact::Control(_) | Fact::Hop(_) | Fact::Name(_) | Fact::Page(_)
        );
        let lost = self.untrusted.iter().any(|(from, until)| (*from..=*until).contains(&at));
        (is_own && was_asked && lost).then_some("asked while this machine could not be trusted")
    }
}

#[cfg(test)]
mod tests {
    use falter_model::{Method, Outcome, Probe};

    use super::*;

    fn probe(vantage: &str, second: i64) -> Observation {
        let outcome = Outcome::Timeout { after: Span::from_seconds(3) };
        let target = "192.0.2.1".parse().unwrap();
        let probe = Probe { vantage: vantage.into(), target, method: Method::Icmp, outcome };
        Observation { at: Timestamp::from_seconds(second), fact: Fact::Probe(Box::new(probe)) }
    }

    #[test]
    fn what_a_busy_machine_asked_is_not_measured() {
        let mut trust = Trust::new("here".into());
        trust.lose(Timestamp::from_seconds(10), Timestamp::from_seconds(20));
        let now = Timestamp::from_seconds(23);
        assert!(trust.doubt(&probe("here", 15), now).is_some());
        assert!(trust.doubt(&probe("here", 9), now).is_none());
        assert!(trust.doubt(&probe("here", 21), now).is_none());
        assert!(trust.doubt(&probe("elsewhere", 15), now).is_none());
    }

    #[test]
    fn what_has_not_happened_yet_is_not_believed() {
        let trust = Trust::new("here".into());
        let now = Timestamp::from_seconds(100);
        assert!(trust.doubt(&probe("elsewhere", 103), now).is_some());
        assert!(trust.doubt(&probe("elsewhere", 101), now).is_none());
    }
}
