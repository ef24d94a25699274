//! Elems and states as lines of text: what `bgpdump -m` prints for them.

use std::fmt;

use falter_model::Timestamp;

use super::{Elem, ElemChange, Kind, RawRecord, StateChange};
use crate::bgp::{Attributes, Community, Origin};

/// An elem as a line:
/// `BGP4MP|1470931200|A|37.49.236.123|198290|192.0.2.0/24|198290 6661|IGP|37.49.236.123|0|0||NAG||`.
#[derive(Debug, Clone, Copy)]
pub struct Line<'r> {
    kind: Kind,
    elem: Elem<'r>,
}

/// A change of a session's state as a line: `BGP4MP|1027377515|STATE|193.203.0.69|15737|3|2`.
#[derive(Debug, Clone, Copy)]
pub struct StateLine {
    kind: Kind,
    state: StateChange,
}

impl<'r> Line<'r> {
    /// The line of an elem of a record.
    pub const fn new(record: &RawRecord<'_>, elem: Elem<'r>) -> Self {
        Self { kind: record.header.kind, elem }
    }
}

impl StateLine {
    /// The line of a record's change of state.
    pub const fn new(record: &RawRecord<'_>, state: StateChange) -> Self {
        Self { kind: record.header.kind, state }
    }
}

const fn format_name(kind: Kind) -> &'static str {
    match kind {
        Kind::LegacyBgp => "BGP",
        Kind::TableDump => "TABLE_DUMP",
        Kind::TableDumpV2 => "TABLE_DUMP2",
        Kind::Bgp4mpEt => "BGP4MP_ET",
        _ => "BGP4MP",
    }
}

/// Seconds, with six decimals for records that have microseconds.
fn time(f: &mut fmt::Formatter<'_>, kind: Kind, at: Timestamp) -> fmt::Result {
    write!(f, "{}", at.seconds())?;
    if kind == Kind::Bgp4mpEt {
        write!(f, ".{:06}", at.micros().rem_euclid(1_000_000))?;
    }
    Ok(())
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Elem { at, peer, prefix, path_id, change } = &self.elem;
        f.write_str(format_name(self.kind))?;
        if path_id.is_some() {
            f.write_str("_AP")?;
        }
        f.write_str("|")?;
        time(f, self.kind, *at)?;
        let letter = match change {
            ElemChange::Announced(_) => 'A',
            ElemChange::Withdrawn => 'W',
            ElemChange::Tabled(_) => 'B',
        };
        write!(f, "|{letter}|{}|{}|{prefix}", peer.address, peer.asn.0)?;
        if let Some(path_id) = path_id {
            write!(f, "|{path_id}")?;
        }
        if let Some(attributes) = self.elem.attributes() {
            write!(f, "|{}|", attributes.as_path())?;
            self.rest(f, attributes)?;
        }
        Ok(())
    }
}

impl Line<'_> {
    fn rest(&self, f: &mut fmt::Formatter<'_>, attributes: &Attributes<'_>) -> fmt::Result {
        // For what is missing, what bgpdump prints then.
        write!(f, "{}", attributes.origin().unwrap_or(Origin::Incomplete))?;
        match self.elem.next_hop() {
            Some(next_hop) => write!(f, "|{next_hop}")?,
            None => f.write_str("|255.255.255.255")?,
        }
        let local_pref = attributes.local_pref().unwrap_or(0);
        write!(f, "|{local_pref}|{}|", attributes.med().unwrap_or(0))?;
        let mut space = "";
        for community in attributes.communities() {
            f.write_str(space)?;
            match community {
                Community::NO_EXPORT => f.write_str("no-export")?,
                Community::NO_ADVERTISE => f.write_str("no-advertise")?,
                Community::NO_EXPORT_SUBCONFED => f.write_str("local-AS")?,
                other => write!(f, "{other}")?,
            }
            space = " ";
        }
        f.write_str(if attributes.is_atomic_aggregate() { "|AG|" } else { "|NAG|" })?;
        if let Some(aggregator) = attributes.aggregator() {
            write!(f, "{} {}", aggregator.asn.0, aggregator.id)?;
        }
        f.write_str("|")
    }
}

impl fmt::Display for StateLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StateChange { at, peer_asn, peer_address, old, new } = self.state;
        write!(f, "{}|", format_name(self.kind))?;
        time(f, self.kind, at)?;
        write!(f, "|STATE|{peer_address}|{}|{}|{}", peer_asn.0, old.0, new.0)
    }
}
