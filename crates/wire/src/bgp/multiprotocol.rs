//! Routes of other families than IPv4: `MP_REACH_NLRI` and `MP_UNREACH_NLRI` (RFC 4760), and the
//! abbreviated form in table dumps (RFC 6396, section 4.3.4).
//!
//! ```text
//! +---------------------------------------------------------+
//! | Address Family Identifier (2 octets)                    |  not in the abbreviated form
//! +---------------------------------------------------------+
//! | Subsequent Address Family Identifier (1 octet)          |  not in the abbreviated form
//! +---------------------------------------------------------+
//! | Length of Next Hop Network Address (1 octet)            |  not in MP_UNREACH_NLRI
//! +---------------------------------------------------------+
//! | Network Address of Next Hop (variable)                  |  not in MP_UNREACH_NLRI
//! +---------------------------------------------------------+
//! | Reserved (1 octet)                                      |  neither in it nor abbreviated
//! +---------------------------------------------------------+
//! | Network Layer Reachability Information (variable)       |  not in the abbreviated form
//! +---------------------------------------------------------+
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use falter_model::Family;

use super::AddPath;
use super::nlri::Nlri;
use crate::Malformed;
use crate::cursor::Cursor;

/// What `MP_REACH_NLRI` holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach<'a> {
    /// The global address of the next hop; `None` where its length fits no address.
    pub(crate) next_hop: Option<IpAddr>,
    /// The announced prefixes; `None` for families that are not ours (multicast, VPN, flowspec).
    pub(crate) routes: Option<Nlri<'a>>,
}

/// Unicast of IPv4 or IPv6; `None` for any other family.
pub(crate) const fn unicast(afi: u16, safi: u8) -> Option<Family> {
    match (afi, safi) {
        (1, 1) => Some(Family::V4),
        (2, 1) => Some(Family::V6),
        _ => None,
    }
}

impl<'a> Reach<'a> {
    /// The full form, as it stands in updates.
    pub(crate) fn full(mut value: Cursor<'a>, add_path: AddPath) -> Result<Self, Malformed> {
        let afi = value.u16("address family of MP_REACH_NLRI")?;
        let safi = value.u8("subsequent address family of MP_REACH_NLRI")?;
        let length = value.u8("length of the next hop of MP_REACH_NLRI")?;
        let offset = value.offset();
        let octets = value.take(length.into(), "next hop of MP_REACH_NLRI")?;
        // Reserved; it once counted addresses of the subnetwork (SNPA), which nobody ever sent.
        value.u8("reserved octet of MP_REACH_NLRI")?;
        let Some(family) = unicast(afi, safi) else {
            return Ok(Self { next_hop: None, routes: None });
        };
        let next_hop = next_hop(octets);
        if next_hop.is_none() {
            return Err(Malformed::Value {
                offset: offset.saturating_sub(1),
                field: "length of the next hop of MP_REACH_NLRI",
                expected: "4, 16 or 32",
                found: length.into(),
            });
        }
        Ok(Self { next_hop, routes: Some(Nlri::new(value, family, add_path.of(family))) })
    }

    /// As it stands in table dumps: abbreviated to the next hop, as RFC 6396 asks. Some writers put
    /// the full form; it begins with the family, whose first octet is zero, which no length of a
    /// next hop is. Its prefixes are not read: the record has the prefix.
    pub(crate) fn in_table(mut value: Cursor<'a>) -> Result<Self, Malformed> {
        if value.rest().first() == Some(&0) {
            let full = Self::full(value, AddPath::NONE)?;
            return Ok(Self { routes: None, ..full });
        }
        let length = value.u8("length of the next hop of MP_REACH_NLRI")?;
        let octets = value.take(length.into(), "next hop of MP_REACH_NLRI")?;
        Ok(Self { next_hop: next_hop(octets), routes: None })
    }
}

/// The withdrawn prefixes of `MP_UNREACH_NLRI`; `None` for families that are not ours.
pub(crate) fn unreach(
    mut value: Cursor<'_>,
    add_path: AddPath,
) -> Result<Option<Nlri<'_>>, Malformed> {
    let afi = value.u16("address family of MP_UNREACH_NLRI")?;
    let safi = value.u8("subsequent address family of MP_UNREACH_NLRI")?;
    Ok(unicast(afi, safi).map(|family| Nlri::new(value, family, add_path.of(family))))
}

/// The global address of a next hop; a link-local one may follow it (RFC 2545, section 3).
fn next_hop(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => octets.first_chunk::<4>().map(|octets| Ipv4Addr::from(*octets).into()),
        16 | 32 => octets.first_chunk::<16>().map(|octets| Ipv6Addr::from(*octets).into()),
        _ => None,
    }
}
