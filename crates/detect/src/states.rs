//! The states that an outage went through, and the one that is its own.
//!
//! Isolated is a loss as outside sees it, with its hosts up as inside sees them: milder than a loss of
//! which that is not known, since life inside goes on.

use falter_model::{Basis, Span, State, StateSpan, Timestamp};

use crate::episode::{Episode, Stretch};
use crate::track::COMPLETE;

/// An outage's own state lasted at least this, or three steps (docs/method.md, "States").
const SHORTEST: Span = Span::from_minutes(5);
/// See [`SHORTEST`].
const STEPS: i64 = 3;
/// Returns that make a trouble intermittent (docs/method.md, "States").
const RETURNS: usize = 3;
/// Share of the time that it is up then (docs/method.md, "States").
const UP: std::ops::RangeInclusive<f64> = 0.1..=0.9;
/// It is up inside while no more is lost there than this share of what is lost from outside: then most
/// of what can't be reached is there. Expert.
const LOST_INSIDE: f64 = 0.5;

/// How an outage went.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    /// Its own state.
    pub(crate) state: State,
    /// The sequence of states; times of being up lie between them.
    pub(crate) states: Vec<StateSpan>,
    /// The longest time without being up, less what was not measured.
    pub(crate) longest: Span,
}

/// A time without being up: states that follow each other.
#[derive(Debug, Clone)]
struct Spell {
    spans: Vec<(State, Timestamp, Timestamp)>,
}

impl Spell {
    fn from(&self) -> Timestamp {
        self.spans.first().map_or(Timestamp::MIN, |span| span.1)
    }

    fn until(&self) -> Timestamp {
        self.spans.last().map_or(Timestamp::MIN, |span| span.2)
    }

    /// The longest time at `state` or worse. Blind times neither break it nor count.
    fn longest_at(&self, state: State) -> Span {
        let (mut longest, mut now) = (Span::ZERO, Span::ZERO);
        for (each, from, until) in &self.spans {
            if *each >= state {
                now = now + (*until - *from);
                longest = longest.max(now);
            } else if *each != State::Blind {
                now = Span::ZERO;
            }
        }
        longest
    }

    fn measured(&self) -> Span {
        self.longest_at(State::Degraded)
    }
}

/// What a moment was like.
#[derive(Debug, Clone, Copy)]
struct Moment {
    state: State,
    /// The lost share, and whether in units that only routes or probes count; `None` where no units
    /// were lost.
    lost: Option<(f64, bool)>,
}

/// How the joined `episodes` went; `inside` is the loss that was measured inside, in order. `now` is
/// the end of time where they last.
pub(crate) fn course(episodes: &[Episode], inside: &[Stretch], now: Timestamp) -> Course {
    let spells = spells(episodes, inside);
    let goes_on = episodes.iter().any(|episode| episode.end.is_none());
    let needed = shortest(episodes);
    let longest = spells.iter().map(Spell::measured).max().unwrap_or(Span::ZERO);
    let state = own_state(&spells, needed, longest, goes_on);
    let mut states = sequence(&spells, needed, goes_on);
    if goes_on
        && let Some(last) = states.last_mut()
        && last.until.is_some_and(|until| until >= now)
    {
        last.until = None;
    }
    Course { state, states, longest }
}

/// How long a state must last to be an outage's own.
pub(crate) fn shortest(episodes: &[Episode]) -> Span {
    let counted = episodes.iter().filter(|episode| !episode.is_degradation());
    let step = counted
        .map(|episode| episode.step)
        .min()
        .or_else(|| episodes.iter().map(|episode| episode.step).min())
        .unwrap_or(Span::ZERO);
    step.times(STEPS).max(SHORTEST)
}

/// The lost share of the first basis that exists at each time, without holes between `Stretch`es
/// that touch.
pub(crate) fn losses(episodes: &[Episode], basis: Basis) -> Vec<Stretch> {
    let of_basis: Vec<&Episode> =
        episodes.iter().filter(|episode| episode.basis == Some(basis)).collect();
    let mut losses = Vec::new();
    for (from, until) in slices(of_basis.iter().flat_map(|episode| &episode.course)) {
        let lost = of_basis.iter().filter_map(|episode| episode.stretch_at(from)?.lost);
        if let Some(lost) = lost.reduce(f64::max) {
            losses.push(Stretch { from, until, lost: Some(lost) });
        }
    }
    losses
}

/// Whether most of what was lost from outside was up inside, by the time in which both were measured.
/// `None` where neither lasted as long as a state must, or half of the loss where that was shorter: a
/// round at the edge of an outage bears no witness for all of it.
pub(crate) fn up_inside(episodes: &[Episode], inside: &[Stretch]) -> Option<bool> {
    let (mut up, mut down, mut lasted) = (Span::ZERO, Span::ZERO, Span::ZERO);
    for (from, until) in slices(episodes.iter().flat_map(|episode| &episode.course).chain(inside)) {
        let outside = moment(episodes, from).and_then(|moment| moment.lost);
        let Some((lost, _)) = outside else { continue };
        lasted = lasted + (until - from);
        let Some(lost_inside) = lost_at(inside, from) else { continue };
        let side = if is_up_inside(lost_inside, lost) { &mut up } else { &mut down };
        *side = *side + (until - from);
    }
    let needed = shortest(episodes).as_seconds().min(lasted.as_seconds() / 2.0);
    let measured = up.max(down).as_seconds();
    (measured > 0.0 && measured >= needed).then_some(up > down)
}

fn is_up_inside(lost_inside: f64, lost_outside: f64) -> bool {
    lost_inside <= LOST_INSIDE * lost_outside
}

fn lost_at(inside: &[Stretch], at: Timestamp) -> Option<f64> {
    let place = inside.partition_point(|stretch| stretch.until <= at);
    inside.get(place).filter(|stretch| stretch.from <= at)?.lost
}

/// Times between which nothing changes.
fn slices<'a>(stretches: impl Iterator<Item = &'a Stretch>) -> Vec<(Timestamp, Timestamp)> {
    let mut bounds: Vec<Timestamp> =
        stretches.flat_map(|stretch| [stretch.from, stretch.until]).collect();
    bounds.sort_unstable();
    bounds.dedup();
    bounds.iter().copied().zip(bounds.iter().copied().skip(1)).collect()
}

fn spells(episodes: &[Episode], inside: &[Stretch]) -> Vec<Spell> {
    let mut spells: Vec<Spell> = Vec::new();
    for (from, until) in slices(episodes.iter().flat_map(|episode| &episode.course).chain(inside)) {
        let Some(state) = state_at(episodes, inside, from) else { continue };
        match spells.last_mut() {
            Some(spell) if spell.until() == from => match spell.spans.last_mut() {
                Some(last) if last.0 == state => last.2 = until,
                _ => spell.spans.push((state, from, until)),
            },
            _ => spells.push(Spell { spans: vec![(state, from, until)] }),
        }
    }
    spells
}

/// The state at a moment; `None` where it was up.
fn state_at(episodes: &[Episode], inside: &[Stretch], at: Timestamp) -> Option<State> {
    let Moment { state, lost } = moment(episodes, at)?;
    // A loss of traffic shows that less is asked for, not that nobody gets in.
    let cut = lost.filter(|(_, of_ways_in)| *of_ways_in).map(|(lost, _)| lost);
    let is_isolated =
        cut.zip(lost_at(inside, at)).is_some_and(|(lost, within)| is_up_inside(within, lost));
    Some(if is_isolated { State::Isolated } else { state })
}

/// As seen from outside; `None` where it was up.
fn moment(episodes: &[Episode], at: Timestamp) -> Option<Moment> {
    let mut primary: Option<(Basis, State, f64)> = None;
    let mut proven = State::Partial;
    let (mut capped, mut unmeasured, mut degraded) = (false, false, false);
    for episode in episodes {
        let Some(&Stretch { lost, .. }) = episode.stretch_at(at) else { continue };
        let (Some(lost), Some(basis)) = (lost, episode.basis) else {
            unmeasured |= lost.is_none();
            degraded |= lost.is_some();
            continue;
        };
        let seen = if lost >= COMPLETE { State::Complete } else { State::Partial };
        let state = seen.min(episode.at_most);
        capped |= seen > state;
        if basis <= Basis::Prefixes {
            proven = proven.max(state);
        }
        primary = match primary {
            Some(known) if known.0 < basis => Some(known),
            Some((first, worst, most)) if first == basis => {
                Some((first, worst.max(state), most.max(lost)))
            }
            _ => Some((basis, state, lost)),
        };
    }
    if capped {
        // Hosts that fell silent completely, as far as one protocol from one place can tell, are
        // down for sure once the routes are gone (docs/method.md, "Reachability").
        primary = primary.map(|(basis, state, lost)| (basis, state.max(proven), lost));
    }
    let without_loss = |state| Some(Moment { state, lost: None });
    match primary {
        Some((basis, state, lost)) => Some(Moment {
            state: state.max(State::Partial),
            lost: Some((lost, basis <= Basis::RibEntries)),
        }),
        None if degraded => without_loss(State::Degraded),
        None if unmeasured => without_loss(State::Blind),
        None => None,
    }
}

fn own_state(spells: &[Spell], needed: Span, longest: Span, goes_on: bool) -> State {
    let flapping = is_flapping(spells, goes_on);
    // A trouble that was over sooner than that was what it was most of the time that it was out, if it was out
    // at all, however long it was degraded before and after.
    let out = spells.iter().map(|spell| spell.longest_at(State::Isolated)).max();
    let out = out.filter(|out| *out > Span::ZERO && longest < needed);
    let most = out.map_or(longest, |out| Span::from_micros(out.micros() / 2));
    let needed = if flapping { needed } else { needed.min(most) };
    let lasted = |state| spells.iter().any(|spell| spell.longest_at(state) >= needed);
    if longest == Span::ZERO && !flapping {
        return spells
            .iter()
            .flat_map(|spell| spell.spans.iter().map(|span| span.0))
            .max()
            .unwrap_or(State::Partial);
    }
    if let Some(state) = [State::Complete, State::Partial].into_iter().find(|s| lasted(*s)) {
        return state;
    }
    match (flapping, lasted(State::Isolated)) {
        (true, _) => State::Intermittent,
        (false, true) => State::Isolated,
        (false, false) => State::Degraded,
    }
}

fn is_flapping(spells: &[Spell], goes_on: bool) -> bool {
    let returns = spells.len().saturating_sub(usize::from(goes_on));
    let (Some(first), Some(last)) = (spells.first(), spells.last()) else { return false };
    let whole = (last.until() - first.from()).as_seconds();
    let down: f64 = spells.iter().map(|spell| (spell.until() - spell.from()).as_seconds()).sum();
    returns >= RETURNS && whole > 0.0 && UP.contains(&(1.0 - down / whole))
}

/// States in time. A run of short spells that flap is one intermittent time.
fn sequence(spells: &[Spell], needed: Span, goes_on: bool) -> Vec<StateSpan> {
    let mut states = Vec::new();
    let is_short = |spell: &Spell| spell.measured() < needed;
    for run in spells.chunk_by(|a, b| is_short(a) && is_short(b)) {
        let reaches_end = run.last().map(Spell::until) == spells.last().map(Spell::until);
        if let (Some(first), Some(last)) = (run.first(), run.last())
            && is_flapping(run, goes_on && reaches_end)
        {
            let until = Some(last.until());
            states.push(StateSpan { state: State::Intermittent, from: first.from(), until });
            continue;
        }
        for (state, from, until) in run.iter().flat_map(|spell| &spell.spans) {
            states.push(StateSpan { state: *state, from: *from, until: Some(*until) });
        }
    }
    states
}

#[cfg(test)]
mod tests {
    use falter_model::{End, Onset};

    use super::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::EPOCH + Span::from_minutes(n)
    }

    fn episode(basis: Option<Basis>, course: &[(i64, i64, f64)]) -> Episode {
        let first = course[0].0;
        let last = course[course.len() - 1].1;
        let stretch = |&(from, until, lost): &(i64, i64, f64)| Stretch {
            from: minute(from),
            until: minute(until),
            lost: Some(lost).filter(|lost| *lost >= 0.0),
        };
        Episode {
            signal: "x".into(),
            rule: "counts",
            onset: Onset { last_good: None, first_bad: minute(first) },
            slack: Span::ZERO,
            end: Some(End { last_bad: minute(last), first_good: minute(last) }),
            last_bad: minute(first),
            basis,
            units: None,
            counted: false,
            step: Span::from_minutes(5),
            told_at: minute(first),
            course: course.iter().map(stretch).collect(),
            at_most: State::Complete,
        }
    }

    fn state(episodes: &[Episode]) -> State {
        course(episodes, &[], minute(10_000)).state
    }

    #[test]
    fn a_short_peak_is_not_the_state() {
        let hosts = episode(Some(Basis::Hosts), &[(0, 60, 0.5), (60, 65, 1.0), (65, 120, 0.5)]);
        let found = course(&[hosts], &[], minute(200));
        assert_eq!(found.state, State::Partial);
        assert_eq!(found.states.len(), 3);
        assert_eq!(found.states[1].state, State::Complete);
    }

    #[test]
    fn what_was_short_was_what_it_was() {
        assert_eq!(state(&[episode(Some(Basis::Prefixes), &[(0, 2, 1.0)])]), State::Complete);
    }

    #[test]
    fn what_was_degraded_around_a_short_outage_is_no_state_of_it() {
        let loss = episode(None, &[(0, 4, 0.2)]);
        let out = episode(Some(Basis::Hosts), &[(1, 2, 1.0)]);
        assert_eq!(state(&[loss.clone(), out.clone()]), State::Complete);
        let loss = episode(None, &[(0, 60, 0.2)]);
        assert_eq!(state(&[loss, out]), State::Degraded);
    }

    #[test]
    fn hosts_come_before_prefixes() {
        let hosts = episode(Some(Basis::Hosts), &[(0, 60, 1.0)]);
        let prefixes = episode(Some(Basis::Prefixes), &[(0, 60, 0.3)]);
        assert_eq!(state(&[prefixes, hosts]), State::Complete);
    }

    #[test]
    fn one_protocol_from_one_place_needs_the_routes() {
        let mut hosts = episode(Some(Basis::Hosts), &[(0, 60, 1.0)]);
        hosts.at_most = State::Partial;
        assert_eq!(state(std::slice::from_ref(&hosts)), State::Partial);
        let routes = episode(Some(Basis::Prefixes), &[(0, 60, 1.0)]);
        assert_eq!(state(&[routes.clone(), hosts.clone()]), State::Complete);
        assert_eq!(state(&[hosts, routes]), State::Complete);
    }

    #[test]
    fn loss_alone_is_degraded() {
        assert_eq!(state(&[episode(None, &[(0, 60, 0.0)])]), State::Degraded);
    }

    #[test]
    fn flapping_is_intermittent_unless_it_was_dark_for_long() {
        let waves: Vec<Episode> = (0..6)
            .map(|wave| episode(Some(Basis::Prefixes), &[(wave * 15, wave * 15 + 5, 1.0)]))
            .collect();
        let found = course(&waves, &[], minute(200));
        assert_eq!(found.state, State::Intermittent);
        assert_eq!(found.states.len(), 1);
        let mut then_dark = waves;
        then_dark.push(episode(Some(Basis::Prefixes), &[(100, 400, 1.0)]));
        let found = course(&then_dark, &[], minute(500));
        assert_eq!(found.state, State::Complete);
        assert_eq!(found.states.len(), 2);
    }

    #[test]
    fn blind_times_are_told_and_do_not_decide() {
        let prefixes =
            episode(Some(Basis::Prefixes), &[(0, 20, 1.0), (20, 60, -1.0), (60, 80, 1.0)]);
        let found = course(&[prefixes], &[], minute(200));
        assert_eq!(found.state, State::Complete);
        assert_eq!(found.states[1].state, State::Blind);
    }

    fn inside(stretches: &[(i64, i64, f64)]) -> Vec<Stretch> {
        let stretch = |&(from, until, lost): &(i64, i64, f64)| Stretch {
            from: minute(from),
            until: minute(until),
            lost: Some(lost),
        };
        stretches.iter().map(stretch).collect()
    }

    /// The own state of an hour with this loss from outside, and whether it was up inside.
    fn with_inside(basis: Basis, lost: f64, measured: &[(i64, i64, f64)]) -> (State, Option<bool>) {
        let episodes = [episode(Some(basis), &[(0, 60, lost)])];
        let inside = inside(measured);
        let state = course(&episodes, &inside, minute(200)).state;
        (state, up_inside(&episodes, &inside))
    }

    #[test]
    fn a_loss_that_is_up_inside_is_isolated() {
        for basis in [Basis::Hosts, Basis::Prefixes, Basis::RibEntries] {
            let found = with_inside(basis, 1.0, &[(0, 60, 0.0)]);
            assert_eq!(found, (State::Isolated, Some(true)), "{basis:?}");
        }
        assert_eq!(with_inside(Basis::Hosts, 0.3, &[(0, 60, 0.0)]).0, State::Isolated);
    }

    #[test]
    fn what_is_lost_inside_too_is_not() {
        let hosts = Basis::Hosts;
        assert_eq!(with_inside(hosts, 1.0, &[(0, 60, 1.0)]), (State::Complete, Some(false)));
        assert_eq!(with_inside(hosts, 0.3, &[(0, 60, 0.3)]), (State::Partial, Some(false)));
        // A tenth is down inside, and nine tenths of what nobody reaches are up.
        assert_eq!(with_inside(hosts, 1.0, &[(0, 60, 0.1)]), (State::Isolated, Some(true)));
    }

    #[test]
    fn who_did_not_look_inside_says_nothing() {
        assert_eq!(with_inside(Basis::Hosts, 1.0, &[]), (State::Complete, None));
        assert_eq!(with_inside(Basis::Hosts, 1.0, &[(-60, 1, 0.0)]), (State::Complete, None));
    }

    #[test]
    fn less_traffic_is_no_cut() {
        let found = with_inside(Basis::Other, 0.6, &[(0, 60, 0.0)]);
        assert_eq!(found, (State::Partial, Some(true)));
    }

    #[test]
    fn the_worst_that_lasted_ranks_isolated_under_a_loss_inside_too() {
        // Batteries inside lasted for three quarters of an hour, or but for four minutes of one.
        let hosts = Basis::Hosts;
        assert_eq!(with_inside(hosts, 1.0, &[(0, 45, 0.0), (45, 60, 1.0)]).0, State::Complete);
        assert_eq!(with_inside(hosts, 1.0, &[(0, 58, 0.0), (58, 60, 1.0)]).0, State::Isolated);
    }
}
