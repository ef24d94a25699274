//! What was written is what is read.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of a test that fails must stop the test"
)]

use std::net::{IpAddr, Ipv4Addr};

use falter_model::{Asn, Family, Prefix, Timestamp};
use falter_wire::bgp::SegmentKind;
use falter_wire::bgp::{Aggregator, Community, LargeCommunity, Message, Notification, Origin};
use falter_wire::mrt::{
    self, Elem, ElemChange, ElemPeer, Framed, IndexedPeer, Nlri, PeerIndex, Record, Route,
    SessionState, Told, Writer,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// An elem that no longer borrows.
#[derive(Debug, Clone, PartialEq)]
struct Owned {
    at: Timestamp,
    peer: ElemPeer,
    prefix: Prefix,
    path_id: Option<u32>,
    change: Option<Route>,
}

/// Everything that is told of a route, as it would be written.
fn owned(elem: &Elem<'_>) -> Owned {
    let route = elem.attributes().map(|attributes| Route {
        origin: attributes.origin().unwrap(),
        path: attributes.as_path().segments().map(|s| (s.kind, s.asns().collect())).collect(),
        next_hop: elem.next_hop().unwrap(),
        med: attributes.med(),
        local_pref: attributes.local_pref(),
        atomic_aggregate: attributes.is_atomic_aggregate(),
        aggregator: attributes.aggregator(),
        communities: attributes.communities().collect(),
        large_communities: attributes.large_communities().collect(),
    });
    let Elem { at, peer, prefix, path_id, .. } = *elem;
    Owned { at, peer, prefix, path_id, change: route }
}

/// All elems of an archive; there must be no fault.
fn elems(octets: &[u8]) -> Vec<Owned> {
    let mut elems = Vec::new();
    mrt::read(octets, |told| match told {
        Told::Elem(_, elem) => elems.push(owned(&elem)),
        Told::State(..) => {}
        Told::Fault { record, fault } => panic!("record at {record}: {fault}"),
    });
    elems
}

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![any::<[u8; 4]>().prop_map(IpAddr::from), any::<[u8; 16]>().prop_map(IpAddr::from),]
}

fn peer() -> impl Strategy<Value = ElemPeer> {
    (any::<u32>(), address()).prop_map(|(asn, address)| ElemPeer {
        asn: Asn(asn),
        address,
        number: None,
    })
}

fn prefix(family: Family) -> BoxedStrategy<Prefix> {
    match family {
        Family::V4 => {
            (any::<u32>(), 0_u8..=32).prop_map(|(a, l)| Prefix::v4(a, l).unwrap()).boxed()
        }
        Family::V6 => {
            (any::<u128>(), 0_u8..=128).prop_map(|(a, l)| Prefix::v6(a, l).unwrap()).boxed()
        }
    }
}

/// At most one default route: several without identifiers would be taken for identifiers.
fn nlri(family: Family, add_path: bool) -> impl Strategy<Value = Vec<Nlri>> {
    vec((prefix(family), any::<u32>()), 0..20).prop_map(move |list| {
        let mut seen = std::collections::BTreeSet::new();
        let new = list.into_iter().filter(|(prefix, _)| seen.insert(*prefix));
        new.map(|(prefix, id)| (prefix, add_path.then_some(id))).collect()
    })
}

fn segment() -> impl Strategy<Value = (SegmentKind, Vec<Asn>)> {
    let kind = prop_oneof![
        4 => Just(SegmentKind::Sequence),
        1 => Just(SegmentKind::Set),
        1 => Just(SegmentKind::ConfedSequence),
        1 => Just(SegmentKind::ConfedSet),
    ];
    (kind, vec(any::<u32>().prop_map(Asn), 1..8))
}

prop_compose! {
    fn route(next_hop: BoxedStrategy<IpAddr>)(
        origin in prop_oneof![Just(Origin::Igp), Just(Origin::Egp), Just(Origin::Incomplete)],
        path in vec(segment(), 0..4),
        next_hop in next_hop,
        med in option::of(any::<u32>()),
        local_pref in option::of(any::<u32>()),
        atomic_aggregate in any::<bool>(),
        aggregator in option::of((any::<u32>(), any::<u32>())),
        communities in vec(any::<u32>().prop_map(Community), 0..80),
        large in vec(any::<(u32, u32, u32)>(), 0..4),
    ) -> Route {
        Route {
            origin,
            path,
            next_hop,
            med,
            local_pref,
            atomic_aggregate,
            aggregator: aggregator.map(|(asn, id)| Aggregator { asn: Asn(asn), id: id.into() }),
            communities,
            large_communities: large.into_iter().map(|(a, b, c)| LargeCommunity(a, b, c)).collect(),
        }
    }
}

/// A route with a next hop of the family.
fn route_of(family: Family) -> impl Strategy<Value = Route> {
    let next_hop = match family {
        Family::V4 => any::<[u8; 4]>().prop_map(IpAddr::from).boxed(),
        Family::V6 => any::<[u8; 16]>().prop_map(IpAddr::from).boxed(),
    };
    route(next_hop)
}

fn family() -> impl Strategy<Value = Family> {
    prop_oneof![Just(Family::V4), Just(Family::V6)]
}

/// Times that MRT can tell, half of them whole seconds.
fn time() -> impl Strategy<Value = Timestamp> {
    let micros = prop_oneof![Just(0_i64), 1_i64..1_000_000];
    (any::<u32>(), micros).prop_map(|(seconds, micros)| {
        Timestamp::from_micros(i64::from(seconds) * 1_000_000 + micros)
    })
}

prop_compose! {
    fn update()(family in family(), add_path in any::<bool>())(
        withdrawn in nlri(family, add_path),
        announced in nlri(family, add_path),
        route in route_of(family),
    ) -> (Vec<Nlri>, Route, Vec<Nlri>) {
        (withdrawn, route, announced)
    }
}

proptest! {
    #[test]
    fn updates((withdrawn, route, announced) in update(), at in time(), peer in peer()) {
        let mut writer = Writer::new();
        writer.update(at, peer, &withdrawn, Some((&route, &announced))).unwrap();
        let elem = |(prefix, path_id): &Nlri, change| {
            Owned { at, peer, prefix: *prefix, path_id: *path_id, change }
        };
        let expected: Vec<Owned> = withdrawn
            .iter()
            .map(|nlri| elem(nlri, None))
            .chain(announced.iter().map(|nlri| elem(nlri, Some(route.clone()))))
            .collect();
        prop_assert_eq!(elems(writer.octets()), expected);
    }

    #[test]
    fn tables(
        (prefix, routes) in family().prop_flat_map(|family| {
            (prefix(family), vec((route_of(family), any::<u32>()), 0..6))
        }),
        add_path in any::<bool>(),
        seconds in any::<u32>(),
        view in ".{0,20}",
        peers in vec((any::<u32>(), address(), any::<u32>()), 6),
    ) {
        let at = Timestamp::from_seconds(seconds.into());
        let peers: Vec<IndexedPeer> = peers
            .into_iter()
            .map(|(id, address, asn)| IndexedPeer { bgp_id: id.into(), address, asn: Asn(asn) })
            .collect();
        let entries: Vec<(u16, Option<u32>, &Route)> = routes
            .iter()
            .zip(0..)
            .map(|((route, id), number)| (number, add_path.then_some(*id), route))
            .collect();
        let mut writer = Writer::new();
        writer.peer_index(at, Ipv4Addr::LOCALHOST, &view, &peers).unwrap();
        writer.rib(at, 7, prefix, &entries).unwrap();
        let expected: Vec<Owned> = entries
            .iter()
            .map(|(number, path_id, route)| {
                let IndexedPeer { asn, address, .. } = peers[usize::from(*number)];
                let peer = ElemPeer { asn, address, number: Some(*number) };
                let change = Some((*route).clone());
                Owned { at, peer, prefix, path_id: *path_id, change }
            })
            .collect();
        prop_assert_eq!(elems(writer.octets()), expected);
        let Framed::Record(raw) = mrt::frame(writer.octets()).unwrap() else {
            return Err(TestCaseError::fail("the index is no whole record"));
        };
        let Record::PeerIndex { index, fault: None } = Record::decode(&raw, None).unwrap() else {
            return Err(TestCaseError::fail("the index is none"));
        };
        let collector_id = Ipv4Addr::LOCALHOST;
        prop_assert_eq!(index, PeerIndex { collector_id, view_name: view, peers });
    }

    #[test]
    fn states(at in time(), peer in peer(), old in any::<u16>(), new in any::<u16>()) {
        let mut writer = Writer::new();
        writer.state_change(at, peer, SessionState(old), SessionState(new)).unwrap();
        let mut states = Vec::new();
        mrt::read(writer.octets(), |told| {
            if let Told::State(_, state) = told {
                states.push(state);
            }
        });
        let [state] = states[..] else { return Err(TestCaseError::fail("not one state")) };
        prop_assert_eq!((state.at, state.peer_asn), (at, peer.asn));
        prop_assert_eq!((state.peer_address, state.old.0, state.new.0), (peer.address, old, new));
    }

    #[test]
    fn the_flat_path_ends_in_the_origin(route in route_of(Family::V4), at in time(), peer in peer()) {
        let mut writer = Writer::new();
        let prefix = (Prefix::v4(0, 8).unwrap(), None);
        writer.update(at, peer, &[], Some((&route, &[prefix]))).unwrap();
        let (mut path, mut origin) = (vec![Asn(1)], None);
        mrt::read(writer.octets(), |told| {
            if let Told::Elem(_, Elem { change: ElemChange::Announced(attributes), .. }) = told {
                attributes.path(&mut path);
                origin = attributes.origin_asn();
            }
        });
        let all: usize = route.path.iter().map(|(_, asns)| asns.len()).sum();
        prop_assert_eq!(path.len(), all);
        let expected = match route.path.last() {
            Some((SegmentKind::Sequence, asns)) => asns.last().copied(),
            _ => None,
        };
        prop_assert_eq!(origin, expected);
    }

    #[test]
    fn any_octets_are_read_to_the_end(octets in vec(any::<u8>(), 0..2000)) {
        mrt::read(&octets, |_| {});
        let _is_mrt = mrt::looks_like_mrt(&octets);
    }
}

#[test]
fn messages_without_routes() {
    let at = Timestamp::from_seconds(1_600_000_000);
    let peer = ElemPeer { asn: Asn(64500), address: [192, 0, 2, 1].into(), number: None };
    let mut writer = Writer::new();
    let expired = Notification { code: 4, subcode: 0 };
    writer.notification(at, peer, expired).unwrap();
    let Ok(Framed::Record(raw)) = mrt::frame(writer.octets()) else { panic!("no record") };
    let Ok(Record::Message(record)) = Record::decode(&raw, None) else { panic!("no message") };
    assert!(matches!(record.message, Message::Notification(found) if found == expired));
    assert_eq!(expired.to_string(), "hold timer expired");
}
