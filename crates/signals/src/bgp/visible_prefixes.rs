//! Prefixes of an entity that the world has a route to.

use falter_model::{Shape, SignalSpec, Step, Unit};

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "bgp.visible-prefixes",
    title: "Visible prefixes",
    about: "Prefixes of the entity, as far as they are known, that more than half of the full-feed \
            peer ASes carry, or all of whose blocks other visible prefixes cover.",
    unit: Unit::Prefixes,
    shape: Shape::Count,
    step: Step::FIVE_MINUTES,
};
