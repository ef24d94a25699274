//! Probes, names, pages, attacks and traffic, as small rounds.
#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use std::net::IpAddr;

use falter_model::{
    Answer, Attack, Control, ControlKind, Direction, Fact, Interned, Method, Name, Observation,
    Outcome, Page, PageDetails, Probe, Profile, Span, Stage, Timestamp, Traffic, Transport,
    Unreachable,
};
use falter_signals::{Engine, Output, Plan};

const START: i64 = 1_643_068_800;

fn profile() -> Profile {
    Profile {
        aliases: vec!["country/KP".parse().unwrap()],
        prefixes: vec!["175.45.176.0/22".parse().unwrap()],
        ..Profile::named("kp", "North Korea")
    }
}

fn reply(rtt_us: u32) -> Outcome {
    Outcome::Reply { rtt_us, ttl: None }
}

fn timeout() -> Outcome {
    Outcome::Timeout { after: Span::from_seconds(3) }
}

fn host(n: u8) -> IpAddr {
    IpAddr::from([175, 45, 176, n])
}

fn ping(vantage: &str, n: u8, outcome: Outcome) -> Fact {
    let vantage = vantage.into();
    Fact::Probe(Box::new(Probe { vantage, target: host(n), method: Method::Icmp, outcome }))
}

fn control(vantage: &str, n: u8, outcome: Outcome) -> Fact {
    Fact::Control(Box::new(Control {
        vantage: vantage.into(),
        kind: ControlKind::Far,
        target: IpAddr::from([192, 0, 2, n]),
        method: Method::Icmp,
        outcome,
    }))
}

fn run(network: Option<Profile>, facts: Vec<(i64, Fact)>) -> Output {
    let interned = Interned::new();
    let mut engine = Engine::new(Plan { network, ..Plan::default() });
    let mut out = Output::default();
    let mut last = Timestamp::from_seconds(START);
    for (second, fact) in facts {
        let at = Timestamp::from_seconds(START + second);
        engine.observe(&Observation { at, fact }, &interned, &mut out);
        last = last.max(at);
    }
    engine.finish(last, &interned, &mut out);
    out
}

/// Value and `n` by minute.
fn series(out: &Output, entity: &str, signal: &str) -> Vec<(i64, Option<f64>, Option<f64>)> {
    out.readings
        .iter()
        .filter(|reading| reading.entity.to_string() == entity && reading.signal.as_str() == signal)
        .map(|reading| ((reading.at.seconds() - START) / 60, reading.value, reading.n))
        .collect()
}

#[test]
fn a_round_tells_who_answered_how_much_was_lost_and_how_long_it_took() {
    let facts = vec![
        (0, ping("lab-1", 1, reply(100))),
        (1, ping("lab-1", 2, reply(300))),
        (2, ping("lab-1", 3, timeout())),
        (60, ping("lab-1", 1, reply(500))),
        (61, ping("lab-1", 2, timeout())),
        (
            62,
            ping("lab-1", 3, Outcome::Unreachable(Unreachable { code: "host".into(), from: None })),
        ),
        (120, ping("lab-1", 1, timeout())),
        (180, ping("lab-1", 2, reply(200))),
    ];
    let out = run(Some(profile()), facts);
    let of = |signal| series(&out, "network/kp", signal);
    let third = 1.0 / 3.0;
    assert_eq!(
        of("ping.up-share"),
        [
            (0, Some(2.0 * third), Some(3.0)),
            (1, Some(third), Some(3.0)),
            (2, Some(0.0), Some(1.0)),
            (3, Some(1.0), Some(1.0))
        ]
    );
    assert_eq!(
        of("ping.loss"),
        [
            (0, Some(0.0), Some(2.0)),
            (1, Some(0.0), Some(1.0)),
            (2, None, None),
            (3, Some(0.5), Some(1.0))
        ],
        "who answers no more has gone, and nothing was lost on the way to it"
    );
    assert_eq!(
        of("ping.rtt"),
        [
            (0, Some(300.0), Some(2.0)),
            (1, Some(500.0), Some(1.0)),
            (2, None, None),
            (3, Some(200.0), Some(1.0))
        ]
    );
    assert_eq!(of("ping.up-blocks")[0], (0, Some(1.0), Some(1.0)));
    assert_eq!(
        of("ping.unreachable/host"),
        [(1, Some(1.0), None), (2, Some(0.0), None), (3, Some(0.0), None)]
    );
}

#[test]
fn a_round_with_failing_far_controls_is_not_measured() {
    let mut facts = Vec::new();
    for minute in 0..4 {
        let blind = minute == 1 || minute == 2;
        let outcome = || if blind { timeout() } else { reply(10) };
        for n in 1..=3 {
            facts.push((minute * 60 + i64::from(n), control("lab-1", n, outcome())));
        }
        facts.push((minute * 60 + 10, ping("lab-1", 1, outcome())));
    }
    let out = run(Some(profile()), facts);
    let up: Vec<_> =
        series(&out, "network/kp", "ping.up-share").into_iter().map(|bin| bin.1).collect();
    assert_eq!(up, [Some(1.0), None, None, Some(1.0)]);
    assert_eq!(out.blind.len(), 1);
    let blind = &out.blind[0];
    assert_eq!(&*blind.why, "far controls failed");
    assert_eq!((blind.from.seconds() - START, blind.until.seconds() - START), (60, 180));
}

#[test]
fn half_of_the_controls_is_no_quorum_against_a_vantage_point() {
    let facts = vec![
        (0, control("lab-1", 1, timeout())),
        (0, control("lab-1", 2, reply(10))),
        (1, ping("lab-1", 1, timeout())),
    ];
    let out = run(Some(profile()), facts);
    assert_eq!(series(&out, "network/kp", "ping.up-share"), [(0, Some(0.0), Some(1.0))]);
    assert!(out.blind.is_empty());
}

#[test]
fn a_blind_vantage_point_leaves_the_other() {
    let facts = vec![
        (0, control("lab-1", 1, timeout())),
        (1, ping("lab-1", 1, timeout())),
        (2, ping("lab-2", 1, reply(10))),
    ];
    let out = run(Some(profile()), facts);
    assert_eq!(series(&out, "network/kp", "ping.up-share"), [(0, Some(1.0), Some(1.0))]);
}

#[test]
fn without_a_profile_an_address_speaks_of_its_block() {
    let out = run(None, vec![(0, ping("lab-1", 1, reply(10)))]);
    assert_eq!(series(&out, "block/175.45.176.0/24", "ping.up-share").len(), 1);
}

#[test]
fn name_servers_fail_in_their_own_ways() {
    let name = |server: &str, answer: Result<(&str, bool), &str>| {
        Fact::Name(Box::new(Name {
            vantage: "lab-1".into(),
            server: server.into(),
            zone: "kp".into(),
            transport: Transport::Udp,
            answer: match answer {
                Ok((rcode, aa)) => Ok(Answer {
                    rcode: rcode.into(),
                    aa,
                    serial: Some(7),
                    rtt_us: 800,
                    truncated: false,
                    expires: None,
                }),
                Err(why) => Err(why.into()),
            },
        }))
    };
    let facts = vec![
        (0, name("a", Ok(("NOERROR", true)))),
        (1, name("b", Ok(("SERVFAIL", false)))),
        (2, name("c", Ok(("NOERROR", false)))),
        (3, name("d", Err("timeout"))),
    ];
    let out = run(Some(profile()), facts);
    assert_eq!(series(&out, "zone/kp", "dns.answer-share"), [(0, Some(0.25), Some(4.0))]);
    assert_eq!(series(&out, "network/kp", "dns.answer-share"), [(0, Some(0.25), Some(4.0))]);
    for kind in ["servfail", "lame", "timeout"] {
        let signal = format!("dns.failures/{kind}");
        assert_eq!(series(&out, "zone/kp", &signal), [(0, Some(1.0), None)], "{kind}");
    }
    assert_eq!(series(&out, "zone/kp", "dns.serial"), [(0, Some(7.0), None)]);
}

#[test]
fn a_site_works_if_any_visit_did() {
    let page = |site: &str, stage, status| {
        Fact::Page(Box::new(Page {
            vantage: "lab-1".into(),
            site: site.into(),
            stage,
            error: (stage != Stage::Status).then(|| "refused".into()),
            status,
            address: None,
            times_us: vec![("connect".into(), 500), ("status".into(), 700)],
            details: PageDetails::default(),
        }))
    };
    let facts = vec![
        (0, page("http://a.kp/", Stage::Status, Some(200))),
        (1, page("http://b.kp/", Stage::Status, Some(503))),
        (2, page("http://c.kp/", Stage::Connect, None)),
        (3, page("http://c.kp/x", Stage::Status, Some(200))),
    ];
    let out = run(Some(profile()), facts);
    assert_eq!(series(&out, "network/kp", "web.ok-share"), [(0, Some(2.0 / 3.0), Some(3.0))]);
    assert_eq!(series(&out, "site/b.kp", "web.ok-share"), [(0, Some(0.0), Some(1.0))]);
    assert_eq!(series(&out, "network/kp", "web.failures/connect"), [(0, Some(1.0), None)]);
    assert_eq!(series(&out, "network/kp", "web.failures/status"), [(0, Some(1.0), None)]);
    assert_eq!(series(&out, "network/kp", "web.latency"), [(0, Some(1200.0), Some(2.0))]);
}

#[test]
fn attacks_outside_are_not_ours_and_traffic_is_summed() {
    let attack = |victim: [u8; 4]| {
        Fact::Attack(Box::new(Attack {
            vantage: "darknet-1".into(),
            victim: victim.into(),
            protocol: "tcp".into(),
            packets: 812,
            sources_16: None,
            max_ppm: Some(210),
            from: Timestamp::from_seconds(START),
            until: Timestamp::from_seconds(START + 60),
        }))
    };
    let traffic = |octets| {
        Fact::Traffic(Box::new(Traffic {
            vantage: "flows-1".into(),
            entity: "country/KP".parse().unwrap(),
            direction: Direction::In,
            octets,
            packets: 1,
            flows: 1,
            port: None,
        }))
    };
    let facts = vec![
        (0, attack([175, 45, 176, 67])),
        (61, attack([203, 0, 113, 1])),
        (70, traffic(5)),
        (80, traffic(7)),
    ];
    let out = run(Some(profile()), facts);
    assert_eq!(series(&out, "network/kp", "darknet.backscatter"), [(0, Some(210.0), None)]);
    assert_eq!(series(&out, "network/kp", "traffic.octets/in"), [(0, Some(12.0), None)]);
}

#[test]
fn every_reading_of_ours_has_a_spec_and_ids_are_unique() {
    let mut ids: Vec<_> = falter_signals::ALL.iter().map(|spec| spec.id).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all);
    for id in ["bgp.transit-share/AS4837", "ping.unreachable/host", "traffic.octets/in/udp/123"] {
        assert!(falter_signals::spec(id).is_some(), "{id}");
    }
    assert!(falter_signals::spec("traffic.search").is_none());
}
