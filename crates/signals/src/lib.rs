//! Signals: observations in, one value a bin out.
//!
//! Pure and streaming: [`Engine`] takes observations in the order of time and appends [`Output`] as
//! seconds and bins close. What is not measured is `None`, never zero; a feed that went silent makes
//! blind, not down. A folder a source, a file a signal: each file holds the signal's [`SignalSpec`]
//! and how it is counted, and [`ALL`] lists them for the manual.

mod bgp;
mod country_table;
mod engine;
mod output;
mod plan;
mod routes;

pub use country_table::CountryTable;
pub use engine::Engine;
use falter_model::SignalSpec;
pub use output::Output;
pub use plan::Plan;

/// Every signal that falter measures itself, in the order of the manual.
pub static ALL: &[SignalSpec] = &[
    bgp::visible_blocks::SPEC,
    bgp::visible_blocks6::SPEC,
    bgp::visible_prefixes::SPEC,
    bgp::visible_share::SPEC,
    bgp::updates::SPEC,
    bgp::withdrawals::SPEC,
    bgp::transit_share::SPEC,
    bgp::origins::SPEC,
    bgp::blackholed::SPEC,
];

/// What is known of a signal by its id; a variant (`bgp.transit-share/AS4837`) has the spec of its
/// family. `None` for imported signals.
pub fn spec(id: &str) -> Option<&'static SignalSpec> {
    let family = id.split('/').next().unwrap_or(id);
    ALL.iter().find(|spec| spec.id == family)
}
