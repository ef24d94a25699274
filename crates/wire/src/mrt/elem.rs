//! Elems: what a record says of one prefix from one peer.

use std::net::IpAddr;

use falter_model::{Asn, Prefix, Timestamp};

use crate::bgp::Attributes;

/// One route change of one peer, or one entry of a table.
#[derive(Debug, Clone, Copy)]
pub struct Elem<'r> {
    /// When the collector received it; for an entry of a table, when the table was written.
    pub at: Timestamp,
    /// Who told it.
    pub peer: ElemPeer,
    /// What it is about.
    pub prefix: Prefix,
    /// Which of several paths to it (RFC 7911); `None` where there is one.
    pub path_id: Option<u32>,
    /// What changed.
    pub change: ElemChange<'r>,
}

/// Who told an elem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElemPeer {
    /// The peer's AS.
    pub asn: Asn,
    /// The peer's address.
    pub address: IpAddr,
    /// Its number in the [`PeerIndex`](super::PeerIndex), where the record refers to one.
    pub number: Option<u16>,
}

/// What an elem says about its prefix.
#[derive(Debug, Clone, Copy)]
pub enum ElemChange<'r> {
    /// The peer has a route.
    Announced(&'r Attributes<'r>),
    /// The peer has no route any more.
    Withdrawn,
    /// The peer had this route when the table was written.
    Tabled(&'r Attributes<'r>),
}

impl<'r> Elem<'r> {
    /// The route's attributes; `None` where it is withdrawn.
    pub const fn attributes(&self) -> Option<&'r Attributes<'r>> {
        match self.change {
            ElemChange::Announced(attributes) | ElemChange::Tabled(attributes) => Some(attributes),
            ElemChange::Withdrawn => None,
        }
    }

    /// The global next hop; `None` where the route is withdrawn or has none.
    pub fn next_hop(&self) -> Option<IpAddr> {
        self.attributes()?.next_hop(self.prefix.family())
    }
}
