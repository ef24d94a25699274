//! How long it took until all lost prefixes were lost, where several operators lost some.
//!
//! Orders reach operators one after the other (13 minutes in Egypt, 2011); a cut path takes all along
//! within a hold time; batteries run down over hours. Measured in hold times, since that is what a
//! router waits before it believes a silence.

use falter_model::{EvidenceBasis, Kind, Span};

use super::group::Group;
use super::{Finding, Scene};

/// Together: within one hold time. One by one: within ten of them (half an hour at 180 s).
const ONE_BY_ONE: i64 = 10;

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let routes = scene.sharp_routes()?;
    let spread = routes.withdrawal_spread?;
    if routes.operators_lost < 2 {
        return None;
    }
    let hold_time = scene.hold_time();
    let (place, how) = if spread <= hold_time {
        (0, "together")
    } else if spread <= hold_time.times(ONE_BY_ONE) {
        (1, "one by one within minutes")
    } else {
        (2, "over a long time")
    };
    Some(Finding {
        id: "routes.withdrawal-spread",
        group: Group::Routes,
        kind: Kind::Routes,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| expects.spread.get(place).copied().unwrap_or(0.0)),
        says: format!(
            "Routes of {} operators went {how}: {} from first to last.",
            routes.operators_lost,
            words(spread)
        ),
        observed: vec![
            ("spread_s", spread.as_seconds()),
            ("hold_time_s", hold_time.as_seconds()),
            ("operators_lost", f64::from(routes.operators_lost)),
        ],
    })
}

/// `40 s`, `13 min`.
pub(super) fn words(span: Span) -> String {
    let seconds = span.as_seconds();
    if seconds < 120.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) }
}
