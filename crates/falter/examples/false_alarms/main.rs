//! Prints docs/false-alarms.md: how often quiet months, a cut uplink, and real outages are told.
//!
//! `cargo run --release -p falter --example false_alarms [-- SEEDS DAYS RUNS]`
mod random;
mod watcher;
mod world;

use watcher::watch;
use world::{Trouble, World};

const DAY: f64 = 86_400.0;

fn main() {
    let given: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let [seeds, days, runs] = [(0, 20), (1, 90), (2, 100)].map(|(i, d)| given.get(i).copied().unwrap_or(d));
    for seed in 1..=seeds {
        let found = watch(&mut World::new(seed, Trouble::default()), if seed % 2 == 0 { 45.0 } else { 5.0 }, days as f64 * DAY);
        let n = found.outages.len();
        println!("seed {seed}: {n} outages, {} probes, {} quick rounds", found.probes, found.quick_rounds);
        for o in found.outages.iter().take(12) {
            println!("   {} {:?} {} .. {:?} lost {:?} {}", o.entity, o.state, o.from.first_bad, o.until.map(|e| e.first_good.to_string()), o.lost_share.map(|l| l.value), o.order.iter().map(|s| s.signal.to_string()).collect::<Vec<_>>().join(","));
        }
    }
    let begin = 1.1 * DAY;
    for (name, minutes, machines, cut) in [("uplink", 10.0, 0..8, true), ("all", 10.0, 0..8, false), ("half", 10.0, 0..4, false), ("half'", 10.0, 4..8, false), ("all 2", 2.0, 0..8, false),("all 1", 1.0, 0..8, false), ("all 30s", 0.5, 0..8, false)] {
        let (mut told, mut outages, mut delays) = (0, 0, Vec::new());
        for run in 0..runs {
            let at = begin + run as f64 * 617.0;
            let time = at..at + minutes * 60.0;
            let trouble = if cut { Trouble { uplink_cut: vec![time], dark: vec![] } } else { Trouble { uplink_cut: vec![], dark: vec![(time, machines.clone())] } };
            let found = watch(&mut World::new(1_000 + run, trouble), 45.0, at + 3_600.0);
            outages += found.outages.len();
            told += u32::from(found.outages.iter().any(|o| o.entity.is_top()));
            delays.extend(found.told_at.map(|t| t - at));
        }
        delays.sort_by(f64::total_cmp);
        println!("{name}: told {told} of {runs}; outages {outages}; delay median {:?} max {:?}", delays.get(delays.len() / 2), delays.last());
    }
}
