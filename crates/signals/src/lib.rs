//! Signals: observations in, one value a bin out.
//!
//! Pure and streaming: [`Engine`] takes observations in the order of time and appends [`Output`] as
//! seconds and bins close. What is not measured is `None`, never zero; a feed that went silent makes
//! blind, not down. A folder a source, a file a signal: each file holds the signal's [`SignalSpec`]
//! and how it is counted, and [`ALL`] lists them for the manual.

mod active;
mod bgp;
mod controls;
mod country_table;
mod darknet;
mod dns;
mod engine;
mod grouped;
mod imports;
mod inside;
mod output;
mod ping;
mod plan;
mod quantile;
mod rounds;
mod routes;
mod steps;
mod tally;
mod tcp;
mod telling;
mod trace;
mod traffic;
mod web;

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
    ping::up_share::SPEC,
    ping::up_blocks::SPEC,
    ping::loss::SPEC,
    ping::rtt::SPEC,
    ping::rtt_p95::SPEC,
    ping::unreachable::SPEC,
    tcp::up_share::SPEC,
    tcp::up_blocks::SPEC,
    tcp::loss::SPEC,
    tcp::rtt::SPEC,
    tcp::rtt_p95::SPEC,
    tcp::unreachable::SPEC,
    trace::last_hop::SPEC,
    dns::answer_share::SPEC,
    dns::rtt::SPEC,
    dns::failures::SPEC,
    dns::serial::SPEC,
    web::ok_share::SPEC,
    web::failures::SPEC,
    web::latency::SPEC,
    inside::up_share::SPEC,
    inside::answer_share::SPEC,
    inside::ok_share::SPEC,
    darknet::backscatter::SPEC,
    traffic::octets::SPEC,
    traffic::packets::SPEC,
    traffic::flows::SPEC,
];

/// What is known of a signal by its id; a variant (`bgp.transit-share/AS4837`) has the spec of its
/// family. `None` for imported signals.
pub fn spec(id: &str) -> Option<&'static SignalSpec> {
    let family = id.split('/').next().unwrap_or(id);
    ALL.iter().find(|spec| spec.id == family)
}
