//! `PEER_INDEX_TABLE`: the peers that entries of a table dump refer to by number (RFC 6396, section
//! 4.3.1).
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                      Collector BGP ID                         |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |       View Name Length        |     View Name (variable)      |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |          Peer Count           |    Peer Entries (variable)
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use std::net::{IpAddr, Ipv4Addr};

use falter_model::{Asn, Family};

use crate::cursor::{AsnWidth, Cursor};
use crate::{Cost, Fault, Malformed};

/// The peers of a table dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerIndex {
    /// The collector's BGP identifier.
    pub collector_id: Ipv4Addr,
    /// The name of the view, often empty. Octets that are no UTF-8 are replaced.
    pub view_name: String,
    /// The peers, by number.
    pub peers: Vec<IndexedPeer>,
}

/// One peer of a table dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexedPeer {
    /// Its BGP identifier.
    pub bgp_id: Ipv4Addr,
    /// Its address.
    pub address: IpAddr,
    /// Its AS.
    pub asn: Asn,
}

/// Bits of a peer's type.
const IS_IPV6: u8 = 1;
const HAS_FOUR_OCTET_ASN: u8 = 2;

/// Octets of the shortest entry: type, identifier, IPv4 address, two octets of AS number.
const SHORTEST_ENTRY: usize = 11;

impl PeerIndex {
    /// Reads as many peers as can be read, and tells what was wrong with the next.
    pub(crate) fn read(mut body: Cursor<'_>) -> Result<(Self, Option<Fault>), Fault> {
        let mut index = Self::before_peers(&mut body).map_err(|what| what.costs(Cost::Record))?;
        let count = body.u16("peer count").map_err(|what| what.costs(Cost::Record))?;
        // A count may lie; what the record can hold bounds it.
        let at_most = body.remaining().checked_div(SHORTEST_ENTRY).unwrap_or(0);
        index.peers.reserve_exact(at_most.min(count.into()));
        for _ in 0..count {
            match IndexedPeer::read(&mut body) {
                Ok(peer) => index.peers.push(peer),
                Err(what) => return Ok((index, Some(what.costs(Cost::Rest)))),
            }
        }
        Ok((index, None))
    }

    fn before_peers(body: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let collector_id = body.array::<4>("collector id")?.into();
        let length = body.u16("length of the view name")?;
        let name = body.take(length.into(), "view name")?;
        let view_name = String::from_utf8_lossy(name).into_owned();
        Ok(Self { collector_id, view_name, peers: Vec::new() })
    }

    /// The peer of a number.
    pub fn peer(&self, number: u16) -> Option<&IndexedPeer> {
        self.peers.get(usize::from(number))
    }
}

impl IndexedPeer {
    fn read(body: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let kind = body.u8("type of a peer")?;
        let family = if kind & IS_IPV6 == 0 { Family::V4 } else { Family::V6 };
        let width = if kind & HAS_FOUR_OCTET_ASN == 0 { AsnWidth::Two } else { AsnWidth::Four };
        Ok(Self {
            bgp_id: body.array::<4>("BGP id of a peer")?.into(),
            address: body.address(family, "address of a peer")?,
            asn: body.asn(width, "AS of a peer")?,
        })
    }
}
