//! `TABLE_DUMP_V2`: a prefix and the entries of all peers a record (RFC 6396, section 4.3; RFC 8050,
//! section 4 with path identifiers).
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                         Sequence Number                       |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |    Address Family Identifier  |Subsequent AFI |   generic subtypes only
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! | Prefix Length |        Prefix (variable)                      |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |         Entry Count           |  RIB Entries (variable)
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//!
//! each entry:
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |         Peer Index            |       Originated Time ...     |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |     ... Originated Time       |   Path Identifier (4 octets)  |   add-path subtypes only
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |      Attribute Length         |   BGP Attributes (variable)
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use falter_model::{Family, Prefix, Timestamp};

use super::record::{Record, Skipped};
use super::{Elem, ElemChange, ElemPeer, PeerIndex};
use crate::bgp::{self, AddPath, Attributes, Context, Session, Source};
use crate::cursor::{AsnWidth, Cursor};
use crate::{Cost, Fault, Malformed};

/// A prefix and its entries, which are not read before they are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Rib<'a> {
    /// When the table was written.
    pub at: Timestamp,
    /// What it is about.
    pub prefix: Prefix,
    /// How many entries the record says that it has.
    pub n_entries: u16,
    add_path: bool,
    entries: Cursor<'a>,
    index: &'a PeerIndex,
}

/// What a subtype holds.
enum Content {
    Index,
    Family { family: Family, add_path: bool },
    Generic { add_path: bool },
    Multicast,
}

const fn content(subtype: u16) -> Option<Content> {
    Some(match subtype {
        1 => Content::Index,
        2 => Content::Family { family: Family::V4, add_path: false },
        4 => Content::Family { family: Family::V6, add_path: false },
        8 => Content::Family { family: Family::V4, add_path: true },
        10 => Content::Family { family: Family::V6, add_path: true },
        6 => Content::Generic { add_path: false },
        12 => Content::Generic { add_path: true },
        3 | 5 | 9 | 11 => Content::Multicast,
        _ => return None,
    })
}

/// Reads the body.
pub(super) fn read<'a>(
    at: Timestamp,
    subtype: u16,
    mut body: Cursor<'a>,
    index: Option<&'a PeerIndex>,
) -> Result<Record<'a>, Fault> {
    let (family, add_path) = match content(subtype) {
        Some(Content::Index) => {
            let (index, fault) = PeerIndex::read(body)?;
            return Ok(Record::PeerIndex { index, fault });
        }
        Some(Content::Family { family, add_path }) => (Some(family), add_path),
        Some(Content::Generic { add_path }) => (None, add_path),
        Some(Content::Multicast) => return Ok(Record::Skipped(Skipped::Family)),
        None => return Ok(Record::Skipped(Skipped::Subtype)),
    };
    let head = head(family, &mut body).map_err(|what| what.costs(Cost::Record))?;
    let Some((prefix, n_entries)) = head else { return Ok(Record::Skipped(Skipped::Family)) };
    let Some(index) = index else {
        let field = "peer index table";
        let what = body.value_before(0, field, "one before the first entry", 0);
        return Err(what.costs(Cost::Record));
    };
    Ok(Record::Rib(Rib { at, prefix, n_entries, add_path, entries: body, index }))
}

/// What stands before the entries; `None` where a generic record holds a family that is not ours.
fn head(family: Option<Family>, body: &mut Cursor<'_>) -> Result<Option<(Prefix, u16)>, Malformed> {
    body.u32("sequence number")?;
    let family = if let Some(family) = family {
        family
    } else {
        let afi = body.u16("address family")?;
        let safi = body.u8("subsequent address family")?;
        let Some(family) = bgp::unicast(afi, safi) else { return Ok(None) };
        family
    };
    let prefix = bgp::prefix(body, family)?;
    Ok(Some((prefix, body.u16("entry count")?)))
}

/// An entry, before its attributes are read.
struct Entry<'a> {
    peer: ElemPeer,
    path_id: Option<u32>,
    attributes: Cursor<'a>,
}

impl Rib<'_> {
    /// Tells the elem of every entry, and every fault where it occurs.
    #[inline]
    pub fn visit(&self, mut tell: impl FnMut(Result<Elem<'_>, Fault>)) {
        let session = Session { width: AsnWidth::Four, add_path: AddPath::NONE };
        let context = Context { session, source: Source::Table };
        let mut entries = self.entries;
        for _ in 0..self.n_entries {
            let Entry { peer, path_id, attributes } = match self.entry(&mut entries) {
                Ok(entry) => entry,
                Err(fault) => {
                    tell(Err(fault));
                    if fault.cost == Cost::Rest {
                        return;
                    }
                    continue;
                }
            };
            let octets = attributes;
            let mut attributes = Attributes::none(AsnWidth::Four);
            let usable = attributes.read(octets, context, &mut |fault| tell(Err(fault)));
            if usable {
                let change = ElemChange::Tabled(&attributes);
                tell(Ok(Elem { at: self.at, peer, prefix: self.prefix, path_id, change }));
            }
        }
        if !entries.is_empty() {
            let found = u64::try_from(entries.remaining()).unwrap_or(u64::MAX);
            let what = entries.value_before(0, "octets after the last entry", "none", found);
            tell(Err(what.costs(Cost::Rest)));
        }
    }

    #[inline]
    fn entry<'a>(&self, entries: &mut Cursor<'a>) -> Result<Entry<'a>, Fault> {
        let offset = entries.offset();
        let (number, path_id, attributes) =
            self.parts(entries).map_err(|what| what.costs(Cost::Rest))?;
        let Some(peer) = self.index.peer(number) else {
            let (field, expected) = ("peer index", "a peer of the index table");
            let what = Malformed::Value { offset, field, expected, found: number.into() };
            return Err(what.costs(Cost::Routes));
        };
        let peer = ElemPeer { asn: peer.asn, address: peer.address, number: Some(number) };
        Ok(Entry { peer, path_id, attributes })
    }

    #[inline]
    fn parts<'a>(
        &self,
        entries: &mut Cursor<'a>,
    ) -> Result<(u16, Option<u32>, Cursor<'a>), Malformed> {
        let number = entries.u16("peer index")?;
        entries.u32("originated time")?;
        let path_id = if self.add_path { Some(entries.u32("path identifier")?) } else { None };
        let length = entries.u16("length of attributes")?;
        Ok((number, path_id, entries.split(length.into(), "attributes")?))
    }
}
