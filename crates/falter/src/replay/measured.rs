//! How much of each signal there is: what `falter replay --json` lists under `signals`.

use falter_model::{Entity, Series, SignalId};
use serde::Serialize;

/// Bins of one signal of one entity, and how many of them were not measured.
#[derive(Debug, Serialize)]
pub(crate) struct Measured {
    id: SignalId,
    entity: Entity,
    step_s: i64,
    bins: u64,
    gaps: u64,
}

/// A line a series, in their order.
pub(super) fn of(series: &[Series]) -> Vec<Measured> {
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let measured = series.iter().map(|series| Measured {
        id: series.signal.clone(),
        entity: series.entity.clone(),
        step_s: series.step.seconds(),
        bins: count(series.points.len()),
        gaps: count(series.points.iter().filter(|(_, value)| value.is_none()).count()),
    });
    measured.collect()
}
