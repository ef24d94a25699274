//! The per-peer header (RFC 7854, section 4.2): of whom a message speaks, and of which of its tables.

use std::net::IpAddr;

use falter_model::{Asn, Family, Timestamp};

use crate::Malformed;
use crate::bgp::AsnWidth;
use crate::cursor::Cursor;

/// Of whom a message speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerHeader {
    /// What kind of peer it is.
    pub kind: PeerKind,
    /// Which table is told.
    pub view: View,
    /// Tells apart peers of the same address in several VRFs; zero for global ones.
    pub distinguisher: u64,
    /// The peer's address; unspecified for the router's own table.
    pub address: IpAddr,
    /// The peer's AS; the router's own for its own table.
    pub asn: Asn,
    /// The peer's BGP identifier.
    pub bgp_id: u32,
    /// When the router received or chose it; `None` where it does not say.
    pub at: Option<Timestamp>,
    /// How many octets AS numbers in its updates have.
    pub width: AsnWidth,
}

/// What kind of peer a header names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeerKind {
    /// A neighbor.
    Global,
    /// A neighbor in a VRF.
    Distinguished,
    /// An instance on the router itself.
    Local,
    /// The router's own table (RFC 9069).
    LocRib,
    /// Anything else, by its number.
    Other(u8),
}

/// Which table of a peer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// What the peer sent, before the router's policy.
    AdjRibIn,
    /// What the router's policy made of it.
    AdjRibInPost,
    /// What the router would send to the peer, before policy (RFC 8671).
    AdjRibOut,
    /// What it sends.
    AdjRibOutPost,
    /// What the router chose itself.
    LocRib,
}

/// Flags of a neighbor; bits from the left.
const IPV6: u8 = 0x80;
const POST_POLICY: u8 = 0x40;
const TWO_OCTETS: u8 = 0x20;
const ADJ_RIB_OUT: u8 = 0x10;

impl PeerHeader {
    pub(super) fn read(octets: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let kind = match octets.u8("peer type")? {
            0 => PeerKind::Global,
            1 => PeerKind::Distinguished,
            2 => PeerKind::Local,
            3 => PeerKind::LocRib,
            other => PeerKind::Other(other),
        };
        let flags = octets.u8("peer flags")?;
        // The flags of the router's own table mean something else (RFC 9069, section 4.2): its address
        // is zero, its AS numbers have four octets.
        let is_own = kind == PeerKind::LocRib;
        let flag = |bit: u8| !is_own && flags & bit != 0;
        let view = match (is_own, flag(ADJ_RIB_OUT), flag(POST_POLICY)) {
            (true, ..) => View::LocRib,
            (_, false, false) => View::AdjRibIn,
            (_, false, true) => View::AdjRibInPost,
            (_, true, false) => View::AdjRibOut,
            (_, true, true) => View::AdjRibOutPost,
        };
        let distinguisher = octets.array("peer distinguisher").map(u64::from_be_bytes)?;
        let family = if flag(IPV6) { Family::V6 } else { Family::V4 };
        let address = address(octets, family, "peer address")?;
        let asn = Asn(octets.u32("peer AS")?);
        let bgp_id = octets.u32("peer BGP identifier")?;
        let (seconds, micros) = (octets.u32("timestamp")?, octets.u32("microseconds")?);
        let at = i64::from(seconds).saturating_mul(1_000_000).saturating_add(micros.into());
        Ok(Self {
            kind,
            view,
            distinguisher,
            address,
            asn,
            bgp_id,
            // RFC 7854: zero where the time is not available.
            at: (seconds > 0).then(|| Timestamp::from_micros(at)),
            width: if flag(TWO_OCTETS) { AsnWidth::Two } else { AsnWidth::Four },
        })
    }
}

/// An address in sixteen octets, of which one of IPv4 takes the last four.
pub(super) fn address(
    octets: &mut Cursor<'_>,
    family: Family,
    field: &'static str,
) -> Result<IpAddr, Malformed> {
    if family == Family::V4 {
        octets.take(12, field)?;
    }
    octets.address(family, field)
}
