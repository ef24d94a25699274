//! Vantage points inside and outside of the network, and those that share an AS: whose word counts
//! for what.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails must stop the test"
)]

use std::net::IpAddr;

use falter_detect::{Engine, Plan};
use falter_model::{
    Asn, Control, ControlKind, Fact, LayerFacts, Method, Observation, Outage, Outcome, Place,
    Probe, Profile, Reading, ReadingKind, SignalId, SignalSpec, Span, State, Step, Timestamp,
    VantagePoint, VantagePoints,
};
use proptest::prelude::*;

/// Ten hosts asked every ten seconds by each vantage point, with a near and a far control.
const HOSTS: u8 = 10;
const ROUND_S: i64 = 10;
/// The network is out from here until there, of an hour and a half.
const OUT: std::ops::Range<i64> = 1200..3600;
const END: i64 = 5400;

/// What somebody saw: each is asked of a second.
#[derive(Clone, Copy)]
struct Who {
    id: &'static str,
    asn: Option<u32>,
    place: Place,
    hosts: fn(i64) -> bool,
    far: fn(i64) -> bool,
    near: Option<fn(i64) -> bool>,
    /// Until when it asks at all.
    lives: i64,
}

fn always(_: i64) -> bool {
    true
}

fn not_out(now: i64) -> bool {
    !OUT.contains(&now)
}

const OUTSIDE: Who = Who {
    id: "out-1",
    asn: Some(64_496),
    place: Place::Outside,
    hosts: not_out,
    far: always,
    near: None,
    lives: END,
};

/// Sees all hosts; its far controls fail with the network.
const INSIDE: Who = Who {
    id: "in-1",
    asn: Some(131_279),
    place: Place::Inside,
    hosts: always,
    far: not_out,
    near: Some(always),
    lives: END,
};

fn second(n: i64) -> Timestamp {
    Timestamp::from_seconds(1_600_000_000 + n)
}

fn outcome(answers: bool) -> Outcome {
    if answers {
        Outcome::Reply { rtt_us: 300, ttl: None }
    } else {
        Outcome::Timeout { after: Span::from_seconds(3) }
    }
}

fn spec_of(id: &SignalId) -> Option<SignalSpec> {
    use falter_model::{Shape, Unit};
    (id.as_str() == "bgp.visible-prefixes").then_some(SignalSpec {
        id: "bgp.visible-prefixes",
        title: "",
        about: "",
        unit: Unit::Prefixes,
        shape: Shape::Count,
        step: Step::FIVE_MINUTES,
    })
}

fn profile() -> Profile {
    Profile::named("test", "Test")
}

fn points(all: &[Who]) -> VantagePoints {
    all.iter()
        .map(|who| VantagePoint { id: who.id.into(), asn: who.asn.map(Asn), place: who.place })
        .collect()
}

/// What one of them asks at a second, in a round of ten.
fn ask(engine: &mut Engine, who: &Who, method: Method, n: u8, now: i64) {
    let (vantage, target) = (who.id.into(), IpAddr::from([192, 0, 2, n]));
    let probe = Probe { vantage, target, method, outcome: outcome((who.hosts)(now)) };
    engine.observe(&Observation { at: second(now), fact: Fact::Probe(Box::new(probe)) });
    if n > 0 {
        return;
    }
    let near = who.near.map(|near| (ControlKind::Near, [198, 51, 100, 2], near(now)));
    let far = Some((ControlKind::Far, [198, 51, 100, 1], (who.far)(now)));
    for (kind, target, answers) in near.into_iter().chain(far) {
        let (vantage, target) = (who.id.into(), IpAddr::from(target));
        let control = Control { vantage, kind, target, method, outcome: outcome(answers) };
        engine.observe(&Observation { at: second(now), fact: Fact::Control(Box::new(control)) });
    }
}

/// Prefixes of the network that are visible, of four, every five minutes.
fn tell_routes(engine: &mut Engine, now: i64, visible: f64) {
    engine.reading(&Reading {
        entity: "network/test".parse().unwrap(),
        signal: "bgp.visible-prefixes".into(),
        at: second(now),
        value: Some(visible),
        n: Some(4.0),
        kind: ReadingKind::Bin(Step::FIVE_MINUTES),
        number: None,
    });
}

fn watch_with(all: &[Who], methods: &[Method], routes: Option<fn(i64) -> f64>) -> Found {
    let network = Some(profile());
    let plan = Plan { network, spec_of, vantage_points: points(all), ..Plan::default() };
    let mut engine = Engine::new(plan);
    for now in 0..END {
        if let Some(routes) = routes.filter(|_| now % 300 == 0) {
            tell_routes(&mut engine, now, routes(now));
        }
        let n = u8::try_from(now % ROUND_S).unwrap();
        for who in all.iter().filter(|who| now < who.lives && n < HOSTS) {
            for method in methods {
                ask(&mut engine, who, *method, n, now);
            }
        }
        engine.changed();
    }
    let outages = engine.finish(second(END));
    Found { engine, outages }
}

struct Found {
    engine: Engine,
    outages: Vec<Outage>,
}

impl Found {
    fn only(&self) -> &Outage {
        let national: Vec<_> = self.outages.iter().filter(|o| o.entity.is_top()).collect();
        let [outage] = national[..] else { panic!("{:#?}", self.outages) };
        outage
    }

    fn layers(&self) -> LayerFacts {
        self.engine.layer_facts(self.only())
    }

    fn blind(&self) -> Vec<(String, String)> {
        let blind = self.engine.blind_times();
        blind.iter().map(|blind| (blind.vantage.to_string(), blind.why.to_string())).collect()
    }
}

fn watch(all: &[Who]) -> Found {
    watch_with(all, &[Method::Icmp, Method::Tcp(80)], None)
}

#[test]
fn up_inside_and_cut_from_outside_is_isolated() {
    let found = watch(&[OUTSIDE, INSIDE]);
    let outage = found.only();
    assert_eq!(outage.state, State::Isolated, "{outage:#?}");
    assert!(outage.states.iter().all(|span| span.state == State::Isolated), "{outage:#?}");
    assert_eq!(outage.seen_by["out-1"], State::Complete);
    assert_eq!(outage.seen_by["in-1"], State::Isolated);
    assert_eq!(found.layers().inside_up, Some(true));
    assert!((outage.from.first_bad - second(OUT.start)).as_seconds() < 10.0);
    assert!(outage.until.unwrap().first_good >= second(OUT.end));
    assert!(outage.lost_share.unwrap().value.get() > 0.9);
    // Outside was watched: a far control that fails inside blinds nobody.
    assert_eq!(found.blind(), []);
}

#[test]
fn an_outage_from_outside_is_the_same_with_and_without_an_inside() {
    let (with, without) = (watch(&[OUTSIDE, INSIDE]), watch(&[OUTSIDE]));
    let (with, without) = (with.only(), without.only());
    assert_eq!(without.state, State::Complete);
    assert_eq!((with.from, with.until), (without.from, without.until));
    assert_eq!(with.lost_share, without.lost_share);
    assert_eq!(with.id, without.id);
}

#[test]
fn down_inside_too_is_complete() {
    let found = watch(&[OUTSIDE, Who { hosts: not_out, ..INSIDE }]);
    let outage = found.only();
    assert_eq!(outage.state, State::Complete, "{outage:#?}");
    assert_eq!(outage.seen_by["in-1"], State::Complete);
    assert_eq!(found.layers().inside_up, Some(false));
    // Not isolated for a moment: the loss inside began when it was last known to be up.
    let isolated = outage.states.iter().filter(|span| span.state == State::Isolated);
    let isolated: f64 = isolated.map(|span| (span.until.unwrap() - span.from).as_seconds()).sum();
    assert!(isolated <= 20.0, "{outage:#?}");
    let order: Vec<_> = outage.order.iter().map(|step| step.signal.as_str()).collect();
    assert!(order.contains(&"inside.up-share"), "{order:?}");
}

#[test]
fn routes_gone_with_hosts_up_inside_are_isolated() {
    let routes = |now: i64| if OUT.contains(&now) { 0.0 } else { 4.0 };
    let found = watch_with(&[INSIDE], &[Method::Icmp], Some(routes));
    assert_eq!(found.only().state, State::Isolated);
    assert_eq!(found.layers().inside_up, Some(true));
}

#[test]
fn who_died_with_the_network_bears_no_witness_that_it_was_up() {
    let found = watch(&[OUTSIDE, Who { lives: OUT.start, ..INSIDE }]);
    assert_eq!(found.only().state, State::Complete, "{:#?}", found.only());
}

#[test]
fn who_hears_nothing_at_all_bears_no_witness_that_it_is_down() {
    let unplugged = Who { hosts: not_out, near: Some(not_out), ..INSIDE };
    let found = watch(&[OUTSIDE, unplugged]);
    assert_eq!(found.only().state, State::Complete);
    assert_eq!(found.layers().inside_up, None);
    assert_eq!(found.only().seen_by.get("in-1"), Some(&State::Blind));
    assert_eq!(found.blind(), [("in-1".to_owned(), "nothing answered inside".to_owned())]);
}

#[test]
fn an_inside_alone_that_is_up_tells_no_outage_and_that_it_is_blind_towards_outside() {
    let found = watch(&[INSIDE]);
    assert!(found.outages.is_empty(), "{:#?}", found.outages);
    let why = "far controls failed inside, and nobody watched from outside";
    assert_eq!(found.blind(), [("in-1".to_owned(), why.to_owned())]);
}

#[test]
fn an_inside_alone_that_is_down_is_a_partial_outage() {
    let found = watch(&[Who { hosts: not_out, far: always, ..INSIDE }]);
    assert_eq!(found.only().state, State::Partial);
    assert_eq!(found.layers().inside_up, Some(false));
    assert_eq!(found.layers().hosts, None);
}

#[test]
fn what_an_inside_alone_loses_while_outside_is_well_is_its_own() {
    let found =
        watch(&[Who { hosts: always, ..OUTSIDE }, Who { hosts: not_out, far: always, ..INSIDE }]);
    assert!(found.outages.is_empty(), "{:#?}", found.outages);
}

#[test]
fn an_answer_inside_is_no_protocol_of_outside() {
    // Outside asks by ICMP alone: that hosts answered TCP inside proves nothing of outside.
    let mut engine = Engine::new(Plan {
        network: Some(profile()),
        vantage_points: points(&[INSIDE]),
        ..Plan::default()
    });
    for now in 0..END {
        let n = u8::try_from(now % ROUND_S).unwrap();
        ask(&mut engine, &OUTSIDE, Method::Icmp, n, now);
        ask(&mut engine, &Who { hosts: not_out, ..INSIDE }, Method::Tcp(80), n, now);
    }
    let outages = engine.finish(second(END));
    let found = Found { engine, outages };
    assert_eq!(found.only().state, State::Partial);
}

#[test]
fn ases_are_counted_not_vantage_points() {
    let second_of = |asn| Who { id: "out-2", asn, ..OUTSIDE };
    for (other, expected) in [
        (Some(64_496), State::Partial),
        (Some(64_500), State::Complete),
        // Nobody says where it is: its id stands for its AS.
        (None, State::Complete),
    ] {
        let found = watch_with(&[OUTSIDE, second_of(other)], &[Method::Icmp], None);
        assert_eq!(found.only().state, expected, "{other:?}");
    }
}

#[test]
fn two_of_one_as_are_no_majority() {
    let well = Who { id: "out-3", asn: Some(64_500), hosts: always, ..OUTSIDE };
    let twin = Who { id: "out-2", ..OUTSIDE };
    let found = watch(&[OUTSIDE, twin, well]);
    assert!(found.outages.is_empty(), "{:#?}", found.outages);
}

#[test]
fn who_stopped_asking_long_ago_has_no_say() {
    let gone = Who { id: "out-2", asn: Some(64_500), lives: 0, ..OUTSIDE };
    assert_eq!(watch(&[OUTSIDE, gone]).only().state, State::Complete);
    // It asked until an hour before, and was well then.
    let mut engine = Engine::new(Plan { network: Some(profile()), ..Plan::default() });
    for now in 0..2 * END {
        let n = u8::try_from(now % ROUND_S).unwrap();
        if now < 600 {
            ask(&mut engine, &gone, Method::Icmp, n, now);
        }
        ask(&mut engine, &Who { hosts: |now| now < END, ..OUTSIDE }, Method::Icmp, n, now);
    }
    let outages = engine.finish(second(2 * END));
    let began = Found { engine, outages }.only().from.first_bad;
    assert!((began - second(END)).as_seconds() < 10.0, "{began}");
}

/// Somebody whose hosts and controls are up or down by quarter of an hour.
fn anybody(place: Place) -> impl Strategy<Value = Vec<[bool; 3]>> {
    let quarter = prop::array::uniform3(prop::bool::weighted(0.6));
    prop::collection::vec(quarter, 6).prop_map(move |mut quarters| {
        // It was well at first, else there is nothing to lose.
        quarters[0] = [true; 3];
        if place == Place::Outside {
            for [_, far, _] in &mut quarters {
                *far = true;
            }
        }
        quarters
    })
}

fn ask_as_drawn(engine: &mut Engine, who: &Who, drawn: &[[bool; 3]], now: i64) {
    let n = u8::try_from(now % ROUND_S).unwrap();
    let [hosts, far, near] = drawn[usize::try_from(now / 900).unwrap()];
    let yes: fn(i64) -> bool = |_| true;
    let no: fn(i64) -> bool = |_| false;
    let told = |up: bool| if up { yes } else { no };
    let who = Who { hosts: told(hosts), far: told(far), near: Some(told(near)), ..*who };
    ask(engine, &who, Method::Icmp, n, now);
}

fn drawn(all: &[(Who, Vec<[bool; 3]>)]) -> Found {
    let who: Vec<Who> = all.iter().map(|(who, _)| *who).collect();
    let network = Some(profile());
    let mut engine = Engine::new(Plan { network, vantage_points: points(&who), ..Plan::default() });
    for now in 0..END {
        for (who, drawn) in all {
            ask_as_drawn(&mut engine, who, drawn, now);
        }
    }
    let outages = engine.finish(second(END));
    Found { engine, outages }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever an observer inside sees, outages from outside are neither more nor fewer, nor begin or
    /// end at another time, nor lose another share: it may only make them isolated.
    #[test]
    fn an_inside_never_changes_what_outside_lost(
        outside in anybody(Place::Outside),
        inside in anybody(Place::Inside),
    ) {
        let without = drawn(&[(OUTSIDE, outside.clone())]).outages;
        let with = drawn(&[(OUTSIDE, outside), (INSIDE, inside)]).outages;
        let facts = |outages: &[Outage]| -> Vec<_> {
            outages
                .iter()
                .map(|o| (o.id.clone(), o.entity.clone(), o.from, o.until, o.lost_share))
                .collect()
        };
        prop_assert_eq!(facts(&with), facts(&without));
        for (with, without) in with.iter().zip(&without) {
            prop_assert!(
                with.state == without.state || with.state == State::Isolated,
                "{:#?}\n{:#?}", with, without
            );
        }
    }
}
