//! Prefixes given up to save the rest: announced with the BLACKHOLE community (RFC 7999).

use falter_model::{Shape, SignalSpec, Step, Unit};

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "bgp.blackholed",
    title: "Blackholed prefixes",
    about: "Prefixes inside the network that some full-feed peer AS carries with the BLACKHOLE \
            community of RFC 7999.",
    unit: Unit::Prefixes,
    shape: Shape::Context,
    step: Step::FIVE_MINUTES,
};
