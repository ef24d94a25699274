//! The width of a bin as a number of seconds, the form that series and recordings share.

use falter_model::{Span, Step};

/// In seconds, with a fraction where it has one.
pub(crate) fn step_seconds(step: Step) -> f64 {
    step.width().as_seconds()
}

/// To the nearest microsecond; `None` below one second, beyond 300,000 years, or where it is no
/// number.
pub(crate) fn step_from_seconds(seconds: f64) -> Option<Step> {
    // 1e13 s keeps the product within 64 bits.
    if !(1.0..=1e13).contains(&seconds) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked above, rounded to a whole number")]
    let micros = (seconds * 1e6).round() as i64;
    Step::new(Span::from_micros(micros)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_survive_and_nonsense_does_not() {
        for micros in [1_000_000, 1_500_001, 300_000_000, 604_800_000_000] {
            let step = Step::new(Span::from_micros(micros)).unwrap();
            assert_eq!(step_from_seconds(step_seconds(step)), Some(step));
        }
        for seconds in [0.0, 0.5, -300.0, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(step_from_seconds(seconds), None, "{seconds}");
        }
    }
}
