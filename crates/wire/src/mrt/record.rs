//! A record by what it is: the way from octets to elems.

use falter_model::Prefix;

use super::bgp4mp::{MessageRecord, StateChange};
use super::{
    Elem, HEADER_OCTETS, Kind, PeerIndex, RawRecord, Rib, TableEntry, bgp4mp, legacy_bgp,
    table_dump, table_dump_v2,
};
use crate::cursor::Cursor;
use crate::{Cost, Fault};

/// A record whose fixed parts were read. Its elems are read by [`visit`](Self::visit).
#[derive(Debug, Clone)]
pub enum Record<'a> {
    /// The peers that the entries after it refer to: to be kept and passed to
    /// [`decode`](Self::decode) from here on.
    PeerIndex {
        /// The peers that could be read.
        index: PeerIndex,
        /// Why there are no more.
        fault: Option<Fault>,
    },
    /// A prefix with the entries of all peers.
    Rib(Rib<'a>),
    /// One entry of an old table dump.
    TableEntry(TableEntry<'a>),
    /// A BGP message.
    Message(MessageRecord<'a>),
    /// A session changed its state.
    State(StateChange),
    /// Nothing of ours.
    Skipped(Skipped),
}

/// Why there is nothing of ours in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skipped {
    /// Another protocol than BGP.
    Protocol,
    /// Multicast, VPN or another family that is not watched.
    Family,
    /// A subtype without routes, a deprecated one that nobody reads, or one not assigned.
    Subtype,
}

impl<'a> Record<'a> {
    /// Reads what kind of record it is and its fixed parts. `index` is the last
    /// [`PeerIndex`](Self::PeerIndex) of the same stream.
    #[inline]
    pub fn decode(raw: &RawRecord<'a>, index: Option<&'a PeerIndex>) -> Result<Self, Fault> {
        let mut body = Cursor::new(raw.body, HEADER_OCTETS);
        if raw.header.kind.has_micros() {
            body.u32("microseconds").map_err(|what| what.costs(Cost::Record))?;
        }
        let (at, subtype) = (raw.at, raw.header.subtype);
        match raw.header.kind {
            Kind::Bgp4mp | Kind::Bgp4mpEt => bgp4mp::read(at, subtype, body),
            Kind::TableDumpV2 => table_dump_v2::read(at, subtype, body, index),
            Kind::TableDump => table_dump::read(at, subtype, body),
            Kind::LegacyBgp => legacy_bgp::read(at, subtype, body),
            Kind::OspfV2 | Kind::Foreign(_) => Ok(Self::Skipped(Skipped::Protocol)),
        }
    }

    /// Tells every elem in the order in which they take effect, and every fault where it occurs.
    #[inline]
    pub fn visit(&self, mut tell: impl FnMut(Result<Elem<'_>, Fault>)) {
        match self {
            Self::Message(message) => message.visit(tell),
            Self::Rib(rib) => rib.visit(tell),
            Self::TableEntry(entry) => entry.visit(tell),
            Self::PeerIndex { fault: Some(fault), .. } => tell(Err(*fault)),
            Self::PeerIndex { .. } | Self::State(_) | Self::Skipped(_) => {}
        }
    }

    /// The one prefix that a record of a table is about, known before its entries are read; `None`
    /// for other records.
    pub const fn table_prefix(&self) -> Option<Prefix> {
        match self {
            Self::Rib(rib) => Some(rib.prefix),
            Self::TableEntry(entry) => Some(entry.prefix),
            _ => None,
        }
    }
}
