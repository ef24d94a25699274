//! Bounds of configured values: what is outside of them is told with its key.

use std::fmt::Display;
use std::ops::RangeInclusive;

use falter_model::Span;

/// Why a configuration that could be read is still wrong.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} must be {expected}, is {found}")]
pub(crate) struct OutOfBounds {
    /// Section and key, as `probing.packets_per_second`.
    pub(crate) key: &'static str,
    /// What it may be.
    pub(crate) expected: String,
    /// What it is.
    pub(crate) found: String,
}

/// Checks a number.
pub(super) fn number<T: PartialOrd + Display>(
    key: &'static str,
    value: &T,
    range: &RangeInclusive<T>,
) -> Result<(), OutOfBounds> {
    within(key, value, range)
}

/// Checks a length of time.
pub(super) fn span(
    key: &'static str,
    value: Span,
    range: &RangeInclusive<Span>,
) -> Result<(), OutOfBounds> {
    within(key, &value, range)
}

/// Checks a text against what it must look like, told in words.
pub(super) fn text(
    key: &'static str,
    value: &str,
    is_good: impl FnOnce(&str) -> bool,
    expected: &str,
) -> Result<(), OutOfBounds> {
    if is_good(value) {
        return Ok(());
    }
    Err(OutOfBounds { key, expected: expected.to_owned(), found: format!("{value:?}") })
}

fn within<T: PartialOrd + Display>(
    key: &'static str,
    value: &T,
    range: &RangeInclusive<T>,
) -> Result<(), OutOfBounds> {
    if range.contains(value) {
        return Ok(());
    }
    let expected = format!("from {} to {}", range.start(), range.end());
    Err(OutOfBounds { key, expected, found: value.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_bounds_is_named_with_what_would_do() {
        let most = Span::from_days(1);
        let error = span("watch.warm_up", Span::from_days(2), &(Span::ZERO..=most)).unwrap_err();
        assert_eq!(error.to_string(), "watch.warm_up must be from 0s to 1d, is 2d");
    }
}
