//! Who else originates a network's prefixes: scrubbing, renumbering or hijack.

use falter_model::{Shape, SignalSpec, Step, Unit};

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "bgp.origins",
    title: "New origins",
    about: "Origin ASes of the network's prefixes that are not among the profile's; where it names \
            none, that no earlier bin had.",
    unit: Unit::Ases,
    shape: Shape::Context,
    step: Step::FIVE_MINUTES,
};
