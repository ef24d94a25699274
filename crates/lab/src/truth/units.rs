//! What can be there or gone: an address, a server, a site, a prefix, and when it was.

use falter_model::Timestamp;

/// Something that was asked again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// What fails with it: units of one machine are one.
    pub(super) machine: String,
    /// How many it stands for.
    pub(super) weight: u32,
    /// Questions in a row without an answer that show that it is gone.
    pub(super) needed: usize,
    /// When it was asked and whether it answered, in the order of time.
    pub(super) answers: Vec<(Timestamp, bool)>,
}

/// A time without it, between observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gone {
    /// The last answer; `None` where there was none before.
    pub(super) last_good: Option<Timestamp>,
    /// The first question without one.
    pub(super) first_bad: Timestamp,
    /// The last question without one.
    pub(super) last_bad: Timestamp,
    /// The next answer; `None` where none came any more.
    pub(super) first_good: Option<Timestamp>,
}

/// A chance that is none: that a unit which is there looks gone.
const BY_CHANCE: f64 = 1e-4;
/// Packets that get lost on a good day, at most; so many more answers are missed.
const LOSS: f64 = 0.1;
/// No fewer questions in a row.
const LEAST_NEEDED: usize = 3;

/// Questions in a row without an answer that an address of this availability (in a thousand) hardly ever
/// gives: `(1 - (1 - loss) A)^n < 0.0001`.
pub(super) fn needed(availability: u16) -> usize {
    let answers = (1.0 - LOSS) * f64::from(availability.clamp(1, 1000)) / 1000.0;
    let questions = (BY_CHANCE.ln() / (1.0 - answers).ln()).ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 10,000")]
    let questions = questions as usize;
    questions.max(LEAST_NEEDED)
}

impl Unit {
    /// All times without it.
    pub(super) fn gone(&self) -> Vec<Gone> {
        let mut found: Vec<Gone> = Vec::new();
        let mut last_good = None;
        let mut misses: Vec<Timestamp> = Vec::new();
        let mut note = |misses: &mut Vec<Timestamp>, last_good, first_good| {
            if let (Some(first), Some(last)) = (misses.first(), misses.last())
                && misses.len() >= self.needed
            {
                found.push(Gone { last_good, first_bad: *first, last_bad: *last, first_good });
            }
            misses.clear();
        };
        for (at, answered) in &self.answers {
            if *answered {
                note(&mut misses, last_good, Some(*at));
                last_good = Some(*at);
            } else {
                misses.push(*at);
            }
        }
        note(&mut misses, last_good, None);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(needed: usize, answers: &str, expected: &[(Option<i64>, i64, i64, Option<i64>)]) {
        let second = Timestamp::from_seconds;
        let answers = (0..).zip(answers.chars()).map(|(at, c)| (second(at), c == '+')).collect();
        let unit = Unit { machine: "m".to_owned(), weight: 1, needed, answers };
        let found: Vec<_> = unit
            .gone()
            .into_iter()
            .map(|gone| {
                let seconds = |at: Option<Timestamp>| at.map(Timestamp::seconds);
                (
                    seconds(gone.last_good),
                    gone.first_bad.seconds(),
                    gone.last_bad.seconds(),
                    seconds(gone.first_good),
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn it_takes_several_misses_in_a_row() {
        check(3, "++--+--+-", &[]);
        check(3, "++---+---", &[(Some(1), 2, 4, Some(5)), (Some(5), 6, 8, None)]);
        check(1, "-+", &[(None, 0, 0, Some(1))]);
    }

    #[test]
    fn the_less_available_the_more_misses() {
        assert_eq!(needed(1000), 4);
        assert_eq!(needed(500), 16);
        assert!(needed(600) > needed(900));
    }
}
