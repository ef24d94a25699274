//! What is asked inside is told apart from what is asked outside.
#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use std::net::IpAddr;

use falter_model::{
    Answer, Control, ControlKind, Fact, Hop, Interned, Method, Name, Observation, Outcome, Page,
    PageDetails, Place, Probe, Profile, Span, Stage, Timestamp, Transport, VantagePoint,
};
use falter_signals::{Engine, Output, Plan};

const START: i64 = 1_643_068_800;

fn profile() -> Profile {
    Profile {
        prefixes: vec!["175.45.176.0/22".parse().unwrap()],
        ..Profile::named("kp", "North Korea")
    }
}

fn outcome(answers: bool) -> Outcome {
    if answers {
        Outcome::Reply { rtt_us: 300, ttl: None }
    } else {
        Outcome::Timeout { after: Span::from_seconds(3) }
    }
}

fn probe(vantage: &str, method: Method, n: u8, answers: bool) -> Fact {
    let (vantage, target) = (vantage.into(), IpAddr::from([175, 45, 176, n]));
    Fact::Probe(Box::new(Probe { vantage, target, method, outcome: outcome(answers) }))
}

fn far(vantage: &str, answers: bool) -> Fact {
    let (vantage, target) = (vantage.into(), IpAddr::from([192, 0, 2, 1]));
    let (kind, method) = (ControlKind::Far, Method::Icmp);
    Fact::Control(Box::new(Control { vantage, kind, target, method, outcome: outcome(answers) }))
}

fn name(vantage: &str, answers: bool) -> Fact {
    let answer = Answer {
        rcode: "NOERROR".into(),
        aa: true,
        serial: Some(1),
        rtt_us: 900,
        truncated: false,
        expires: None,
    };
    Fact::Name(Box::new(Name {
        vantage: vantage.into(),
        server: "ns1.kptc.kp".into(),
        zone: "kp".into(),
        transport: Transport::Udp,
        answer: if answers { Ok(answer) } else { Err("timeout".into()) },
    }))
}

fn page(vantage: &str, answers: bool) -> Fact {
    Fact::Page(Box::new(Page {
        vantage: vantage.into(),
        site: "http://www.example.kp/".into(),
        stage: if answers { Stage::Status } else { Stage::Connect },
        error: (!answers).then(|| "timeout".into()),
        status: answers.then_some(200),
        address: None,
        times_us: vec![],
        details: PageDetails::default(),
    }))
}

fn run(facts: Vec<(i64, Fact)>) -> Output {
    let point = |id: &str, place| VantagePoint { id: id.into(), asn: None, place };
    let points = [point("in", Place::Inside), point("out", Place::Outside)];
    let vantage_points = points.into_iter().collect();
    let mut engine =
        Engine::new(Plan { network: Some(profile()), vantage_points, ..Plan::default() });
    let (interned, mut out) = (Interned::new(), Output::default());
    let mut last = Timestamp::from_seconds(START);
    for (second, fact) in facts {
        last = Timestamp::from_seconds(START + second);
        engine.observe(&Observation { at: last, fact }, &interned, &mut out);
    }
    engine.finish(last, &interned, &mut out);
    out
}

/// Values of a signal of the network, bin by bin.
fn values(out: &Output, signal: &str) -> Vec<Option<f64>> {
    out.readings
        .iter()
        .filter(|reading| reading.signal.as_str() == signal && reading.entity.is_top())
        .map(|reading| reading.value)
        .collect()
}

/// All is well inside; nothing answers outside.
fn isolated() -> Output {
    let mut facts = Vec::new();
    for (vantage, up) in [("in", true), ("out", false)] {
        facts.extend([
            probe(vantage, Method::Icmp, 1, up),
            probe(vantage, Method::Tcp(80), 2, up),
            name(vantage, up),
            page(vantage, up),
            far(vantage, !up),
        ]);
    }
    run(facts.into_iter().map(|fact| (10, fact)).collect())
}

#[test]
fn inside_and_outside_never_mix() {
    let out = isolated();
    for (signal, expected) in [
        ("inside.up-share", 1.0),
        ("inside.answer-share", 1.0),
        ("inside.ok-share", 1.0),
        ("ping.up-share", 0.0),
        ("tcp.up-share", 0.0),
        ("dns.answer-share", 0.0),
        ("web.ok-share", 0.0),
    ] {
        assert_eq!(values(&out, signal), [Some(expected)], "{signal}");
    }
    assert_eq!(values(&out, "ping.rtt"), [None], "the round trip inside is none of outside's");
}

#[test]
fn inside_far_controls_blind_nobody() {
    assert!(isolated().blind.is_empty());
}

#[test]
fn who_hears_nothing_at_all_is_not_measured() {
    let round = |second: i64, up: bool, far_up: bool| {
        let asked = [probe("in", Method::Icmp, 1, up), name("in", up), far("in", far_up)];
        asked.into_iter().map(move |fact| (second, fact))
    };
    let facts = round(10, true, true).chain(round(70, false, false)).chain(round(130, false, true));
    let out = run(facts.collect());
    let expected = [Some(1.0), None, Some(0.0)];
    assert_eq!(values(&out, "inside.up-share"), expected);
    assert_eq!(values(&out, "inside.answer-share"), expected);
}

#[test]
fn hops_seen_inside_say_nothing_of_the_way_in() {
    let target = IpAddr::from([175, 45, 176, 1]);
    let from = Some(target);
    let hop = Hop { vantage: "in".into(), target, ttl: 2, from, rtt_us: None };
    let out = run(vec![(10, Fact::Hop(Box::new(hop)))]);
    assert!(out.readings.is_empty(), "{:#?}", out.readings);
}
