//! `TABLE_DUMP`: one entry of one peer a record (RFC 6396, section 4.2).
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |         View Number           |       Sequence Number         |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                        Prefix (variable)                      |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! | Prefix Length |    Status     |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                         Originated Time                       |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                    Peer IP Address (variable)                 |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |           Peer AS             |       Attribute Length        |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                   BGP Attribute (variable)
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use falter_model::{Family, Prefix, Timestamp};

use super::record::{Record, Skipped};
use super::{Elem, ElemChange, ElemPeer};
use crate::bgp::{AddPath, Attributes, Context, Session, Source};
use crate::cursor::{AsnWidth, Cursor};
use crate::{Cost, Fault, Malformed};

/// An entry of a table.
#[derive(Debug, Clone, Copy)]
pub struct TableEntry<'a> {
    /// When the table was written.
    pub at: Timestamp,
    /// Whose entry.
    pub peer: ElemPeer,
    /// What it is about.
    pub prefix: Prefix,
    /// When the peer told it.
    pub originated: Timestamp,
    width: AsnWidth,
    attributes: Cursor<'a>,
}

/// Reads the body. Subtypes are families; 3 and 4, with four-octet AS numbers, were in drafts only.
pub(super) fn read(at: Timestamp, subtype: u16, body: Cursor<'_>) -> Result<Record<'_>, Fault> {
    let (family, width) = match subtype {
        1 => (Family::V4, AsnWidth::Two),
        2 => (Family::V6, AsnWidth::Two),
        3 => (Family::V4, AsnWidth::Four),
        4 => (Family::V6, AsnWidth::Four),
        _ => return Ok(Record::Skipped(Skipped::Subtype)),
    };
    entry(at, family, width, body).map(Record::TableEntry).map_err(|what| what.costs(Cost::Record))
}

fn entry(
    at: Timestamp,
    family: Family,
    width: AsnWidth,
    mut body: Cursor<'_>,
) -> Result<TableEntry<'_>, Malformed> {
    body.u16("view number")?;
    body.u16("sequence number")?;
    let address = body.address(family, "prefix")?;
    let length = body.u8("prefix length")?;
    let prefix = Prefix::new(address, length).map_err(|_| {
        let expected = if family == Family::V4 { "at most 32" } else { "at most 128" };
        body.value_before(1, "prefix length", expected, length.into())
    })?;
    body.u8("status")?;
    let originated = Timestamp::from_seconds(body.u32("originated time")?.into());
    let address = body.address(family, "peer address")?;
    let asn = body.asn(width, "peer AS")?;
    let length = body.u16("length of attributes")?;
    let attributes = body.split(length.into(), "attributes")?;
    let peer = ElemPeer { asn, address, number: None };
    Ok(TableEntry { at, peer, prefix, originated, width, attributes })
}

impl TableEntry<'_> {
    /// Tells the elem, and every fault where it occurs.
    pub fn visit(&self, mut tell: impl FnMut(Result<Elem<'_>, Fault>)) {
        let session = Session { width: self.width, add_path: AddPath::NONE };
        let context = Context { session, source: Source::Table };
        let mut attributes = Attributes::none(self.width);
        let usable = attributes.read(self.attributes, context, &mut |fault| tell(Err(fault)));
        if usable {
            let change = ElemChange::Tabled(&attributes);
            let Self { at, peer, prefix, .. } = *self;
            tell(Ok(Elem { at, peer, prefix, path_id: None, change }));
        }
    }
}
