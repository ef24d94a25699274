//! Through which transits the world reaches a network.

use falter_model::{Asn, Shape, SignalSpec, Step, Unit};

use super::scope::Network;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "bgp.transit-share",
    title: "Share of a transit",
    about: "Share of paths to the network that enter it through the transit named behind the slash, \
            counted by full-feed peer AS and prefix. Not measured while no path is left.",
    unit: Unit::Share,
    shape: Shape::Context,
    step: Step::FIVE_MINUTES,
};

/// The AS through which a path enters the network: the last that is not the network's own, or the
/// last before the origin where the network's ASes are not known. `None` where the path begins
/// inside.
pub(crate) fn entered_through(path: &[Asn], network: &Network) -> Option<Asn> {
    let origin = path.last()?;
    let own = |asn: &&Asn| *asn == origin || network.asns.binary_search(asn).is_ok();
    path.iter().rev().find(|asn| !own(asn)).copied()
}
