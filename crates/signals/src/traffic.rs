//! Signals from flow records.

pub(crate) mod flows;
pub(crate) mod octets;
pub(crate) mod packets;

use std::collections::BTreeMap;

use falter_model::{Direction, SignalId, SignalSpec, Traffic};

use crate::tally::Tally;

/// Every signal of one entity in one bin: sums by direction and, where it is told, port.
pub(crate) fn tally(records: &[Traffic]) -> Vec<(SignalId, Tally)> {
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    let mut add = |spec: &SignalSpec, record: &Traffic, amount: u64| {
        let direction = match record.direction {
            Direction::In => "in",
            Direction::Out => "out",
        };
        let port = record.port.as_deref().map(|port| format!("/{port}")).unwrap_or_default();
        let sum = sums.entry(format!("{}/{direction}{port}", spec.id)).or_default();
        *sum = sum.saturating_add(amount);
    };
    for record in records {
        add(&octets::SPEC, record, record.octets);
        add(&packets::SPEC, record, record.packets);
        add(&flows::SPEC, record, record.flows);
    }
    let tally = |sum: u64| Tally { value: Some(sum as f64), n: None };
    sums.into_iter().map(|(id, sum)| (id.as_str().into(), tally(sum))).collect()
}
