//! Probed hosts, simulated with a fixed seed: what must be found, and what must not.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that fails must stop the test"
)]

use std::net::IpAddr;

use falter_detect::{Engine, Plan};
use falter_model::{
    Control, ControlKind, Entity, Fact, Method, Observation, Outage, Outcome, Probe, Profile, Span,
    State, Text, Timestamp,
};

/// A small generator of random numbers with a fixed seed (Steele, Lea, Flood 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// True with probability `p`.
    fn chance(&mut self, p: f64) -> bool {
        ((self.next() >> 11) as f64) < p * (1_u64 << 53) as f64
    }
}

fn plan() -> Plan {
    let profile = Profile::named("test", "Test");
    Plan { network: Some(profile), ..Plan::default() }
}

fn second(n: i64) -> Timestamp {
    Timestamp::from_seconds(1_600_000_000 + n)
}

fn host(n: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, n])
}

fn outcome(answers: bool) -> Outcome {
    if answers {
        Outcome::Reply { rtt_us: 300, ttl: None }
    } else {
        Outcome::Timeout { after: Span::from_seconds(3) }
    }
}

fn probe(engine: &mut Engine, at: Timestamp, vantage: &str, method: Method, n: u8, answers: bool) {
    let vantage: Text = vantage.into();
    let probe = Probe { vantage, target: host(n), method, outcome: outcome(answers) };
    engine.observe(&Observation { at, fact: Fact::Probe(Box::new(probe)) });
}

fn control(engine: &mut Engine, at: Timestamp, vantage: &str, kind: ControlKind, answers: bool) {
    let control = Control {
        vantage: vantage.into(),
        kind,
        target: IpAddr::from([198, 51, 100, 1]),
        method: Method::Icmp,
        outcome: outcome(answers),
    };
    engine.observe(&Observation { at, fact: Fact::Control(Box::new(control)) });
}

fn national(outages: &[Outage]) -> Vec<&Outage> {
    outages.iter().filter(|outage| outage.entity.is_top()).collect()
}

/// Twenty hosts asked once every ten seconds from each of `vantages`, of which those that `up` says
/// answer at a second.
fn watch(
    vantages: &[&str],
    methods: &[Method],
    seconds: i64,
    up: impl Fn(i64, u8, &str) -> bool,
    far: impl Fn(i64, &str) -> bool,
) -> (Engine, Vec<Outage>) {
    let mut engine = Engine::new(plan());
    for round in 0..seconds / 10 {
        for n in 0..20_u8 {
            let now = round * 10 + i64::from(n) / 2;
            for vantage in vantages {
                for method in methods {
                    probe(&mut engine, second(now), vantage, *method, n, up(now, n, vantage));
                }
                if n % 10 == 0 {
                    control(&mut engine, second(now), vantage, ControlKind::Far, far(now, vantage));
                }
            }
        }
    }
    let outages = engine.finish(second(seconds));
    (engine, outages)
}

const BOTH: [Method; 2] = [Method::Icmp, Method::Tcp(80)];

#[test]
fn twenty_hosts_that_fall_are_a_complete_outage_with_its_brackets() {
    let (engine, outages) =
        watch(&["a"], &BOTH, 3600, |now, _, _| !(1200..2400).contains(&now), |_, _| true);
    let [outage] = national(&outages)[..] else { panic!("{outages:#?}") };
    assert_eq!(outage.state, State::Complete);
    assert_eq!(outage.from.first_bad, second(1202));
    assert!(outage.from.last_good.unwrap() >= second(1190));
    let end = outage.until.unwrap();
    assert!(end.first_good >= second(2400) && end.first_good <= second(2410), "{end:?}");
    assert!(end.last_bad < second(2400));
    let lost = outage.lost_share.unwrap();
    assert!(lost.value.get() >= 0.95, "{lost:?}");
    assert_eq!(lost.n, Some(20));
    let facts = engine.probe_facts(outage).unwrap();
    assert_eq!(facts.hosts, 20);
    assert!((facts.lost_within_one_round.unwrap() - 1.0).abs() < 1e-9);
    assert_eq!(facts.return_steps, Some(1));
    assert_eq!(engine.layer_facts(outage).hosts, Some(true));
}

#[test]
fn silence_of_one_protocol_from_one_place_is_partial_at_most() {
    let (_, outages) = watch(&["a"], &[Method::Icmp], 3600, |now, _, _| now < 1200, |_, _| true);
    assert_eq!(national(&outages)[0].state, State::Partial);
    let places = &["a", "b"];
    let (_, outages) = watch(places, &[Method::Icmp], 3600, |now, _, _| now < 1200, |_, _| true);
    assert_eq!(national(&outages)[0].state, State::Complete);
    assert_eq!(national(&outages)[0].seen_by.get("a"), Some(&State::Complete));
}

#[test]
fn who_lost_its_own_uplink_accuses_nobody() {
    let dead = |now: i64, _: u8, _: &str| now < 1200;
    let (engine, outages) = watch(&["a"], &BOTH, 3600, dead, |now, _| now < 1200);
    assert!(outages.is_empty(), "{outages:#?}");
    let blind = engine.blind_times();
    assert_eq!(blind.len(), 1);
    assert!(blind[0].from <= second(1210) && blind[0].until >= second(3500), "{blind:?}");
}

#[test]
fn what_one_of_three_sees_is_its_own() {
    let (_, outages) = watch(
        &["a", "b", "c"],
        &BOTH,
        3600,
        |now, _, vantage| now < 1200 || vantage != "b",
        |_, _| true,
    );
    assert!(national(&outages).is_empty(), "{outages:#?}");
}

#[test]
fn an_outage_that_goes_blind_stays_open() {
    let up = |now: i64, _: u8, _: &str| now < 1200;
    let (_, outages) = watch(&["a"], &BOTH, 3600, up, |now, _| now < 2400);
    let [outage] = national(&outages)[..] else { panic!("{outages:#?}") };
    assert_eq!(outage.until, None);
    assert_eq!(outage.state, State::Complete);
    assert_eq!(outage.states.last().unwrap().state, State::Blind);
}

#[test]
fn near_controls_that_fail_too_show_that_the_fault_is_upstream() {
    let mut engine = Engine::new(plan());
    for now in 0..3600 {
        let up = now < 1200;
        let n = u8::try_from(now % 10).unwrap();
        probe(&mut engine, second(now), "a", Method::Icmp, n, up);
        if n == 0 {
            control(&mut engine, second(now), "a", ControlKind::Near, up);
        }
    }
    let outages = engine.finish(second(3600));
    let facts = engine.probe_facts(national(&outages)[0]).unwrap();
    assert_eq!(facts.near_controls_failed, Some(true));
}

#[test]
fn a_single_host_is_a_network_too() {
    let mut engine = Engine::new(plan());
    for round in 0..400 {
        let up = !(200..260).contains(&round);
        probe(&mut engine, second(round * 660), "a", Method::Icmp, 1, up);
    }
    let outages = engine.finish(second(400 * 660));
    let [outage] = national(&outages)[..] else { panic!("{outages:#?}") };
    assert_eq!(outage.from.first_bad, second(200 * 660));
    assert_eq!(outage.until.unwrap().first_good, second(260 * 660));
}

/// Loss on the way comes in bursts (Gilbert 1960, Elliott 1963).
struct Path {
    bad: bool,
}

impl Path {
    fn loses(&mut self, random: &mut SplitMix) -> bool {
        self.bad = if self.bad { !random.chance(0.15) } else { random.chance(0.004) };
        random.chance(if self.bad { 0.5 } else { 0.005 })
    }
}

/// Days of twenty addresses on eight machines at rounds of eleven minutes. Nothing answers in `dark`
/// (seconds).
fn noisy(seed: u64, days: i64, dark: &std::ops::Range<i64>) -> Vec<Outage> {
    const ROUND_S: i64 = 660;
    let mut random = SplitMix(seed);
    let mut engine = Engine::new(plan());
    let mut path = Path { bad: false };
    let mut reboot_until = [0_i64; 8];
    for round in 0..days * 86_400 / ROUND_S {
        let start = round * ROUND_S;
        let hour = start / 3600 % 24;
        let up: Vec<bool> = (0..8_usize)
            .map(|machine| {
                // Once in ten days each machine reboots, for up to half an hour.
                if random.chance(660.0 / 864_000.0) {
                    let minutes = i64::try_from(random.next() % 30).unwrap();
                    reboot_until[machine] = start + minutes * 60;
                }
                // Two machines are switched off at night.
                let awake = machine >= 2 || (7..20).contains(&hour);
                awake && start >= reboot_until[machine] && !dark.contains(&start)
            })
            .collect();
        for n in 0..20_u8 {
            let machine = usize::from(n) % 8;
            let availability = [0.9, 0.95, 0.5, 0.6, 0.8, 0.9, 0.95, 0.99][machine];
            let answers = up[machine] && random.chance(availability) && !path.loses(&mut random);
            probe(&mut engine, second(start + i64::from(n) * 30), "a", Method::Icmp, n, answers);
        }
    }
    engine.finish(second(days * 86_400))
}

#[test]
fn ninety_quiet_days_have_no_national_outage() {
    for seed in 1..=4 {
        let outages = noisy(seed, 90, &(0..0));
        assert!(national(&outages).is_empty(), "{seed} {:#?}", national(&outages));
    }
}

#[test]
fn three_dark_hours_among_all_that_noise_are_found() {
    for seed in 1..=3 {
        let dark = 30 * 86_400..30 * 86_400 + 3 * 3600;
        let outages = noisy(seed, 40, &dark);
        let [outage] = national(&outages)[..] else { panic!("{seed} {outages:#?}") };
        assert!((outage.from.first_bad - second(dark.start)).as_hours().abs() < 0.5);
        let end = outage.until.unwrap().first_good;
        assert!((end - second(dark.end)).as_hours().abs() < 0.5);
        assert!(outage.lost_share.unwrap().value.get() > 0.8);
    }
}

#[test]
fn a_block_that_falls_alone_is_a_part() {
    let mut engine = Engine::new(plan());
    let top: Entity = "network/test".parse().unwrap();
    for now in 0..7200 {
        let n = u8::try_from(now % 20).unwrap();
        // Hosts of two blocks; one of the blocks falls.
        let target = IpAddr::from([192, 0, if n % 3 == 0 { 2 } else { 3 }, n]);
        let probe = Probe {
            vantage: "a".into(),
            target,
            method: Method::Icmp,
            outcome: outcome(n % 3 == 0 || now < 3600),
        };
        engine.observe(&Observation { at: second(now), fact: Fact::Probe(Box::new(probe)) });
    }
    let outages = engine.finish(second(7200));
    let [outage] = &outages[..] else { panic!("{outages:#?}") };
    assert_eq!(outage.entity, top);
    assert_eq!(outage.parts.len(), 1);
    assert_eq!(outage.parts[0].entity.to_string(), "block/192.0.3.0/24");
    let lost = outage.lost_share.unwrap().value.get();
    assert!((0.5..0.8).contains(&lost), "{lost}");
}
