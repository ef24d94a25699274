//! Noise is no outage, and an outage is found in it: the simulation of docs/false-alarms.md, a little of it.

#[path = "../examples/false_alarms/random.rs"]
mod random;
#[path = "../examples/false_alarms/watcher.rs"]
mod watcher;
#[path = "../examples/false_alarms/world.rs"]
mod world;

use watcher::watch;
use world::{MACHINES, Trouble, World};

const DAY_S: f64 = 86_400.0;

#[test]
fn four_quiet_days_have_no_outage() {
    let found = watch(&mut World::new(1, Trouble::default()), 45.0, 4.0 * DAY_S);
    assert!(found.outages.is_empty(), "{:#?}", found.outages);
    assert!(found.quick_rounds > 1_000 && found.probes > 100_000, "there was nothing to doubt");
}

/// In this one half of a block is switched off on the first evening, and a day was seen before the next morning.
#[test]
fn who_sleeps_for_the_first_time_is_no_outage() {
    let found = watch(&mut World::new(7, Trouble::default()), 45.0, 2.0 * DAY_S);
    assert!(found.outages.is_empty(), "{:#?}", found.outages);
}

#[test]
fn a_cut_uplink_is_none() {
    for seed in 1..=2 {
        let cut = 1.2 * DAY_S..1.2 * DAY_S + 600.0;
        let trouble = Trouble { uplink_cut: vec![cut.clone()], ..Trouble::default() };
        let found = watch(&mut World::new(seed, trouble), 45.0, cut.end + 1_800.0);
        assert!(found.outages.is_empty(), "{seed}: {:#?}", found.outages);
        assert_eq!(found.told_at, None);
    }
}

#[test]
fn all_and_half_of_the_hosts_are_found() {
    for machines in [0..MACHINES, 0..MACHINES / 2, MACHINES / 2..MACHINES] {
        let dark = 1.5 * DAY_S..1.5 * DAY_S + 600.0;
        let trouble =
            Trouble { dark: vec![(dark.clone(), machines.clone())], ..Trouble::default() };
        let found = watch(&mut World::new(3, trouble), 45.0, dark.end + 1_800.0);
        assert!(found.tells_of(dark.start, dark.end), "{:#?}", found.outages);
        if machines.len() == MACHINES {
            let told_after = found.told_at.unwrap_or(f64::INFINITY) - dark.start;
            assert!((0.0..60.0).contains(&told_after), "{told_after}");
        }
    }
}
