//! Signals from traceroutes.

pub(crate) mod last_hop;

use std::net::IpAddr;

/// One hop, as far as signals care.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TraceHop {
    pub(crate) target: IpAddr,
    pub(crate) ttl: u8,
    pub(crate) answered: bool,
}
