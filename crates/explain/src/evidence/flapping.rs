//! Routes that come back and go again, and whether in the rhythm of a hold timer.
//!
//! Under load keepalives are lost, the hold timer ends the session, it comes up again and dies again
//! (Zhang, Mao, Wang, NDSS 2007). Failed repairs flap too, at a pace of their own. The times are taken
//! as multiples of the hold time, so that a testbed with short timers and a network with long ones
//! look alike.

use falter_model::{EvidenceBasis, Kind, Span};

use super::group::Group;
use super::{Finding, Scene};

/// Fewer returns than this are no flapping.
const LEAST: u32 = 2;

/// From half a hold time to two and a half: the timer itself, jitter of reconnecting, and one more
/// try.
const NEAR: (f64, f64) = (0.5, 2.5);

/// Where no hold time is known, both defaults are tried: 90 s (RFC 4271) and 180 s (most routers).
const USUAL: [Span; 2] = [Span::from_seconds(90), Span::from_seconds(180)];

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let routes = scene.sharp_routes()?;
    let fell = routes.prefixes_lost > 0 || scene.case.layers.routes == Some(true);
    if !fell && routes.flaps == 0 {
        // Routes that never went cannot come back: no flapping is no evidence then.
        return None;
    }
    let ratio = median(&routes.down_times, &routes.up_times)
        .and_then(|time| ratio(time, scene.known_hold_time()));
    let near = ratio.is_some_and(|ratio| (NEAR.0..=NEAR.1).contains(&ratio));
    let (place, says) = match (routes.flaps >= LEAST, near, ratio) {
        (false, ..) => (0, "Routes did not flap.".to_owned()),
        (true, true, Some(ratio)) => (
            2,
            format!(
                "Routes came back and went again {} times, in a rhythm of {ratio:.1} hold times.",
                routes.flaps
            ),
        ),
        (true, ..) => (
            1,
            format!(
                "Routes came back and went again {} times, far from any hold time.",
                routes.flaps
            ),
        ),
    };
    let mut observed = vec![("flaps", f64::from(routes.flaps))];
    observed.extend(ratio.map(|ratio| ("hold_times", ratio)));
    Some(Finding {
        id: "routes.flapping",
        group: Group::Routes,
        kind: Kind::Routes,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| expects.flapping.get(place).copied().unwrap_or(0.0)),
        says,
        observed,
    })
}

/// In hold times; of the usual ones the one that fits better.
fn ratio(time: Span, hold_time: Option<Span>) -> Option<f64> {
    let by = |hold_time: Span| time.as_seconds() / hold_time.as_seconds();
    if let Some(hold_time) = hold_time {
        return Some(by(hold_time));
    }
    let off = |ratio: &f64| libm::fabs(libm::log(ratio.max(1e-9)));
    USUAL.into_iter().map(by).min_by(|a, b| off(a).total_cmp(&off(b)))
}

/// The lower median of all times up and down in between.
fn median(down: &[Span], up: &[Span]) -> Option<Span> {
    let mut times: Vec<Span> = down.iter().chain(up).copied().collect();
    times.sort_unstable();
    times.get(times.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_hold_times() {
        let check = |seconds: i64, hold_time: Option<i64>, expected: f64| {
            let found =
                ratio(Span::from_seconds(seconds), hold_time.map(Span::from_seconds)).unwrap();
            assert!((found - expected).abs() < 1e-9, "{seconds} s: {found}");
        };
        check(9, Some(9), 1.0);
        check(540, Some(180), 3.0);
        check(90, None, 1.0);
        check(180, None, 1.0);
        check(360, None, 2.0);
    }

    #[test]
    fn one_long_repair_does_not_hide_the_rhythm() {
        let times = [180, 170, 7200, 190, 181].map(Span::from_seconds);
        assert_eq!(median(&times, &[]), Some(Span::from_seconds(181)));
        assert_eq!(median(&[], &[]), None);
    }
}
