//! Writing MRT: archives for tests, benchmarks and examples, in the forms that collectors write today.

use std::net::{IpAddr, Ipv4Addr};

use falter_model::{Asn, Family, Prefix, Timestamp};

use super::{ElemPeer, IndexedPeer, Kind, SessionState};
use crate::bgp::{Aggregator, Community, LargeCommunity, Notification, Origin, SegmentKind};

/// Appends records to a vector of octets.
#[derive(Debug, Clone, Default)]
pub struct Writer {
    octets: Vec<u8>,
}

/// The attributes of a route to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// How it came into BGP.
    pub origin: Origin,
    /// The path: segments of at most 255 ASes each.
    pub path: Vec<(SegmentKind, Vec<Asn>)>,
    /// The global next hop. For prefixes of IPv4 it has to be of IPv4 too.
    pub next_hop: IpAddr,
    /// Multi-exit discriminator.
    pub med: Option<u32>,
    /// Local preference.
    pub local_pref: Option<u32>,
    /// Whether to add `ATOMIC_AGGREGATE`.
    pub atomic_aggregate: bool,
    /// Who aggregated it.
    pub aggregator: Option<Aggregator>,
    /// Communities.
    pub communities: Vec<Community>,
    /// Large communities.
    pub large_communities: Vec<LargeCommunity>,
}

/// A prefix with the identifier of its path, where there is one. Where one of a message or an entry
/// has an identifier, all are written with one, 0 if they have none.
pub type Nlri = (Prefix, Option<u32>);

/// A value that its field can't hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// More octets or items than the field that counts them can tell.
    #[error("{field}: at most {at_most}, found {found}")]
    TooLong {
        /// What is too long.
        field: &'static str,
        /// How long it may be.
        at_most: usize,
        /// How long it is.
        found: usize,
    },
    /// A prefix of IPv4 with a next hop of IPv6.
    #[error("a route to an IPv4 prefix needs an IPv4 next hop, found {found}")]
    NextHop {
        /// The next hop.
        found: IpAddr,
    },
    /// A time that MRT can't tell: before 1970 or after 2106.
    #[error("a time between 1970 and 2106 is needed, found {found}")]
    Time {
        /// The time.
        found: Timestamp,
    },
}

impl Route {
    /// A route over a plain path, originated by an interior protocol, without anything optional.
    pub fn new(path: &[Asn], next_hop: IpAddr) -> Self {
        let path =
            if path.is_empty() { Vec::new() } else { vec![(SegmentKind::Sequence, path.to_vec())] };
        Self {
            origin: Origin::Igp,
            path,
            next_hop,
            med: None,
            local_pref: None,
            atomic_aggregate: false,
            aggregator: None,
            communities: Vec::new(),
            large_communities: Vec::new(),
        }
    }
}

impl Writer {
    /// Nothing written yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was written so far.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// What was written.
    pub fn into_octets(self) -> Vec<u8> {
        self.octets
    }

    /// A `PEER_INDEX_TABLE`.
    pub fn peer_index(
        &mut self,
        at: Timestamp,
        collector_id: Ipv4Addr,
        view_name: &str,
        peers: &[IndexedPeer],
    ) -> Result<(), WriteError> {
        let mut body = collector_id.octets().to_vec();
        body.extend(u16_of("view name", view_name.len())?);
        body.extend(view_name.as_bytes());
        body.extend(u16_of("peers", peers.len())?);
        for peer in peers {
            // Bit 0: an address of IPv6. Bit 1: four octets of AS number, as always here.
            body.push(if peer.address.is_ipv6() { 3 } else { 2 });
            body.extend(peer.bgp_id.octets());
            push_address(&mut body, peer.address);
            body.extend(peer.asn.0.to_be_bytes());
        }
        self.record(Kind::TableDumpV2, 1, at, &body)
    }

    /// `RIB_IPV4_UNICAST` or `RIB_IPV6_UNICAST`, with add-path where an entry has an identifier. An entry:
    /// the peer's number in the index, the path's identifier, the route.
    pub fn rib(
        &mut self,
        at: Timestamp,
        sequence: u32,
        prefix: Prefix,
        entries: &[(u16, Option<u32>, &Route)],
    ) -> Result<(), WriteError> {
        let add_path = entries.iter().any(|(_, path_id, _)| path_id.is_some());
        let subtype = match (prefix.family(), add_path) {
            (Family::V4, false) => 2,
            (Family::V6, false) => 4,
            (Family::V4, true) => 8,
            (Family::V6, true) => 10,
        };
        let mut body = sequence.to_be_bytes().to_vec();
        push_prefix(&mut body, (prefix, None), false);
        body.extend(u16_of("entries", entries.len())?);
        for (number, path_id, route) in entries {
            body.extend(number.to_be_bytes());
            body.extend(seconds(at)?.to_be_bytes());
            if add_path {
                body.extend(path_id.unwrap_or(0).to_be_bytes());
            }
            let mut attributes = Vec::new();
            push_route(&mut attributes, route)?;
            match (prefix.family(), route.next_hop) {
                (Family::V4, _) => push_next_hop(&mut attributes, route.next_hop)?,
                (Family::V6, next_hop) => {
                    let mut value = Vec::new();
                    push_hop_with_length(&mut value, next_hop);
                    push_attribute(&mut attributes, OPTIONAL, 14, &value)?;
                }
            }
            body.extend(u16_of("attributes", attributes.len())?);
            body.extend(attributes);
        }
        self.record(Kind::TableDumpV2, subtype, at, &body)
    }

    /// `BGP4MP_MESSAGE_AS4` with an update; with microseconds where `at` has them, with add-path where
    /// a prefix has an identifier.
    pub fn update(
        &mut self,
        at: Timestamp,
        peer: ElemPeer,
        withdrawn: &[Nlri],
        announced: Option<(&Route, &[Nlri])>,
    ) -> Result<(), WriteError> {
        let routes = announced.map_or(&[][..], |(_, routes)| routes);
        let add_path = withdrawn.iter().chain(routes).any(|(_, path_id)| path_id.is_some());
        let list = |of: &[Nlri], family| {
            let mut octets = Vec::new();
            for nlri in of.iter().filter(|(prefix, _)| prefix.family() == family) {
                push_prefix(&mut octets, *nlri, add_path);
            }
            octets
        };
        let mut attributes = Vec::new();
        let unreachable = list(withdrawn, Family::V6);
        if !unreachable.is_empty() {
            push_attribute(
                &mut attributes,
                OPTIONAL,
                15,
                &[&[0, 2, 1][..], &unreachable].concat(),
            )?;
        }
        if let Some((route, routes)) = announced {
            push_route(&mut attributes, route)?;
            let reachable = list(routes, Family::V6);
            if !reachable.is_empty() {
                let mut value = vec![0, 2, 1];
                push_hop_with_length(&mut value, route.next_hop);
                value.push(0);
                value.extend(reachable);
                push_attribute(&mut attributes, OPTIONAL, 14, &value)?;
            }
            if routes.iter().any(|(prefix, _)| prefix.family() == Family::V4) {
                push_next_hop(&mut attributes, route.next_hop)?;
            }
        }
        let withdrawn = list(withdrawn, Family::V4);
        let mut message = u16_of("withdrawn routes", withdrawn.len())?.to_vec();
        message.extend(withdrawn);
        message.extend(u16_of("attributes", attributes.len())?);
        message.extend(attributes);
        message.extend(list(routes, Family::V4));
        self.message(at, peer, add_path, 2, &message)
    }

    /// `BGP4MP_MESSAGE_AS4` with a notification.
    pub fn notification(
        &mut self,
        at: Timestamp,
        peer: ElemPeer,
        notification: Notification,
    ) -> Result<(), WriteError> {
        let Notification { code, subcode } = notification;
        self.message(at, peer, false, 3, &[code, subcode])
    }

    /// `BGP4MP_MESSAGE_AS4` with a keepalive.
    pub fn keepalive(&mut self, at: Timestamp, peer: ElemPeer) -> Result<(), WriteError> {
        self.message(at, peer, false, 4, &[])
    }

    /// `BGP4MP_STATE_CHANGE_AS4`, with microseconds where `at` has them.
    pub fn state_change(
        &mut self,
        at: Timestamp,
        peer: ElemPeer,
        old: SessionState,
        new: SessionState,
    ) -> Result<(), WriteError> {
        let mut body = session(peer);
        body.extend(old.0.to_be_bytes());
        body.extend(new.0.to_be_bytes());
        self.bgp4mp(5, at, &body)
    }

    /// A BGP message of a type.
    fn message(
        &mut self,
        at: Timestamp,
        peer: ElemPeer,
        add_path: bool,
        kind: u8,
        content: &[u8],
    ) -> Result<(), WriteError> {
        let mut body = session(peer);
        body.extend([0xFF; 16]);
        // Marker, length and type count too (RFC 4271, section 4.1).
        body.extend(u16_of("BGP message", content.len().saturating_add(19))?);
        body.push(kind);
        body.extend(content);
        self.bgp4mp(if add_path { 9 } else { 4 }, at, &body)
    }

    fn bgp4mp(&mut self, subtype: u16, at: Timestamp, body: &[u8]) -> Result<(), WriteError> {
        let micros = at.micros().rem_euclid(1_000_000);
        if micros == 0 {
            return self.record(Kind::Bgp4mp, subtype, at, body);
        }
        let micros = u32::try_from(micros).unwrap_or(0).to_be_bytes();
        self.record(Kind::Bgp4mpEt, subtype, at, &[&micros[..], body].concat())
    }

    /// The header, then the body.
    fn record(
        &mut self,
        kind: Kind,
        subtype: u16,
        at: Timestamp,
        body: &[u8],
    ) -> Result<(), WriteError> {
        let at_most = usize::try_from(kind.longest_body()).unwrap_or(usize::MAX);
        let length = u32::try_from(body.len()).ok().filter(|length| *length <= kind.longest_body());
        let Some(length) = length else {
            return Err(WriteError::TooLong { field: "record", at_most, found: body.len() });
        };
        self.octets.extend(seconds(at)?.to_be_bytes());
        self.octets.extend(kind.number().to_be_bytes());
        self.octets.extend(subtype.to_be_bytes());
        self.octets.extend(length.to_be_bytes());
        self.octets.extend(body);
        Ok(())
    }
}

/// Bits of the attribute flags.
const OPTIONAL: u8 = 0x80;
const TRANSITIVE: u8 = 0x40;
const EXTENDED_LENGTH: u8 = 0x10;

/// All attributes but the next hop, which stands elsewhere for IPv6.
fn push_route(octets: &mut Vec<u8>, route: &Route) -> Result<(), WriteError> {
    push_attribute(octets, TRANSITIVE, 1, &[route.origin.octet()])?;
    let mut path = Vec::new();
    for (kind, asns) in &route.path {
        let Ok(count) = u8::try_from(asns.len()) else {
            let (field, at_most, found) = ("ASes of a segment", 255, asns.len());
            return Err(WriteError::TooLong { field, at_most, found });
        };
        path.extend([kind.octet(), count]);
        path.extend(asns.iter().flat_map(|asn| asn.0.to_be_bytes()));
    }
    push_attribute(octets, TRANSITIVE, 2, &path)?;
    if let Some(med) = route.med {
        push_attribute(octets, OPTIONAL, 4, &med.to_be_bytes())?;
    }
    if let Some(local_pref) = route.local_pref {
        push_attribute(octets, TRANSITIVE, 5, &local_pref.to_be_bytes())?;
    }
    if route.atomic_aggregate {
        push_attribute(octets, TRANSITIVE, 6, &[])?;
    }
    if let Some(Aggregator { asn, id }) = route.aggregator {
        let value = [asn.0.to_be_bytes(), id.octets()].concat();
        push_attribute(octets, OPTIONAL | TRANSITIVE, 7, &value)?;
    }
    if !route.communities.is_empty() {
        let value: Vec<u8> = route.communities.iter().flat_map(|c| c.0.to_be_bytes()).collect();
        push_attribute(octets, OPTIONAL | TRANSITIVE, 8, &value)?;
    }
    if !route.large_communities.is_empty() {
        let words = route.large_communities.iter().flat_map(|c| [c.0, c.1, c.2]);
        let value: Vec<u8> = words.flat_map(u32::to_be_bytes).collect();
        push_attribute(octets, OPTIONAL | TRANSITIVE, 32, &value)?;
    }
    Ok(())
}

fn push_attribute(
    octets: &mut Vec<u8>,
    flags: u8,
    kind: u8,
    value: &[u8],
) -> Result<(), WriteError> {
    if let Ok(length) = u8::try_from(value.len()) {
        octets.extend([flags, kind, length]);
    } else {
        octets.extend([flags | EXTENDED_LENGTH, kind]);
        octets.extend(u16_of("attribute", value.len())?);
    }
    octets.extend(value);
    Ok(())
}

fn push_next_hop(octets: &mut Vec<u8>, next_hop: IpAddr) -> Result<(), WriteError> {
    match next_hop {
        IpAddr::V4(v4) => push_attribute(octets, TRANSITIVE, 3, &v4.octets()),
        IpAddr::V6(_) => Err(WriteError::NextHop { found: next_hop }),
    }
}

/// A next hop as `MP_REACH_NLRI` holds it; one of IPv4 is mapped into IPv6.
fn push_hop_with_length(octets: &mut Vec<u8>, next_hop: IpAddr) {
    let v6 = match next_hop {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    };
    octets.push(16);
    octets.extend(v6.octets());
}

fn push_prefix(octets: &mut Vec<u8>, (prefix, path_id): Nlri, add_path: bool) {
    if add_path {
        octets.extend(path_id.unwrap_or(0).to_be_bytes());
    }
    octets.push(prefix.length());
    let mut address = Vec::new();
    push_address(&mut address, prefix.address());
    address.truncate(usize::from(prefix.length()).div_ceil(8));
    octets.extend(address);
}

fn push_address(octets: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(v4) => octets.extend(v4.octets()),
        IpAddr::V6(v6) => octets.extend(v6.octets()),
    }
}

/// Peer and local AS, interface, family, addresses. Our own are zero.
fn session(peer: ElemPeer) -> Vec<u8> {
    let mut octets = peer.asn.0.to_be_bytes().to_vec();
    octets.extend([0; 4]);
    octets.extend([0, 0, 0, if peer.address.is_ipv6() { 2 } else { 1 }]);
    push_address(&mut octets, peer.address);
    octets.extend(std::iter::repeat_n(0, if peer.address.is_ipv6() { 16 } else { 4 }));
    octets
}

fn seconds(at: Timestamp) -> Result<u32, WriteError> {
    u32::try_from(at.seconds()).map_err(|_| WriteError::Time { found: at })
}

fn u16_of(field: &'static str, found: usize) -> Result<[u8; 2], WriteError> {
    let at_most = usize::from(u16::MAX);
    u16::try_from(found).map(u16::to_be_bytes).map_err(|_| WriteError::TooLong {
        field,
        at_most,
        found,
    })
}
