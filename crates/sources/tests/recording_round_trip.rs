//! Every fact survives its form in a recording.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use std::net::IpAddr;

use falter_model::{
    Answer, Asn, Attack, Change, Control, ControlKind, Direction, Entity, Fact, Hop, Interned,
    Method, Name, Observation, Outcome, Page, PageDetails, PathId, Peer, PeerActivity, PeerChange,
    PeerId, PeerState, Place, Prefix, Probe, RibEnd, Route, SignalId, Span, Stage, Step, Text,
    Timestamp, Traffic, Transport, Unreachable, Value, VantagePoint,
};
use falter_sources::recording::{RecordingHeader, read_line, write_line};
use proptest::option;
use proptest::prelude::*;

/// Peers and paths that generated facts refer to.
fn interned() -> Interned {
    let mut interned = Interned::new();
    for n in 0..4_u8 {
        let collector = if n < 2 { "rrc00" } else { "route-views.sg" };
        let address = IpAddr::from([193, 0, 0, n]);
        interned.peer_id(&Peer { collector: collector.into(), asn: Asn(3333), address });
    }
    interned.path_id(&[Asn(3333), Asn(4837), Asn(131_279)]);
    interned.path_id(&[Asn(1)]);
    interned
}

fn text() -> impl Strategy<Value = Text> {
    any::<String>().prop_map(|text| text.as_str().into())
}

fn at() -> impl Strategy<Value = Timestamp> {
    (-62_000_000_000_000_000..250_000_000_000_000_000_i64).prop_map(Timestamp::from_micros)
}

fn peer() -> impl Strategy<Value = PeerId> {
    (0..4_u32).prop_map(PeerId)
}

fn prefix() -> impl Strategy<Value = Prefix> {
    (any::<IpAddr>(), 0..=32_u8).prop_map(|(address, length)| Prefix::new(address, length).unwrap())
}

fn route(at: Timestamp) -> impl Strategy<Value = Fact> {
    let path = prop_oneof![Just(PathId::NONE), Just(PathId(0)), Just(PathId(1))];
    let origin = option::of(prop_oneof![Just(Asn(131_279)), Just(Asn(1)), Just(Asn(7))]);
    let route = (origin, path, any::<bool>());
    let change = prop_oneof![
        Just(Change::Withdrawn),
        route.clone().prop_map(|(origin, path, blackholed)| Change::Announced {
            origin,
            path,
            blackholed
        }),
        route.prop_map(|(origin, path, _)| Change::Tabled { origin, path }),
    ];
    (peer(), prefix(), change)
        .prop_map(move |(peer, prefix, change)| Fact::Route(Route { at, peer, prefix, change }))
}

fn rib_end() -> impl Strategy<Value = Fact> {
    // All peers of a table are of its collector.
    let size = (0..2_u32, any::<u32>(), any::<u32>());
    let size = size.prop_map(|(peer, v4, v6)| (PeerId(peer), v4, v6));
    (at(), prop::collection::vec(size, 0..4)).prop_map(|(from, peers)| {
        Fact::RibEnd(Box::new(RibEnd { collector: "rrc00".into(), from, peers }))
    })
}

fn method() -> impl Strategy<Value = Method> {
    prop_oneof![
        Just(Method::Icmp),
        any::<u16>().prop_map(Method::Tcp),
        any::<u16>().prop_map(Method::Udp)
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        (any::<u32>(), option::of(any::<u8>()))
            .prop_map(|(rtt_us, ttl)| Outcome::Reply { rtt_us, ttl }),
        any::<i64>().prop_map(|after| Outcome::Timeout { after: Span::from_micros(after) }),
        (text(), option::of(any::<IpAddr>()))
            .prop_map(|(code, from)| Outcome::Unreachable(Unreachable { code, from })),
        any::<u32>().prop_map(|rtt_us| Outcome::Reset { rtt_us }),
    ]
}

fn probing() -> impl Strategy<Value = Fact> {
    let kind = prop_oneof![Just(ControlKind::Far), Just(ControlKind::Near)];
    let probe = || (text(), any::<IpAddr>(), method(), outcome());
    let hop = (
        text(),
        any::<IpAddr>(),
        any::<u8>(),
        option::of(any::<IpAddr>()),
        option::of(any::<u32>()),
    );
    prop_oneof![
        probe().prop_map(|(vantage, target, method, outcome)| {
            Fact::Probe(Box::new(Probe { vantage, target, method, outcome }))
        }),
        (probe(), kind).prop_map(|((vantage, target, method, outcome), kind)| {
            Fact::Control(Box::new(Control { vantage, kind, target, method, outcome }))
        }),
        hop.prop_map(|(vantage, target, ttl, from, rtt_us)| {
            Fact::Hop(Box::new(Hop { vantage, target, ttl, from, rtt_us }))
        }),
    ]
}

fn name() -> impl Strategy<Value = Fact> {
    let flags = (any::<bool>(), any::<bool>());
    let answer = (text(), flags, option::of(any::<u32>()), any::<u32>(), option::of(at()));
    let answer = answer.prop_map(|(rcode, (aa, truncated), serial, rtt_us, expires)| {
        Ok(Answer { rcode, aa, serial, rtt_us, truncated, expires })
    });
    let answer = prop_oneof![answer, text().prop_map(Err)];
    let transport = prop_oneof![Just(Transport::Udp), Just(Transport::Tcp)];
    (text(), text(), text(), transport, answer).prop_map(
        |(vantage, server, zone, transport, answer)| {
            Fact::Name(Box::new(Name { vantage, server, zone, transport, answer }))
        },
    )
}

fn page() -> impl Strategy<Value = Fact> {
    let stage = prop_oneof![
        Just(Stage::Resolve),
        Just(Stage::Connect),
        Just(Stage::Tls),
        Just(Stage::Request),
        Just(Stage::Status)
    ];
    let timings = prop::collection::vec((text(), any::<u64>()), 0..4);
    let address = option::of(any::<IpAddr>());
    let visit =
        (text(), text(), stage, option::of(text()), option::of(any::<u16>()), address, timings);
    (visit, details()).prop_map(
        |((vantage, site, stage, error, status, address, times_us), details)| {
            let page = Page { vantage, site, stage, error, status, address, times_us, details };
            Fact::Page(Box::new(page))
        },
    )
}

fn details() -> impl Strategy<Value = PageDetails> {
    let content = (option::of(any::<u64>()), option::of(any::<u64>()), option::of(any::<bool>()));
    let rest = (option::of(at()), any::<u8>(), option::of(any::<u32>()));
    (option::of(text()), option::of(text()), content, rest).prop_map(
        |(who, resolver, (octets, content, is_other), rest)| {
            let (certificate_until, redirects, sites_here) = rest;
            PageDetails {
                who,
                resolver,
                octets,
                content,
                is_other,
                certificate_until,
                redirects,
                sites_here,
            }
        },
    )
}

fn volumes() -> impl Strategy<Value = Fact> {
    let direction = prop_oneof![Just(Direction::In), Just(Direction::Out)];
    let entity = || {
        prop_oneof![
            Just(Entity::Network("kp".into())),
            text().prop_filter("no code is empty", |text| !text.trim().is_empty()).prop_map(
                |text| {
                    // As it is read back: spaces around it are not part of it.
                    Entity::Region(text.trim().into())
                }
            ),
            prefix().prop_map(Entity::Prefix),
            any::<IpAddr>().prop_map(Entity::Address),
        ]
    };
    let count = any::<u64>;
    let number = option::of(-1e300..1e300_f64);
    let step = (1_000_000..1_000_000_000_000_i64)
        .prop_map(|micros| Step::new(Span::from_micros(micros)).unwrap());
    prop_oneof![
        (text(), any::<IpAddr>(), text(), count(), any::<[Option<u32>; 2]>(), at(), at()).prop_map(
            |(vantage, victim, protocol, packets, [sources_16, max_ppm], from, until)| {
                let max_ppm = max_ppm.map(u64::from);
                Fact::Attack(Box::new(Attack {
                    vantage,
                    victim,
                    protocol,
                    packets,
                    sources_16,
                    max_ppm,
                    from,
                    until,
                }))
            }
        ),
        (text(), entity(), direction, count(), count(), count(), option::of(text())).prop_map(
            |(vantage, entity, direction, octets, packets, flows, port)| {
                Fact::Traffic(Box::new(Traffic {
                    vantage,
                    entity,
                    direction,
                    octets,
                    packets,
                    flows,
                    port,
                }))
            }
        ),
        (text(), entity(), text(), number.clone(), number, option::of(step), option::of(text()))
            .prop_map(|(vantage, entity, signal, value, n, step, unit)| {
                let signal = SignalId::from(&*signal);
                Fact::Value(Box::new(Value { vantage, entity, signal, value, n, step, unit }))
            }),
    ]
}

fn observation() -> impl Strategy<Value = Observation> {
    at().prop_flat_map(|at| {
        let change = (peer(), any::<bool>(), option::of(text())).prop_map(|(peer, up, reason)| {
            let state = if up { PeerState::Up } else { PeerState::Down };
            Fact::Peer(PeerChange { peer, state, reason })
        });
        let activity =
            (peer(), any::<u32>(), any::<u32>()).prop_map(|(peer, announced, withdrawn)| {
                Fact::Activity(PeerActivity { peer, announced, withdrawn })
            });
        let fact = prop_oneof![
            route(at),
            change,
            activity,
            rib_end(),
            probing(),
            name(),
            page(),
            volumes(),
            Just(Fact::Tick),
        ];
        fact.prop_map(move |fact| Observation { at, fact })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn every_fact_survives_its_line(observation in observation()) {
        let mut interned = interned();
        let mut line = Vec::new();
        write_line(&mut line, &observation, &interned).unwrap();
        let text = String::from_utf8(line.clone()).unwrap();
        prop_assert_eq!(read_line(&line, &mut interned).unwrap(), observation, "{}", text);
        prop_assert_eq!(interned.peers().len(), 4);
        prop_assert_eq!(text.matches('\n').count(), 1);
    }
}

/// A line of the interface, as it is written.
fn check(line: &str) {
    let mut interned = Interned::new();
    let observation = read_line(line.as_bytes(), &mut interned).unwrap();
    let mut written = Vec::new();
    write_line(&mut written, &observation, &interned).unwrap();
    assert_eq!(String::from_utf8(written).unwrap().trim_end(), line);
}

#[test]
fn lines_keep_the_form_of_the_interface() {
    for line in [
        r#"{"at":"2022-01-25T21:00:00.123456Z","vantage":"lab-1","probe":{"target":"175.45.176.9","method":"icmp","reply":{"rtt_us":310,"ttl":61}}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"lab-1","probe":{"target":"175.45.176.9","method":"tcp:80","timeout":{"after_us":3000000}}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"lab-1","probe":{"target":"175.45.176.9","method":"icmp","unreachable":{"code":"host","from":"10.0.3.1"}}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"lab-1","control":{"kind":"far","target":"192.0.2.1","method":"icmp","reply":{"rtt_us":900}}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"lab-1","hop":{"target":"175.45.176.9","ttl":3,"from":"10.0.3.1","rtt_us":150}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"lab-1","name":{"server":"175.45.176.15","zone":"kp","transport":"udp","answer":{"rcode":"NOERROR","aa":true,"serial":2026010101,"rtt_us":800}}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"lab-1","page":{"site":"http://www.example.kp/","stage":"connect","error":"refused","address":"175.45.176.79","times_us":{"resolve":900}}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"rrc00","route":{"peer":{"asn":"AS3333","address":"193.0.0.56"},"prefix":"175.45.176.0/24","announce":{"path":"3333 4837 131279","communities":["65535:666"]}}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"rrc00","route":{"peer":{"asn":"AS3333","address":"193.0.0.56"},"prefix":"175.45.176.0/24","withdraw":{}}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"rrc00","peer":{"asn":"AS3333","address":"193.0.0.56","state":"down","reason":"hold timer expired"}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"darknet-1","attack":{"victim":"175.45.176.67","protocol":"tcp","packets":812,"sources_16":88,"max_ppm":210,"from":"2022-01-25T20:00:00Z","until":"2022-01-25T20:30:00Z"}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"flows-1","traffic":{"entity":"network/kp","direction":"in","octets":12345,"packets":99,"flows":7,"port":"udp/123"}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"import","value":{"entity":"country/KP","signal":"traffic.search","value":41.5,"n":null}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","tick":{}}"#,
        // Beyond the interface.
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"rrc00","route":{"peer":{"asn":"AS3333","address":"193.0.0.56"},"prefix":"175.45.176.0/24","table":{"path":"3333 4837","origin":null}}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"rrc00","activity":{"peer":{"asn":"AS3333","address":"193.0.0.56"},"announced":3,"withdrawn":0}}"#,
        r#"{"at":"2022-01-25T21:00:00Z","vantage":"rrc00","rib_end":{"from":"2022-01-25T20:00:00Z","peers":[{"asn":"AS3333","address":"193.0.0.56","v4":900000,"v6":0}]}}"#,
    ] {
        check(line);
    }
}

#[test]
fn a_path_that_ends_in_a_set_has_no_origin() {
    let line = r#"{"at":"2022-01-25T21:00:00Z","vantage":"rrc00","route":{"peer":{"asn":"AS3333","address":"193.0.0.56"},"prefix":"175.45.176.0/24","announce":{"path":"3333 {7,8}"}}}"#;
    let mut interned = Interned::new();
    let read = read_line(line.as_bytes(), &mut interned).unwrap();
    let Fact::Route(Route { change: Change::Announced { origin, path, .. }, .. }) = read.fact
    else {
        panic!("{read:?}");
    };
    assert_eq!(origin, None);
    assert_eq!(interned.path(path), [Asn(3333), Asn(7), Asn(8)]);
}

#[test]
fn a_header_keeps_the_form_of_the_interface() {
    let line = r#"{"falter":"recording","version":1,"network":"kp","from":"2022-01-25T20:00:00Z","synthetic":false,"time_scale":1,"made_by":"falter 0.1.0","digests":{"profile":"..."},"vantage_points":[{"id":"lab-1","asn":"AS65000","place":"outside"}],"starts_from":[]}"#;
    let header: RecordingHeader = serde_json::from_str(line).unwrap();
    assert_eq!(&*header.vantage_points[0].id, "lab-1");
    assert_eq!(serde_json::to_string(&header).unwrap(), line);
    let mut made = RecordingHeader::new(Some("kp"), "2022-01-25T20:00:00Z".parse().unwrap());
    made.digests.insert("profile".to_owned(), "...".to_owned());
    made.vantage_points.push(VantagePoint {
        id: "lab-1".into(),
        asn: Some(Asn(65_000)),
        place: Place::Outside,
    });
    assert_eq!(made, header);
    // Nothing said of a place is outside; what is no place is told, not guessed.
    let place = |said: &str| {
        serde_json::from_str(&line.replace(r#","place":"outside""#, said))
            .map(|header: RecordingHeader| header.vantage_points[0].place)
    };
    assert_eq!(place("").unwrap(), Place::Outside);
    assert_eq!(place(r#","place":null"#).unwrap(), Place::Outside);
    assert_eq!(place(r#","place":"inside""#).unwrap(), Place::Inside);
    assert!(place(r#","place":"above""#).is_err());
}
