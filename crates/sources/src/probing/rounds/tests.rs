use super::*;

fn items(targets: usize, controls: usize) -> Vec<Item> {
    (0..targets + controls)
        .map(|address| Item {
            address,
            method: 0,
            is_control: address >= targets,
            availability: 0.95,
        })
        .collect()
}

fn rounds(targets: usize, controls: usize) -> Rounds {
    Rounds::new(items(targets, controls), RoundsPlan::default(), PacePlan::default(), Secret::new())
}

/// Asks until `until`, each answered as `answers` says, at once or overdue after a second.
fn run(
    rounds: &mut Rounds,
    from: Duration,
    until: Duration,
    answers: impl Fn(usize, Duration) -> bool,
) -> Vec<(Duration, usize)> {
    let mut asked = Vec::new();
    let mut overdue: VecDeque<(Duration, usize)> = VecDeque::new();
    let mut now = from;
    while now < until {
        while overdue.front().is_some_and(|(at, _)| *at <= now) {
            let (_, item) = overdue.pop_front().unwrap();
            rounds.heard(item, false, now);
        }
        while let Some(item) = rounds.take(now) {
            asked.push((now, item));
            if answers(item, now) {
                rounds.heard(item, true, now);
            } else {
                overdue.push_back((now + Duration::from_secs(1), item));
            }
        }
        now += Duration::from_millis(1);
    }
    asked
}

#[test]
fn when_all_is_well_everybody_is_asked_once_in_a_calm_round() {
    let mut rounds = rounds(20, 4);
    let asked = run(&mut rounds, Duration::ZERO, Duration::from_secs(106), |_, _| true);
    for item in 0..24 {
        let of: Vec<Duration> =
            asked.iter().filter(|(_, i)| *i == item).map(|(at, _)| *at).collect();
        assert!((20..=23).contains(&of.len()), "{item}: {}", of.len());
    }
}

#[test]
fn silence_of_all_hurries_all_within_three_seconds() {
    let mut rounds = rounds(20, 4);
    let cut = Duration::from_mins(1);
    run(&mut rounds, Duration::ZERO, cut, |_, _| true);
    let alive = |item, _| item >= 20;
    let asked = run(&mut rounds, cut, cut + Duration::from_secs(9), alive);
    for item in 0..24 {
        let of = asked.iter().filter(|(at, i)| *i == item && *at >= cut + Duration::from_secs(3));
        assert!(of.count() >= 5, "{item}");
    }
}

#[test]
fn rounds_are_quick_while_the_watcher_is_unsure_and_calm_some_time_after() {
    let mut rounds = rounds(20, 4);
    let minute = Duration::from_mins(1);
    let calm = run(&mut rounds, Duration::ZERO, minute, |_, _| true).len();
    rounds.set_unsure(true, minute);
    let quick = run(&mut rounds, minute, 2 * minute, |_, _| true).len();
    assert!(quick > 3 * calm, "{quick}, calm {calm}");
    rounds.set_unsure(false, 2 * minute);
    run(&mut rounds, 2 * minute, 3 * minute, |_, _| true);
    let again = run(&mut rounds, 3 * minute, 4 * minute, |_, _| true).len();
    assert!(again.abs_diff(calm) <= 24, "{again}, calm {calm}");
}

#[test]
fn a_flapping_host_hurries_nobody() {
    let mut rounds = rounds(20, 4);
    let flaps = |item: usize, now: Duration| item != 3 || (now.as_secs() / 20).is_multiple_of(2);
    let asked = run(&mut rounds, Duration::ZERO, Duration::from_mins(5), flaps);
    assert!(asked.len() < 24 * 70, "{}", asked.len());
    assert!(!rounds.is_quick(Duration::from_mins(5)));
}

#[test]
fn no_target_is_asked_twice_within_its_pace() {
    let mut rounds = rounds(20, 4);
    let flaps = |item: usize, now: Duration| !(now.as_secs() / 7 + item as u64).is_multiple_of(3);
    let asked = run(&mut rounds, Duration::ZERO, Duration::from_mins(1), flaps);
    for item in 0..24 {
        let of: Vec<Duration> =
            asked.iter().filter(|(_, i)| *i == item).map(|(at, _)| *at).collect();
        assert!(
            of.is_sorted_by(|a, b| (*b).checked_sub(*a).unwrap() >= PacePlan::default().per_target),
            "{item}: {of:?}"
        );
    }
}

#[test]
fn controls_stand_among_the_targets() {
    let rounds = rounds(20, 4);
    let places: Vec<usize> = (0..24).filter(|p| rounds.order[*p] >= 20).collect();
    assert_eq!(places.len(), 4);
    assert!(places.iter().zip(places.iter().skip(1)).all(|(a, b)| b - a >= 4), "{places:?}");
    let mut all = rounds.order.clone();
    all.sort_unstable();
    assert_eq!(all, (0..24).collect::<Vec<_>>());
}

#[test]
fn a_long_stall_is_not_made_up_for() {
    let mut rounds = rounds(20, 4);
    run(&mut rounds, Duration::ZERO, Duration::from_secs(30), |_, _| true);
    let mut at_once = 0;
    while rounds.take(Duration::from_hours(1)).is_some() {
        at_once += 1;
    }
    // What was left of the round, and no more rounds.
    assert!(at_once <= 25, "{at_once}");
}

/// What the detector concludes from rounds in a simulated network, and when: twenty hosts, four far
/// controls and two near ones, round trips of 0.2 s, all silent from `cut` on (hosts alone, or all).
fn time_to_outage(seed: u64, cut_all: bool) -> Option<Duration> {
    use falter_detect::{Engine, Plan};
    use falter_model::{
        Control, ControlKind, Fact, Method, Observation, Outcome, Probe, Span, Timestamp,
    };

    let mut rounds = rounds(20, 6);
    let mut engine = Engine::new(Plan::default());
    let cut = Duration::from_millis(120_000 + seed * 517);
    let at = |when: Duration| {
        let micros = i64::try_from(when.as_micros()).unwrap();
        Timestamp::from_micros(1_700_000_000_000_000 + micros)
    };
    let (rtt, overdue, timeout) =
        (Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(3));
    // Known at, sent at, item, what: 0 a reply, 1 overdue, 2 silent.
    let mut known: std::collections::BTreeSet<(Duration, Duration, usize, u8)> =
        std::collections::BTreeSet::new();
    let mut now = Duration::ZERO;
    while now < cut + Duration::from_mins(2) {
        while let Some(first) = known.first().copied().filter(|first| first.0 <= now) {
            known.remove(&first);
            let (_, sent, item, what) = first;
            if what < 2 {
                rounds.heard(item, what == 0, now);
            }
            if what == 1 {
                continue;
            }
            let outcome = if what == 0 {
                Outcome::Reply { rtt_us: 200_000, ttl: None }
            } else {
                Outcome::Timeout { after: Span::from_seconds(3) }
            };
            let last = u8::try_from(item).unwrap();
            let (vantage, method) = ("a".into(), Method::Icmp);
            let fact = if item < 20 {
                let target = [192, 0, 2, last].into();
                Fact::Probe(Box::new(Probe { vantage, target, method, outcome }))
            } else {
                let kind = if item < 24 { ControlKind::Far } else { ControlKind::Near };
                let target = [198, 51, 100, last].into();
                Fact::Control(Box::new(Control { vantage, kind, target, method, outcome }))
            };
            engine.observe(&Observation { at: at(sent), fact });
            if engine.changed().iter().any(|outage| outage.until.is_none()) {
                return Some(now.saturating_sub(cut));
            }
        }
        while let Some(item) = rounds.take(now) {
            let silent = now >= cut && (cut_all || item < 20);
            // One answer of a hundred is lost on the way.
            let lost = rounds.secret.number(9, [0, 0, 0, 0].into(), now).is_multiple_of(100);
            if silent || lost {
                known.insert((now + overdue, now, item, 1));
                known.insert((now + timeout, now, item, 2));
            } else {
                known.insert((now + rtt, now, item, 0));
            }
        }
        now += Duration::from_millis(5);
    }
    None
}

#[test]
fn twenty_hosts_that_go_silent_are_an_outage_within_fifteen_seconds() {
    for seed in 0..10 {
        let after = time_to_outage(seed, false).expect("an outage");
        assert!(after < Duration::from_secs(15), "{seed}: {after:?}");
    }
}

#[test]
fn a_cut_of_our_own_uplink_is_none() {
    for seed in 0..10 {
        assert_eq!(time_to_outage(seed, true), None, "{seed}");
    }
}

#[test]
fn every_method_of_a_target_has_its_turn() {
    // One target with two methods, and three with one.
    let mut of_two = items(4, 1);
    of_two.push(Item { address: 0, method: 1, is_control: false, availability: 0.95 });
    let (plan, pace) = (RoundsPlan::default(), PacePlan::default());
    let mut rounds = Rounds::new(of_two, plan, pace, Secret::new());
    rounds.set_unsure(true, Duration::ZERO);
    let asked = run(&mut rounds, Duration::ZERO, Duration::from_mins(1), |_, _| true);
    for item in 0..6 {
        let of = asked.iter().filter(|(_, asked)| *asked == item).count();
        assert!((50..=60).contains(&of), "{item}: {of}");
    }
    let of: Vec<Duration> =
        asked.iter().filter(|(_, item)| [0, 5].contains(item)).map(|(at, _)| *at).collect();
    assert!(
        of.is_sorted_by(|a, b| (*b).checked_sub(*a).unwrap() >= PacePlan::default().per_target),
        "{of:?}"
    );
}
