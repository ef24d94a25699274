//! Share of full-feed peer ASes that carry an entity's prefixes.

use falter_model::{Shape, SignalSpec, Step, Unit};

use super::snapshot::Snapshot;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "bgp.visible-share",
    title: "Visible in BGP",
    about: "Share of full-feed peer ASes that carry a prefix, as the mean over the network's \
            prefixes; counted from peer ASes times prefixes.",
    unit: Unit::Share,
    shape: Shape::Share,
    step: Step::FIVE_MINUTES,
};

/// Share and what it was counted from; `None` while no prefix is known.
pub(crate) fn value(snapshot: &Snapshot) -> Option<(f64, f64)> {
    (snapshot.shares > 0)
        .then(|| (snapshot.share_sum / f64::from(snapshot.shares), snapshot.known as f64))
}
