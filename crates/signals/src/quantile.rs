//! Quantiles of small samples.

/// The value below which `share` of the values lie, by nearest rank; `None` of nothing.
pub(crate) fn quantile(values: &mut [u64], share: f64) -> Option<f64> {
    values.sort_unstable();
    let last = values.len().checked_sub(1)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank between 0 and the number of values"
    )]
    let rank = (last as f64 * share.clamp(0.0, 1.0)).round() as usize;
    values.get(rank).map(|value| *value as f64)
}
