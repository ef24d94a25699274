//! Live, a reply is known at once and silence some seconds after the question: bins wait for it, and
//! come out as if all had been told in the order of asking.

use std::net::IpAddr;

use falter_model::{
    Answer, Control, ControlKind, Fact, Interned, Method, Name, Observation, Outcome, Probe,
    Profile, Reading, Span, Timestamp, Transport,
};
use falter_signals::{Engine, Output, Plan};
use proptest::prelude::*;

/// Microseconds after which silence is known.
const TIMEOUT_US: i64 = 3_000_000;
const SECOND_US: i64 = 1_000_000;

fn moment(micros: i64) -> Timestamp {
    Timestamp::from_seconds(1_643_068_800) + Span::from_micros(micros)
}

fn outcome(answers: bool) -> Outcome {
    if answers {
        Outcome::Reply { rtt_us: 300, ttl: None }
    } else {
        Outcome::Timeout { after: Span::from_micros(TIMEOUT_US) }
    }
}

/// A question of a kind: to one of eight hosts, a far control or a name server.
fn fact(kind: u8, answers: bool) -> Fact {
    let vantage = "lab-1".into();
    let method = Method::Icmp;
    match kind {
        0..8 => {
            let target = IpAddr::from([175, 45, 176, kind]);
            Fact::Probe(Box::new(Probe { vantage, target, method, outcome: outcome(answers) }))
        }
        8..10 => {
            let (kind, target) = (ControlKind::Far, IpAddr::from([192, 0, 2, kind]));
            let outcome = outcome(answers);
            Fact::Control(Box::new(Control { vantage, kind, target, method, outcome }))
        }
        _ => {
            let said = Answer {
                rcode: "NOERROR".into(),
                aa: true,
                serial: Some(1),
                truncated: false,
                expires: None,
                rtt_us: 900,
            };
            let answer = if answers { Ok(said) } else { Err("timeout".into()) };
            let (server, zone, transport) = ("ns1.kp".into(), "kp".into(), Transport::Udp);
            Fact::Name(Box::new(Name { vantage, server, zone, transport, answer }))
        }
    }
}

/// What is told of facts that stand in an order, a tick each second among them.
fn run(mut told: Vec<(i64, Observation)>, until: i64) -> Vec<Reading> {
    told.sort_by_key(|(key, _)| *key);
    let interned = Interned::new();
    let plan = Plan { network: Some(Profile::named("kp", "North Korea")), ..Plan::default() };
    let (mut engine, mut out) = (Engine::new(plan), Output::default());
    let mut told = told.into_iter().peekable();
    for second in 1..=until {
        while let Some((_, observation)) = told.next_if(|(key, _)| *key < second * SECOND_US) {
            engine.observe(&observation, &interned, &mut out);
        }
        let tick = Observation { at: moment(second * SECOND_US), fact: Fact::Tick };
        engine.observe(&tick, &interned, &mut out);
    }
    engine.finish(moment(until * SECOND_US), &interned, &mut out);
    out.readings
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_order_in_which_outcomes_become_known_changes_no_bin(
        asked in prop::collection::vec((0_i64..300_000, 0_u8..11, any::<bool>()), 1..400),
    ) {
        let told = |known: bool| -> Vec<(i64, Observation)> {
            asked
                .iter()
                .map(|(at_ms, kind, answers)| {
                    let at = at_ms * 1_000;
                    let key = if known && !answers { at + TIMEOUT_US } else { at };
                    (key, Observation { at: moment(at), fact: fact(*kind, *answers) })
                })
                .collect()
        };
        prop_assert_eq!(run(told(true), 330), run(told(false), 330));
    }
}
