//! Takes many readings at once: each half of the series on a core of its own.
//!
//! What a reading does concerns its own series alone, so it makes no difference which series are
//! looked after first. At the end of a bin in which every origin AS is watched, readings come by the
//! thousand, each of another series, and most of their cost is waiting for memory.

use std::panic::resume_unwind;
use std::thread;

use falter_model::Reading;

use crate::Plan;
use crate::kept::Kept;
use crate::shelf::{Place, Shelf, Stretch};
use crate::track::Effect;

/// From so many readings on a second thread is worth its start: a thread costs some tens of
/// microseconds, a reading a fraction of one.
pub(crate) const WORTH_IT: usize = 1_000;

/// So many series are looked at before the first of them is worked on: a processor waits for the
/// memory of all of them at once.
const TOUCHED: usize = 32;

/// Takes readings of series at these places, in their order. Gives the places where episodes
/// changed, in no order.
pub(crate) fn take(
    series: &mut Shelf<Kept>,
    readings: &[(Place, &Reading)],
    plan: &Plan,
) -> Vec<Place> {
    let (lower, upper) = series.halves();
    thread::scope(|scope| {
        let other = scope.spawn(|| take_those_of(upper, readings, plan));
        let mut changed = take_those_of(lower, readings, plan);
        match other.join() {
            Ok(places) => changed.extend(places),
            Err(panic) => resume_unwind(panic),
        }
        changed
    })
}

/// Takes what concerns a stretch of the shelf and passes over the rest.
fn take_those_of(
    mut stretch: Stretch<'_, Kept>,
    readings: &[(Place, &Reading)],
    plan: &Plan,
) -> Vec<Place> {
    let mut changed = Vec::new();
    for some in readings.chunks(TOUCHED) {
        for (place, _) in some {
            if let Some(kept) = stretch.get_mut(*place) {
                kept.touch();
            }
        }
        for (place, reading) in some {
            let Some(kept) = stretch.get_mut(*place) else { continue };
            // Where hosts are probed, readings are taken one by one.
            if kept.take(reading, plan, false) == Effect::Changed {
                changed.push(*place);
            }
        }
    }
    changed
}
