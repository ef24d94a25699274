//! From records to observations: what is watched, who is a peer, when a table is complete.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use falter_model::{Asn, Interned, Prefix, Timestamp};
use falter_sources::archive::{InputArg, Inputs, Interest};
use falter_sources::recording::write_line;
use falter_wire::bgp::Notification;
use falter_wire::mrt::{ElemPeer, IndexedPeer, Route, SessionState, Writer};

const AT: i64 = 1_600_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(AT + second)
}

fn peer(number: u8) -> ElemPeer {
    let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, number));
    ElemPeer { asn: Asn(u32::from(number)), address, number: None }
}

fn prefix(text: &str) -> Prefix {
    text.parse().unwrap()
}

fn route(path: &[u32]) -> Route {
    let path: Vec<Asn> = path.iter().copied().map(Asn).collect();
    Route::new(&path, Ipv4Addr::new(192, 0, 2, 254).into())
}

/// Reads what was written; each line without its time's date and its collector.
fn check(writer: Writer, interest: Interest, expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    std::fs::write(&path, writer.into_octets()).unwrap();
    let mut inputs = Inputs::open(&[InputArg::from(path)]).unwrap();
    inputs.watch(interest);
    let (mut interned, mut all) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut all) {}
    assert_eq!(inputs.reports()[0].bad_count, 0, "{inputs:?}");
    let lines: Vec<String> = all
        .iter()
        .map(|observation| {
            let mut line = Vec::new();
            write_line(&mut line, observation, &interned).unwrap();
            let line = String::from_utf8(line).unwrap();
            let seconds = observation.at.seconds() - AT;
            let fact = line.split_once(r#""vantage":"mrt","#).unwrap().1.trim_end();
            format!("{seconds} {}", fact.replace('"', "").trim_end_matches('}'))
        })
        .collect();
    assert_eq!(lines, expected);
}

fn watching(prefixes: &[&str], asns: &[u32]) -> Interest {
    Interest {
        prefixes: Some(prefixes.iter().map(|text| prefix(text)).collect()),
        asns: asns.iter().copied().map(Asn).collect(),
        paths: true,
    }
}

#[test]
fn what_nobody_watches_is_counted_once_a_record() {
    let mut writer = Writer::new();
    let (ours, other) = ((prefix("175.45.176.0/24"), None), (prefix("10.0.0.0/24"), None));
    let path = route(&[1, 4837, 131_279]);
    writer.update(at(0), peer(1), &[], Some((&path, &[other, other]))).unwrap();
    writer.update(at(1), peer(1), &[ours, other], None).unwrap();
    writer.update(at(2), peer(1), &[], Some((&path, &[ours]))).unwrap();
    writer.keepalive(at(3), peer(1)).unwrap();
    check(
        writer,
        watching(&["175.45.176.0/22"], &[]),
        &[
            "0 activity:{peer:{asn:AS1,address:192.0.2.1},announced:2,withdrawn:0",
            "1 route:{peer:{asn:AS1,address:192.0.2.1},prefix:175.45.176.0/24,withdraw:{",
            "1 activity:{peer:{asn:AS1,address:192.0.2.1},announced:0,withdrawn:1",
            "2 route:{peer:{asn:AS1,address:192.0.2.1},prefix:175.45.176.0/24,announce:{path:1 4837 131279",
            "3 activity:{peer:{asn:AS1,address:192.0.2.1},announced:0,withdrawn:0",
        ],
    );
}

#[test]
fn what_a_watched_as_once_originated_is_watched_until_it_is_withdrawn_and_after() {
    let mut writer = Writer::new();
    let list = [(prefix("10.0.0.0/24"), None)];
    writer.update(at(0), peer(1), &list, None).unwrap();
    writer.update(at(1), peer(1), &[], Some((&route(&[1, 7]), &list))).unwrap();
    writer.update(at(2), peer(1), &list, None).unwrap();
    check(
        writer,
        watching(&[], &[7]),
        &[
            "0 activity:{peer:{asn:AS1,address:192.0.2.1},announced:0,withdrawn:1",
            "1 route:{peer:{asn:AS1,address:192.0.2.1},prefix:10.0.0.0/24,announce:{path:1 7",
            "2 route:{peer:{asn:AS1,address:192.0.2.1},prefix:10.0.0.0/24,withdraw:{",
        ],
    );
}

#[test]
fn a_session_goes_up_and_down_with_the_reason_that_was_notified() {
    let mut writer = Writer::new();
    let (idle, established) = (SessionState::IDLE, SessionState::ESTABLISHED);
    let connect = SessionState(2);
    writer.state_change(at(0), peer(1), connect, established).unwrap();
    writer.notification(at(9), peer(1), Notification { code: 4, subcode: 0 }).unwrap();
    writer.state_change(at(10), peer(1), established, idle).unwrap();
    writer.state_change(at(11), peer(1), idle, connect).unwrap();
    writer.state_change(at(12), peer(1), connect, established).unwrap();
    writer.state_change(at(30), peer(1), established, idle).unwrap();
    check(
        writer,
        watching(&[], &[]),
        &[
            "0 peer:{asn:AS1,address:192.0.2.1,state:up",
            "9 activity:{peer:{asn:AS1,address:192.0.2.1},announced:0,withdrawn:0",
            "10 peer:{asn:AS1,address:192.0.2.1,state:down,reason:hold timer expired",
            "12 peer:{asn:AS1,address:192.0.2.1,state:up",
            "30 peer:{asn:AS1,address:192.0.2.1,state:down",
        ],
    );
}

#[test]
fn a_table_is_complete_a_minute_after_its_last_record_and_counts_prefixes_not_paths() {
    let mut writer = Writer::new();
    // BIRD writes what a router originates itself as a peer without address of AS 0.
    let own = IndexedPeer {
        bgp_id: Ipv4Addr::LOCALHOST,
        address: Ipv6Addr::UNSPECIFIED.into(),
        asn: Asn(0),
    };
    let of = |number| IndexedPeer {
        bgp_id: Ipv4Addr::LOCALHOST,
        address: peer(number).address,
        asn: peer(number).asn,
    };
    let index = [own, of(2), of(1), of(3)];
    writer.peer_index(at(0), Ipv4Addr::LOCALHOST, "", &index).unwrap();
    let path = route(&[2, 7]);
    let (own, one, two) = ((0, None, &path), (1, None, &path), (2, None, &path));
    writer.rib(at(0), 0, prefix("10.0.0.0/24"), &[own, one, two]).unwrap();
    let twice = [(1, Some(1), &path), (1, Some(2), &path)];
    writer.rib(at(5), 1, prefix("2001:db8::/32"), &twice).unwrap();
    writer.keepalive(at(65), peer(1)).unwrap();
    writer.keepalive(at(66), peer(1)).unwrap();
    check(
        writer,
        watching(&["10.0.0.0/24"], &[]),
        &[
            "0 route:{peer:{asn:AS2,address:192.0.2.2},prefix:10.0.0.0/24,table:{path:2 7",
            "0 route:{peer:{asn:AS1,address:192.0.2.1},prefix:10.0.0.0/24,table:{path:2 7",
            "65 activity:{peer:{asn:AS1,address:192.0.2.1},announced:0,withdrawn:0",
            "65 rib_end:{from:2020-09-13T12:26:40Z,peers:[{asn:AS1,address:192.0.2.1,v4:1,v6:0},\
             {asn:AS2,address:192.0.2.2,v4:1,v6:1},{asn:AS3,address:192.0.2.3,v4:0,v6:0}]",
            "66 activity:{peer:{asn:AS1,address:192.0.2.1},announced:0,withdrawn:0",
        ],
    );
}

#[test]
fn a_prefix_with_several_paths_is_withdrawn_with_the_last() {
    let mut writer = Writer::new();
    let path = route(&[1]);
    let nlri = |id| [(prefix("10.0.0.0/24"), Some(id))];
    writer.update(at(0), peer(1), &[], Some((&path, &nlri(1)))).unwrap();
    writer.update(at(1), peer(1), &[], Some((&path, &nlri(2)))).unwrap();
    writer.update(at(2), peer(1), &nlri(1), None).unwrap();
    writer.update(at(3), peer(1), &nlri(2), None).unwrap();
    check(
        writer,
        watching(&["10.0.0.0/24"], &[]),
        &[
            "0 route:{peer:{asn:AS1,address:192.0.2.1},prefix:10.0.0.0/24,announce:{path:1",
            "1 route:{peer:{asn:AS1,address:192.0.2.1},prefix:10.0.0.0/24,announce:{path:1",
            "2 activity:{peer:{asn:AS1,address:192.0.2.1},announced:0,withdrawn:0",
            "3 route:{peer:{asn:AS1,address:192.0.2.1},prefix:10.0.0.0/24,withdraw:{",
        ],
    );
}
