//! Whether hosts or routes fell first, in hold times.
//!
//! Both under load and without electricity hosts fall first and routes follow when sessions time out:
//! the two causes expect the same, so the order never separates them. It separates both from
//! withdrawals on purpose and cut paths, where routes go first or together with hosts.

use falter_model::{EvidenceBasis, Kind, Span};

use super::group::Group;
use super::withdrawal_spread::words;
use super::{Finding, Scene};

/// Closer than this is together: the uncertainty of BGP's own times by path exploration (design).
const TOGETHER: Span = Span::from_seconds(60);

/// A session times out within one hold time; routers take up to another to tell.
const HOLD_TIMES: i64 = 2;

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    scene.sharp_routes()?;
    let after_routes = scene.case.probes.as_ref()?.hosts_after_routes?;
    let lead = Span::ZERO - after_routes;
    let hold_time = scene.hold_time();
    let (place, says) = if after_routes > TOGETHER {
        (3, format!("Routes fell {} before hosts.", words(after_routes)))
    } else if lead <= TOGETHER {
        (2, "Hosts and routes fell together.".to_owned())
    } else {
        let place = usize::from(lead > hold_time.times(HOLD_TIMES));
        let ratio = lead.as_seconds() / hold_time.as_seconds();
        (place, format!("Hosts fell {} before routes, {ratio:.1} hold times.", words(lead)))
    };
    Some(Finding {
        id: "hosts.after-routes",
        group: Group::Hosts,
        kind: Kind::Hosts,
        basis: EvidenceBasis::Expert,
        likelihood: Scene::expected(|expects| expects.order.get(place).copied().unwrap_or(0.0)),
        says,
        observed: vec![
            ("after_routes_s", after_routes.as_seconds()),
            ("hold_time_s", hold_time.as_seconds()),
        ],
    })
}
