//! The median over vantage points at one time.

use super::One;

/// The middle value and its `n`; the mean of the two middle ones where there is an even number of
/// vantage points. Who did not measure does not count.
pub(super) fn median(ones: &mut Vec<One>) -> (Option<f64>, Option<f64>) {
    ones.retain(|one| one.value.is_some());
    // The vantage decides between equals, so that the order of input does not.
    ones.sort_by(|a, b| {
        let value = |one: &One| one.value.unwrap_or_default();
        value(a).total_cmp(&value(b)).then_with(|| a.vantage.cmp(&b.vantage))
    });
    let Some(last) = ones.len().checked_sub(1) else { return (None, None) };
    let (Some(low), Some(high)) = (ones.get(last / 2), ones.get(ones.len() / 2)) else {
        return (None, None);
    };
    let middle = |a: Option<f64>, b: Option<f64>| Some(f64::midpoint(a?, b?));
    (middle(low.value, high.value), middle(low.n, high.n))
}
