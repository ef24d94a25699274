//! One signal of one entity in time: readings in, episodes out.
//!
//! A value holds until the next reading. Where the next is missing for too long, it holds for the
//! usual distance and the rest is a gap, which teaches nothing and begins and ends nothing.

use std::hint::black_box;

use falter_model::{Basis, End, Onset, Reading, ReadingKind, SignalId, Span, State, Timestamp};

use crate::cadence::Cadence;
use crate::detector::{Call, Detector, Loss, Sample, Standing};
use crate::episode::Episode;
use crate::rule::Rule;

/// After this long a loss of less than half is the new normal: renumbered or given up (the longest
/// anomaly that IODA's watchtower knows, docs/method.md).
const SMALL_LOSS_SETTLES_AFTER: Span = Span::from_days(7);
/// After this long a greater loss is the new normal. A complete one never is: a country that has
/// been off for two months is off.
const GREAT_LOSS_SETTLES_AFTER: Span = Span::from_days(28);
/// Where the next reading of a series was never seen, its value is thought to hold this long.
const UNKNOWN_DISTANCE: Span = Span::from_minutes(5);
/// Lost share from which a loss is complete (docs/method.md, "States").
pub(crate) const COMPLETE: f64 = 0.95;

/// What a bin's value is the value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// The state at the bin's end: counts from a table that is kept.
    AtEnd,
    /// The whole bin, told by its first moment.
    OverBin,
}

/// Whether a reading changed what is known of episodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// All is as it was.
    Nothing,
    /// An episode began, went on otherwise, or ended.
    Changed,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Track {
    signal: SignalId,
    basis: Option<Basis>,
    label: Label,
    detector: Rule,
    cadence: Cadence,
    /// The width of its bins; `None` for snapshots.
    bin_width: Option<Span>,
    /// Changes are told as they happen, so that silence means that nothing changed.
    tells_changes: bool,
    held: Option<Held>,
    gap_since: Option<Timestamp>,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    last_good: Option<Timestamp>,
    last_bad: Option<Timestamp>,
    suspects: Vec<Suspect>,
    /// Rare, so not inline: there are as many tracks as series.
    open: Option<Box<Episode>>,
    closed: Vec<Episode>,
    bins: u64,
    gaps: u64,
}

/// A value that holds until the next reading.
#[derive(Debug, Clone, Copy)]
struct Held {
    at: Timestamp,
    value: f64,
    role: Role,
}

/// What becomes of the time that a value holds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Role {
    /// It teaches the baseline.
    Teaches,
    /// It waits until the next values show what it was.
    Waits(Loss),
    /// It belongs to the open episode.
    Lost(Loss),
}

/// A time that waits to be learned or to become the beginning of an episode.
#[derive(Debug, Clone, Copy)]
struct Suspect {
    from: Timestamp,
    until: Timestamp,
    value: f64,
    loss: Loss,
}

/// A reading with a value, as far as times are concerned.
#[derive(Debug, Clone, Copy)]
struct Moment {
    at: Timestamp,
    known_at: Timestamp,
    slack: Span,
    /// How much earlier than `at` it may in truth have happened, for changes told as they happen.
    within: Span,
    counted: bool,
}

impl Track {
    /// A track of `signal` that is judged by `detector`; `basis` says in which unit losses count.
    pub(crate) fn new(
        signal: SignalId,
        basis: Option<Basis>,
        label: Label,
        detector: Rule,
    ) -> Self {
        Self {
            signal,
            basis,
            label,
            detector,
            cadence: Cadence::default(),
            bin_width: None,
            // A table that is kept is told when it changes, and seldom otherwise.
            tells_changes: label == Label::AtEnd,
            held: None,
            gap_since: None,
            first_at: None,
            last_at: None,
            last_good: None,
            last_bad: None,
            suspects: Vec::new(),
            open: None,
            closed: Vec::new(),
            bins: 0,
            gaps: 0,
        }
    }

    /// Looks at what the next reading will need, so that it is at hand by then.
    pub(crate) fn touch(&self) {
        black_box((self.last_at, self.bins));
        self.detector.touch();
    }

    /// Takes a reading of this series. One that is older than the last is passed over.
    pub(crate) fn take(&mut self, reading: &Reading) -> Effect {
        let is_change = matches!(reading.kind, ReadingKind::Change { .. });
        self.tells_changes |= is_change;
        let Some(value) = reading.value.filter(|value| value.is_finite()) else {
            return self.take_gap(reading.at);
        };
        if let ReadingKind::Bin(step) = reading.kind {
            self.bin_width = Some(step.width());
        }
        let moment = self.moment(reading);
        if self.last_at.is_some_and(|last| moment.at < last) {
            return Effect::Nothing;
        }
        self.pass_time(moment.at, reading.kind);
        self.first_at = self.first_at.or(Some(moment.at));
        self.last_at = Some(moment.at);
        self.bins += u64::from(!is_change);
        let sample = Sample { at: moment.at, value, n: reading.n, distance: self.step() };
        let effect = match self.open.take() {
            Some(episode) => self.judge_open(episode, &sample, moment),
            None => self.judge_quiet(&sample, moment),
        };
        self.gap_since = None;
        effect
    }

    /// Episodes up to `now`, the open one last.
    pub(crate) fn episodes(&self, now: Timestamp) -> impl Iterator<Item = Episode> {
        let open = self.open.as_ref().map(|open| {
            let mut episode = Episode::clone(open);
            self.go_on_until(&mut episode, now);
            episode
        });
        self.closed.iter().cloned().chain(open)
    }

    /// True while an alert is open.
    pub(crate) const fn is_out(&self) -> bool {
        self.open.is_some()
    }

    /// Readings with a value.
    pub(crate) const fn bins(&self) -> u64 {
        self.bins
    }

    /// Times that were not measured.
    pub(crate) const fn gaps(&self) -> u64 {
        self.gaps
    }

    /// The width of its bins; of snapshots, the usual distance between them.
    pub(crate) fn step(&self) -> Span {
        self.bin_width.unwrap_or_else(|| self.distance())
    }

    /// The usual distance between readings.
    fn distance(&self) -> Span {
        self.cadence.distance().unwrap_or(UNKNOWN_DISTANCE)
    }

    /// True where it was measured at some time in `[from, until)`: only then does it bear witness.
    pub(crate) fn measured_in(&self, from: Timestamp, until: Timestamp) -> bool {
        let since = self.first_at.is_some_and(|first| first < until);
        since && (self.last_at.is_some_and(|last| last >= from) || self.tells_changes)
    }

    /// Forgets episodes that began before `before` and are over: they are sealed elsewhere.
    pub(crate) fn forget(&mut self, before: Timestamp) {
        self.closed.retain(|episode| episode.onset.first_bad > before);
    }

    fn moment(&self, reading: &Reading) -> Moment {
        let known_at = reading.known_at();
        let counted = reading.n.is_some();
        let (at, slack, within) = match (reading.kind, self.label) {
            (ReadingKind::Bin(_), Label::AtEnd) => (known_at, Span::ZERO, Span::ZERO),
            (ReadingKind::Bin(step), Label::OverBin) => (reading.at, step.width(), Span::ZERO),
            (ReadingKind::Instant, _) => (reading.at, Span::ZERO, Span::ZERO),
            (ReadingKind::Change { within }, _) => (reading.at, within, within),
        };
        Moment { at, known_at, slack, within, counted }
    }

    /// The last value held until `at`, or as long as it may; then `at` begins something new.
    fn pass_time(&mut self, at: Timestamp, kind: ReadingKind) {
        let Some(last) = self.last_at else {
            if let ReadingKind::Bin(step) = kind {
                self.cadence.push(step.width());
            }
            return;
        };
        let distance = at - last;
        if self.held.is_some() && !self.tells_changes && self.cadence.is_gap(distance) {
            let held_until = last + self.distance();
            self.hold_until(held_until);
            self.held = None;
            self.gap_since = Some(held_until);
            self.gaps += 1;
        } else {
            self.hold_until(at);
            if self.gap_since.is_none() && !matches!(kind, ReadingKind::Change { .. }) {
                self.cadence.push(distance);
            }
        }
        if let (Some(since), Some(open)) = (self.gap_since, self.open.as_mut()) {
            open.went_on(since, at, None);
        }
    }

    /// Gives the time since the held value's moment to whatever that value is part of.
    fn hold_until(&mut self, until: Timestamp) {
        let Some(held) = self.held else { return };
        match held.role {
            Role::Teaches => self.detector.learn(held.at, until, held.value),
            Role::Waits(loss) => {
                self.suspects.push(Suspect { from: held.at, until, value: held.value, loss });
            }
            Role::Lost(loss) => {
                if let Some(open) = self.open.as_mut() {
                    open.went_on(held.at, until, Some(loss.share));
                }
            }
        }
    }

    fn take_gap(&mut self, at: Timestamp) -> Effect {
        if self.gap_since.is_some() || self.last_at.is_none_or(|last| at < last) {
            return Effect::Nothing;
        }
        self.hold_until(at);
        self.held = None;
        self.last_at = Some(at);
        self.gap_since = Some(at);
        self.gaps += 1;
        if self.open.is_some() { Effect::Changed } else { Effect::Nothing }
    }

    fn judge_quiet(&mut self, sample: &Sample, moment: Moment) -> Effect {
        match self.detector.judge(sample, Standing::Up) {
            Call::Unknown | Call::Good => {
                self.learn_suspects();
                self.good(sample);
                Effect::Nothing
            }
            Call::Suspect(loss) => {
                self.hold(sample, Role::Waits(loss));
                Effect::Nothing
            }
            Call::Bad(loss) => {
                self.raise(sample, moment, loss);
                Effect::Changed
            }
        }
    }

    fn judge_open(&mut self, mut episode: Box<Episode>, sample: &Sample, moment: Moment) -> Effect {
        match self.detector.judge(sample, Standing::Out) {
            Call::Unknown | Call::Good => {
                let last_bad = self.last_bad.unwrap_or(episode.onset.first_bad);
                let last_bad = last_bad.max(self.just_before(moment).unwrap_or(last_bad));
                episode.end = Some(End { last_bad, first_good: sample.at });
                self.closed.push(*episode);
                self.good(sample);
            }
            Call::Suspect(loss) | Call::Bad(loss) => {
                self.last_bad = Some(sample.at);
                episode.last_bad = sample.at;
                if has_settled(&episode, sample.at, loss) {
                    episode.end = Some(End { last_bad: sample.at, first_good: sample.at });
                    self.closed.push(*episode);
                    self.detector.settle();
                    self.good(sample);
                } else {
                    let before = self.held.map(|held| held.role);
                    self.open = Some(episode);
                    self.hold(sample, Role::Lost(loss));
                    if before == Some(Role::Lost(loss)) {
                        return Effect::Nothing;
                    }
                }
            }
        }
        Effect::Changed
    }

    fn raise(&mut self, sample: &Sample, moment: Moment, loss: Loss) {
        let first_bad = self.suspects.first().map_or(sample.at, |suspect| suspect.from);
        let last_good = match self.just_before(moment) {
            Some(before) if self.suspects.is_empty() => self.last_good.map(|good| good.max(before)),
            _ => self.last_good,
        };
        let mut episode = Episode {
            signal: self.signal.clone(),
            rule: self.detector.rule(),
            onset: Onset { last_good, first_bad },
            slack: moment.slack,
            end: None,
            last_bad: sample.at,
            basis: self.basis,
            units: loss.of,
            counted: moment.counted,
            step: sample.distance,
            told_at: moment.known_at,
            course: Vec::new(),
            at_most: State::Complete,
        };
        for suspect in self.suspects.drain(..) {
            episode.went_on(suspect.from, suspect.until, Some(suspect.loss.share));
        }
        self.last_bad = Some(sample.at);
        self.open = Some(Box::new(episode));
        self.hold(sample, Role::Lost(loss));
    }

    /// The earliest moment at which a change told now may have happened, where the time before it
    /// was watched.
    fn just_before(&self, moment: Moment) -> Option<Timestamp> {
        let watched = self.tells_changes && self.gap_since.is_none() && moment.within > Span::ZERO;
        watched.then(|| moment.at - moment.within)
    }

    fn good(&mut self, sample: &Sample) {
        self.last_good = Some(sample.at);
        self.hold(sample, Role::Teaches);
    }

    fn hold(&mut self, sample: &Sample, role: Role) {
        self.held = Some(Held { at: sample.at, value: sample.value, role });
    }

    fn learn_suspects(&mut self) {
        for suspect in std::mem::take(&mut self.suspects) {
            self.detector.learn(suspect.from, suspect.until, suspect.value);
        }
    }

    /// Draws the open episode's course on to `now`: as long as the last value may hold, and
    /// unmeasured from there.
    fn go_on_until(&self, episode: &mut Episode, now: Timestamp) {
        let Some(last) = self.last_at else { return };
        let blind_since = match self.held {
            Some(Held { at, role: Role::Lost(loss), .. }) => {
                let silent = !self.tells_changes && self.cadence.is_gap(now - last);
                let holds_until = if silent { last + self.distance() } else { now };
                episode.went_on(at, holds_until, Some(loss.share));
                holds_until
            }
            _ => self.gap_since.unwrap_or(last),
        };
        episode.went_on(blind_since, now, None);
    }
}

/// True where a loss has lasted for so long that it is the new normal.
fn has_settled(episode: &Episode, at: Timestamp, loss: Loss) -> bool {
    let lasted = at - episode.onset.first_bad;
    let limit = match loss.share {
        share if share >= COMPLETE => return false,
        share if share >= 0.5 => GREAT_LOSS_SETTLES_AFTER,
        _ => SMALL_LOSS_SETTLES_AFTER,
    };
    lasted >= limit
}
