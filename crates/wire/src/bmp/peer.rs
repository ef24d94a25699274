//! The header of messages about a peer (RFC 7854, section 4.2).
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |   Peer Type   |  Peer Flags   |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |         Peer Distinguisher (8 octets)                         |
//! |                 Peer Address (16 octets)                      |
//! |                           Peer AS                             |
//! |                         Peer BGP ID                           |
//! |                    Timestamp (seconds)                        |
//! |                  Timestamp (microseconds)                     |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use std::net::IpAddr;

use falter_model::{Asn, Family, Timestamp};

use crate::Malformed;
use crate::cursor::{AsnWidth, Cursor};

/// Who is told of, and as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerHeader {
    /// Which of the router's tables; sorted by how well it shows what the peer said.
    pub view: View,
    /// Tells peers of one address in several tables of the router apart; 0 in the usual one.
    pub distinguisher: u64,
    /// The peer's address; unspecified for the router itself.
    pub address: IpAddr,
    /// The peer's AS; the router's own for its Loc-RIB.
    pub asn: Asn,
    /// When the router learned it; `None` where it does not say.
    pub at: Option<Timestamp>,
    /// Octets of AS numbers in paths.
    pub width: AsnWidth,
}

/// Which table routes stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// What the peer said, before the router's policy.
    AdjRibInPre,
    /// What the router kept of it.
    AdjRibInPost,
    /// What the router chose (RFC 9069).
    LocRib,
    /// What the router says to the peer (RFC 8671): nothing of the peer's own.
    AdjRibOut,
}

impl PeerHeader {
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let kind = cursor.u8("peer type")?;
        if kind > 3 {
            return Err(cursor.value_before(1, "peer type", "0 to 3", kind.into()));
        }
        let flags = cursor.u8("peer flags")?;
        let has = |flag: u8| flags & flag != 0;
        // A Loc-RIB's flags are others: F, whether routes are filtered.
        let is_loc_rib = kind == 3;
        let view = match (is_loc_rib, has(0x10), has(0x40)) {
            (true, _, _) => View::LocRib,
            (false, true, _) => View::AdjRibOut,
            (false, false, true) => View::AdjRibInPost,
            (false, false, false) => View::AdjRibInPre,
        };
        let distinguisher = u64::from_be_bytes(cursor.array("peer distinguisher")?);
        let is_v6 = has(0x80) && !is_loc_rib;
        if !is_v6 {
            cursor.take(12, "peer address")?;
        }
        let family = if is_v6 { Family::V6 } else { Family::V4 };
        let address = cursor.address(family, "peer address")?;
        let asn = cursor.asn(AsnWidth::Four, "peer AS")?;
        cursor.u32("peer BGP id")?;
        let (seconds, micros) = (cursor.u32("timestamp")?, cursor.u32("microseconds")?);
        let at = i64::from(seconds)
            .saturating_mul(1_000_000)
            .saturating_add(i64::from(micros.min(999_999)));
        let is_narrow = has(0x20) && !is_loc_rib;
        Ok(Self {
            view,
            distinguisher,
            address,
            asn,
            at: (seconds > 0).then(|| Timestamp::from_micros(at)),
            width: if is_narrow { AsnWidth::Two } else { AsnWidth::Four },
        })
    }
}
