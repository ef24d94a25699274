//! Keeps the readings that make up series, for pictures, reports and the store.

use std::collections::BTreeMap;

use falter_model::{Entity, Reading, ReadingKind, Series, SignalId, Span, Step, Timestamp};

/// Series in the making, by entity and signal.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    kept: BTreeMap<(Entity, SignalId), Kept>,
}

#[derive(Debug)]
struct Kept {
    step: Option<Step>,
    points: Vec<(Timestamp, Option<f64>)>,
}

impl Keeper {
    /// Keeps a bin's or an instant's value; changes inside a bin only time onset and end.
    pub(super) fn keep(&mut self, reading: &Reading) {
        let step = match reading.kind {
            ReadingKind::Bin(step) => Some(step),
            ReadingKind::Instant => None,
            ReadingKind::Change { .. } => return,
        };
        let key = (reading.entity.clone(), reading.signal.clone());
        let kept = self.kept.entry(key).or_insert_with(|| Kept { step, points: Vec::new() });
        match kept.points.last_mut() {
            Some(last) if last.0 == reading.at => last.1 = reading.value,
            Some(last) if last.0 > reading.at => {}
            _ => kept.points.push((reading.at, reading.value)),
        }
    }

    /// All series, sorted by entity and signal.
    pub(super) fn series(self) -> Vec<Series> {
        let series = self.kept.into_iter().map(|((entity, signal), kept)| {
            let step = kept.step.unwrap_or_else(|| usual_distance(&kept.points));
            Series { entity, signal, step, points: kept.points }
        });
        series.collect()
    }
}

/// The median distance of snapshots: what stands for a step where the source states none.
fn usual_distance(points: &[(Timestamp, Option<f64>)]) -> Step {
    let mut distances: Vec<Span> = points
        .iter()
        .zip(points.iter().skip(1))
        .map(|((earlier, _), (later, _))| *later - *earlier)
        .collect();
    distances.sort_unstable();
    distances
        .get(distances.len() / 2)
        .and_then(|distance| Step::new(*distance).ok())
        .unwrap_or(Step::FIVE_MINUTES)
}
