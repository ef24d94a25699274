//! Samples by the entities that they speak of.

use std::collections::BTreeMap;
use std::net::IpAddr;

use falter_model::{Entity, Prefix};

/// Samples by entity; one may speak of several.
pub(crate) fn grouped<S: Clone>(
    samples: Vec<S>,
    entities: impl Fn(&S) -> Vec<Entity>,
) -> BTreeMap<Entity, Vec<S>> {
    let mut groups: BTreeMap<Entity, Vec<S>> = BTreeMap::new();
    for sample in samples {
        for entity in entities(&sample) {
            groups.entry(entity).or_default().push(sample.clone());
        }
    }
    groups
}

/// Whom an address speaks of: the network, or without one its block.
pub(crate) fn of_address(network: Option<&Entity>, address: IpAddr) -> Entity {
    network.cloned().unwrap_or_else(|| Entity::Block(Prefix::host(address).block()))
}
