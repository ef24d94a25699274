//! Live, a reply is known at once and silence three seconds after the probe was sent: what is found
//! must not depend on it, and must be told in time.

use std::net::IpAddr;

use falter_detect::{Engine, Plan};
use falter_model::{
    Control, ControlKind, Fact, Method, Observation, Outage, Outcome, Probe, Profile, Span, State,
    Timestamp,
};
use proptest::prelude::*;

/// Microseconds after which silence is known.
const TIMEOUT_US: i64 = 3_000_000;
const SECOND_US: i64 = 1_000_000;

fn plan() -> Plan {
    let profile = Profile::named("test", "Test");
    Plan { network: Some(profile), ..Plan::default() }
}

fn moment(micros: i64) -> Timestamp {
    Timestamp::from_seconds(1_600_000_000) + Span::from_micros(micros)
}

/// A probe to host `n`, or to a far control.
fn asked(at: i64, n: Option<u8>, method: Method, answers: bool) -> (i64, Observation) {
    let outcome = if answers {
        Outcome::Reply { rtt_us: 300, ttl: None }
    } else {
        Outcome::Timeout { after: Span::from_micros(TIMEOUT_US) }
    };
    let vantage = "a".into();
    let fact = if let Some(n) = n {
        let target = IpAddr::from([192, 0, 2, n]);
        Fact::Probe(Box::new(Probe { vantage, target, method, outcome }))
    } else {
        let (kind, target) = (ControlKind::Far, IpAddr::from([198, 51, 100, 1]));
        Fact::Control(Box::new(Control { vantage, kind, target, method, outcome }))
    };
    let known = if answers { at } else { at + TIMEOUT_US };
    (known, Observation { at: moment(at), fact })
}

/// Feeds observations in the order of `key`, a tick each second among them. Gives the outages at the
/// end, and the second at which one was first told.
fn run(
    mut told: Vec<(i64, Observation)>,
    key: impl Fn(&(i64, Observation)) -> i64,
    seconds: i64,
) -> (Vec<Outage>, Option<i64>) {
    told.sort_by_key(|each| key(each));
    let mut engine = Engine::new(plan());
    let (mut told, mut first) = (told.into_iter().peekable(), None);
    for second in 1..=seconds {
        while let Some((_, observation)) = told.next_if(|each| key(each) < second * SECOND_US) {
            engine.observe(&observation);
        }
        engine.observe(&Observation { at: moment(second * SECOND_US), fact: Fact::Tick });
        if engine.changed().iter().any(|outage| outage.entity.is_top()) {
            first = first.or(Some(second));
        }
    }
    (engine.finish(moment(seconds * SECOND_US)), first)
}

fn by_known(each: &(i64, Observation)) -> i64 {
    each.0
}

fn by_sent(each: &(i64, Observation)) -> i64 {
    each.1.at.micros() - moment(0).micros()
}

/// Twenty hosts asked every `slow` microseconds, evenly, and all of them once a second from the first
/// silence on that is known. They fall silent at `fall`.
fn falls(slow: i64, fall: i64, until: i64) -> Vec<(i64, Observation)> {
    let mut told = Vec::new();
    let (mut at, mut quick_from, mut n) = (0, i64::MAX, 0_u8);
    while at < until {
        let up = at < fall;
        told.push(asked(at, Some(n % 20), Method::Icmp, up));
        if n % 10 == 0 {
            told.push(asked(at, None, Method::Icmp, true));
        }
        if !up {
            quick_from = quick_from.min(at + TIMEOUT_US);
        }
        n = (n + 1) % 20;
        // A hundred packets a second, then a pause to the end of the second.
        let next = if n == 0 { SECOND_US - 19 * 10_000 } else { 10_000 };
        at += if at >= quick_from { next } else { slow / 20 };
    }
    told
}

#[test]
fn twenty_hosts_that_fall_silent_are_told_within_fifteen_seconds() {
    for slow in [1, 10, 30, 45, 60] {
        for phase in [0, 100_000, 1_300_000, 2_900_000, 17_000_000] {
            let fall = 3_600 * SECOND_US + phase;
            let told = falls(slow * SECOND_US, fall, fall + 60 * SECOND_US);
            let (outages, first) = run(told, by_known, 3_640);
            let first = first.unwrap() * SECOND_US;
            assert!(first >= fall, "{slow} {phase}");
            assert!(
                first - fall <= 15 * SECOND_US,
                "{slow} {phase}: {} s",
                (first - fall) / SECOND_US
            );
            let from = outages.first().unwrap().from;
            assert!(from.last_good.unwrap() < moment(fall) && from.first_bad >= moment(fall));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Hosts and the observer's own uplink go and come; facts in the order of sending and in the order of
    /// knowing give the same.
    #[test]
    fn the_order_in_which_outcomes_become_known_changes_nothing(
        hosts in 1_u8..24,
        every_ms in 40_i64..3_000,
        dark in prop::collection::vec((600_i64..3_000, 5_i64..900), 0..4),
        cut in prop::collection::vec((600_i64..3_000, 5_i64..300), 0..3),
        some in 1_u8..24,
    ) {
        let within = |spells: &[(i64, i64)], at: i64| {
            spells.iter().any(|(from, lasts)| (from * SECOND_US..(from + lasts) * SECOND_US).contains(&at))
        };
        let (mut told, mut at, mut n) = (Vec::new(), 0, 0_u8);
        while at < 3_600 * SECOND_US {
            let sees = !within(&cut, at);
            let up = !(within(&dark, at) && n < some);
            told.push(asked(at, Some(n), Method::Icmp, sees && up));
            if n % 8 == 0 {
                told.push(asked(at + 1, None, Method::Icmp, sees));
            }
            n = (n + 1) % hosts;
            at += every_ms * 1_000;
        }
        let (known, _) = run(told.clone(), by_known, 3_700);
        let (sent, _) = run(told, by_sent, 3_700);
        prop_assert_eq!(&known, &sent);
        for outage in known.iter().filter(|outage| outage.state > State::Degraded) {
            let first = outage.from.first_bad.micros() - moment(0).micros();
            // A cut that is shorter than a round may hide when they fell, if they fell right after it.
            let round = i64::from(hosts) * every_ms * 1_000;
            let hidden = within(&cut, first) && dark.iter().any(|(from, _)| {
                (first..first + 2 * round).contains(&(from * SECOND_US))
            });
            prop_assert!(hidden || within(&dark, first), "an outage at {first}, when none was: {outage:#?}");
        }
    }
}
