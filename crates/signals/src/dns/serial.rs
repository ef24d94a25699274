//! Whether the zone is still maintained.

use std::collections::BTreeMap;

use falter_model::{Shape, SignalSpec, Text, Unit};

use super::Question;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "dns.serial",
    title: "Serial of the zone",
    about: "The highest serial of the zone's SOA that any server gave.",
    unit: Unit::Other,
    shape: Shape::Context,
    step: crate::steps::MINUTE,
};

/// The highest serial of each zone that any server gave.
pub(crate) fn by_zone(questions: &[Question]) -> BTreeMap<Text, u32> {
    let mut zones: BTreeMap<Text, u32> = BTreeMap::new();
    for question in questions {
        if let Some(serial) = question.serial {
            let highest = zones.entry(question.zone.clone()).or_default();
            *highest = serial.max(*highest);
        }
    }
    zones
}
