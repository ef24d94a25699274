use falter_model::Asn;
use proptest::prelude::*;

use super::*;

/// A message with its header.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len().saturating_add(HEADER)).unwrap();
    [&[3][..], &length.to_be_bytes(), &[kind], body].concat()
}

/// The header of AS64500's peer 192.0.2.9.
fn peer(kind: u8, flags: u8) -> Vec<u8> {
    let mut header = vec![kind, flags];
    header.extend([0; 8]);
    header.extend([0; 12]);
    header.extend([192, 0, 2, 9]);
    header.extend(64_500_u32.to_be_bytes());
    header.extend([10, 0, 0, 1]);
    header.extend(1_643_144_400_u32.to_be_bytes());
    header.extend(250_000_u32.to_be_bytes());
    header
}

fn bgp_message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len().saturating_add(19)).unwrap();
    [&[0xFF; 16][..], &length.to_be_bytes(), &[kind], body].concat()
}

/// An OPEN with one capability to send (2) or take (1) several paths.
fn open(paths: Option<u8>) -> Vec<u8> {
    let capability = paths.map_or_else(Vec::new, |what| vec![2, 6, 69, 4, 0, 1, 1, what]);
    let length = u8::try_from(capability.len()).unwrap();
    bgp_message(1, &[&[4, 0xFB, 0xF4, 0, 90, 10, 0, 0, 1, length][..], &capability].concat())
}

/// Withdraws 192.0.2.0/24.
fn update() -> Vec<u8> {
    bgp_message(2, &[0, 4, 24, 192, 0, 2, 0, 0])
}

fn decode(octets: &[u8]) -> Result<Message<'_>, Fault> {
    Message::decode(octets, |_| None)
}

#[test]
fn a_message_is_as_long_as_it_says() {
    let octets = message(5, &[0, 0]);
    for end in 0..HEADER {
        assert_eq!(frame(&octets[..end]), Ok(None));
    }
    assert_eq!(frame(&octets), Ok(Some(8)));
    let error = |octets: &[u8]| frame(octets).unwrap_err().to_string();
    assert_eq!(error(&[2, 0, 0, 0, 8, 5]), "version of BMP at octet 0: expected 3, found 2");
    for length in [[0, 0, 0, 5], [0, 4, 0, 1], [0xFF; 4]] {
        let octets = [&[3][..], &length, &[5]].concat();
        assert!(error(&octets).starts_with("length of a BMP message at octet 1: expected 6 to"));
    }
}

#[test]
fn a_route_comes_with_its_peer() {
    let octets = message(0, &[peer(0, 0), update()].concat());
    let Ok(Message::RouteMonitoring(peer, bgp::Message::Update(update))) = decode(&octets) else {
        panic!("no routes");
    };
    assert_eq!((peer.asn, peer.view), (Asn(64_500), View::AdjRibInPre));
    assert_eq!(peer.address.to_string(), "192.0.2.9");
    assert_eq!(peer.at.unwrap().to_string(), "2022-01-25T21:00:00.250Z");
    let mut withdrawn = Vec::new();
    update.visit(|route| withdrawn.push(route.unwrap().prefix.to_string()));
    assert_eq!(withdrawn, ["192.0.2.0/24"]);
}

#[test]
fn flags_tell_the_table() {
    for (kind, flags, view) in [
        (0, 0x00, View::AdjRibInPre),
        (0, 0x40, View::AdjRibInPost),
        (0, 0x10, View::AdjRibOut),
        (0, 0x50, View::AdjRibOut),
        (1, 0x00, View::AdjRibInPre),
        (3, 0x80, View::LocRib),
    ] {
        let octets = message(2, &[peer(kind, flags), vec![4]].concat());
        let Ok(Message::PeerDown(peer, DownReason::RemoteSilent)) = decode(&octets) else {
            panic!("no peer down");
        };
        assert_eq!(peer.view, view, "type {kind}, flags {flags:x}");
    }
}

#[test]
fn a_peer_that_went_down_says_why() {
    let notification = |code, subcode| bgp_message(3, &[code, subcode]);
    for (reason, expected) in [
        ([vec![1], notification(4, 0)].concat(), "hold timer expired"),
        ([vec![3], notification(6, 2)].concat(), "peer said: cease: administrative shutdown"),
        (vec![2, 0, 10], "hold timer expired"),
        (vec![2, 0, 24], "closed by the router, event 24"),
        (vec![4], "connection closed by the peer"),
        (vec![5], "not monitored any more"),
        (vec![9], "reason 9"),
    ] {
        let octets = message(2, &[peer(0, 0), reason].concat());
        let Ok(Message::PeerDown(_, reason)) = decode(&octets) else { panic!("no peer down") };
        assert_eq!(reason.to_string(), expected);
    }
}

#[test]
fn several_paths_need_both_ends() {
    for (sent, received, expected) in [
        (Some(1), Some(2), true),
        (Some(3), Some(3), true),
        (Some(2), Some(1), false),
        (Some(1), None, false),
        (None, None, false),
    ] {
        let body = [peer(0, 0), vec![0; 20], open(sent), open(received)].concat();
        let octets = message(3, &body);
        let Ok(Message::PeerUp(_, session)) = decode(&octets) else { panic!("no peer up") };
        assert_eq!(session.add_path, expected, "{sent:?} {received:?}");
    }
}

#[test]
fn a_router_says_its_name() {
    let octets = message(4, b"\0\x01\0\x04GoBG\0\x02\0\x05gw-kp");
    assert!(matches!(decode(&octets), Ok(Message::Initiation { name: Some("gw-kp") })));
    let octets = message(4, b"\0\x02\0\x02\xFF\xFF");
    assert!(matches!(decode(&octets), Ok(Message::Initiation { name: None })));
}

#[test]
fn what_is_cut_off_says_where() {
    let whole = message(0, &[peer(0, 0), update()].concat());
    for end in HEADER..whole.len() {
        let Err(fault) = decode(&whole[..end]) else { panic!("{end} octets are a message") };
        assert!(fault.what.offset() <= end);
    }
}

proptest! {
    #[test]
    fn nothing_panics(kind in 0_u8..8, body in prop::collection::vec(any::<u8>(), 0..300)) {
        let octets = message(kind, &body);
        prop_assert_eq!(frame(&octets), Ok(Some(octets.len())));
        if let Ok(Message::RouteMonitoring(_, bgp::Message::Update(update))) = decode(&octets) {
            update.visit(|_| {});
        }
    }
}
