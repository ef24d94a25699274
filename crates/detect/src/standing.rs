//! What is told of one scope: the episode that is open, and those that are over.

use falter_model::{Basis, Method, Onset, Place, Span, State, Timestamp};

use crate::episode::Episode;
use crate::probed::{Fallen, Lead};
use crate::rounds::Round;
use crate::seeing::Scope;
use crate::view::View;

/// So many are out that it is no single machine.
const A_QUARTER: f64 = 0.25;
/// One in fifty may be silent by chance, as some hosts often are.
const FIRST_OF_THEM: f64 = 0.02;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    open: Option<(Episode, Fallen)>,
    closed: Vec<(Episode, Fallen)>,
    last: Option<(Timestamp, Option<f64>)>,
}

/// What vantage points hold of a scope together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Common {
    /// Whether it is out, and how much of it is lost; `None` where nobody could see.
    pub(crate) found: Option<(bool, f64)>,
    /// The worst state that follows from it.
    pub(crate) at_most: State,
}

impl Standing {
    /// True while it is out.
    pub(crate) const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Takes what is held after a round of `view`, which looked from `place`. True where that
    /// changed what is told.
    pub(crate) fn take(
        &mut self,
        scope: Scope,
        common: Common,
        view: &View,
        round: &Round,
    ) -> bool {
        let Common { found, at_most } = common;
        let before = (self.is_open(), self.last.map(|(_, lost)| lost));
        self.hold_until(round.until);
        match (found, self.open.take()) {
            (Some((true, lost)), None) => {
                self.open = Some(raise(scope, view, round, lost, at_most));
                self.last = Some((round.until, Some(lost)));
            }
            (Some((false, _)), Some((mut episode, mut fallen))) => {
                episode.end = Some(view.end(&episode, &fallen, round));
                view.note_returns(&mut fallen);
                self.closed.push((episode, fallen));
                self.last = None;
            }
            (Some((true, lost)), Some((mut episode, mut fallen))) => {
                episode.at_most = episode.at_most.max(at_most);
                view.note_returns(&mut fallen);
                self.open = Some((episode, fallen));
                self.last = Some((round.until, Some(lost)));
            }
            (None, open) => {
                self.open = open;
                self.last = self.open.as_ref().map(|_| (round.until, None));
            }
            (Some((false, _)), None) => self.last = None,
        }
        if let Some((_, fallen)) = &mut self.open {
            fallen.near(round.near.values().copied());
        }
        before != (self.is_open(), self.last.map(|(_, lost)| lost))
    }

    /// Episodes up to `now`.
    pub(crate) fn episodes(&self, now: Timestamp) -> Vec<Episode> {
        let closed = self.closed.iter().map(|(episode, _)| episode.clone());
        let open = self.open.as_ref().map(|(open, _)| {
            let mut open = open.clone();
            if let Some((at, lost)) = self.last {
                open.went_on(at, now, lost);
            }
            open
        });
        closed.chain(open).collect()
    }

    /// The episode that overlaps `[from, until)`, and the hosts that fell with it.
    pub(crate) fn overlapping(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Option<&(Episode, Fallen)> {
        let overlaps =
            |episode: &Episode| episode.onset.first_bad < until && episode.until(until) > from;
        self.closed.iter().chain(&self.open).find(|(episode, _)| overlaps(episode))
    }

    fn hold_until(&mut self, at: Timestamp) {
        if let (Some((open, _)), Some((since, lost))) = (&mut self.open, self.last) {
            open.went_on(since, at, lost);
        }
    }
}

fn raise(scope: Scope, view: &View, round: &Round, lost: f64, at_most: State) -> (Episode, Fallen) {
    let seeing = view.seeing(scope);
    let width = (round.until - round.from).max(Span::from_seconds(1));
    // One round may pass before a loss shows in the belief.
    let since = seeing.map_or(round.from, |seeing| seeing.good_at) - width;
    let silent = view.silent_since(scope, since);
    let fell: Vec<_> = silent.values().map(|fell| (fell.at, fell.tells)).collect();
    let first_bad = of_weight(fell.clone(), A_QUARTER).unwrap_or(round.from);
    // Those of the quarter that fell one by one are bad already: all was well before the first of them.
    let begins = of_weight(fell, FIRST_OF_THEM).unwrap_or(first_bad);
    let last_good = silent.values().map(|fell| fell.last_good).filter(|good| *good < begins).max();
    let hosts = seeing.map_or(0, |seeing| seeing.hosts);
    let (signal, basis) = match view.place() {
        // What is lost inside is never added to what is lost from outside.
        Place::Inside => ("inside.up-share", Basis::Other),
        Place::Outside if round.methods.contains(&Method::Icmp) => ("ping.up-share", Basis::Hosts),
        Place::Outside => ("tcp.up-share", Basis::Hosts),
    };
    let mut episode = Episode {
        signal: signal.into(),
        rule: "reachability",
        onset: Onset { last_good, first_bad },
        slack: Span::ZERO,
        end: None,
        last_bad: first_bad,
        basis: Some(basis),
        units: Some(hosts as f64),
        counted: true,
        step: width,
        told_at: round.until,
        course: Vec::new(),
        at_most,
    };
    episode.went_on(first_bad, round.until, Some(lost));
    let lead: Lead = view.lead(first_bad);
    let fallen =
        Fallen::new(silent.iter().map(|(address, fell)| (*address, fell.at)), width, hosts, lead);
    (episode, fallen)
}

/// The time up to which more than this share of them had come, by weight.
pub(crate) fn of_weight(mut times: Vec<(Timestamp, f64)>, share: f64) -> Option<Timestamp> {
    times.sort_by_key(|(at, _)| *at);
    let enough = times.iter().map(|(_, weight)| weight).sum::<f64>() * share;
    let mut sum = 0.0;
    times.into_iter().find_map(|(at, weight)| {
        sum += weight;
        // Sums of weights round: a hair over the mark is the mark.
        (sum > enough * (1.0 + 1e-9)).then_some(at)
    })
}
