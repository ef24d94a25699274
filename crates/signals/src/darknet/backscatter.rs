//! Attacks on the network, seen by what their victims answer.

use falter_model::{Attack, Shape, SignalSpec, Unit};

use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "darknet.backscatter",
    title: "Backscatter of attacks",
    about: "Packets a minute that victims inside answered to spoofed sources, at most. Only bins with an attack are told.",
    unit: Unit::Events,
    shape: Shape::Context,
    step: crate::steps::MINUTE,
};

/// Packets a minute of an attack, at most; its mean where the maximum is not known.
pub(crate) fn rate(attack: &Attack) -> u64 {
    attack.max_ppm.unwrap_or_else(|| {
        let minutes = (attack.until - attack.from).micros().max(0) / 60_000_000;
        attack.packets / (minutes.unsigned_abs() + 1)
    })
}

/// The strongest attack of a bin.
pub(crate) fn tally(rates: &[u64]) -> Tally {
    Tally { value: rates.iter().max().map(|rate| *rate as f64), n: None }
}
