//! Names and sites of the country.

use std::net::Ipv4Addr;

/// A named web site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its host name.
    pub name: String,
    /// Where it is served.
    pub address: Ipv4Addr,
}

/// The zones that the country's name servers answer for: `.kp` and its children (zone transfers of
/// 2016-09-19, `NorthKoreaDNSLeak`).
pub const ZONES: [&str; 8] =
    ["kp", "com.kp", "edu.kp", "gov.kp", "net.kp", "org.kp", "rep.kp", "co.kp"];

/// The zone of the intranet, which the world never sees.
pub const INTRANET_ZONE: &str = "intra";
