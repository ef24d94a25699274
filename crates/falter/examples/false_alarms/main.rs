//! Prints docs/false-alarms.md: how often quiet months and a cut uplink are called outages, and how small
//! an outage is found among all that noise.
//!
//! `cargo run --release -p falter --example false_alarms`; with three numbers (seeds, days, runs) less of it.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is the document")]

mod random;
mod watcher;
mod world;

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use watcher::{Found, watch};
use world::{MACHINES, Trouble, World};

const DAY_S: f64 = 86_400.0;
/// Seconds of a round when all is well: of the first half of the seeds, of the others.
const CALM_S: [f64; 2] = [45.0, 5.0];
/// Troubles begin after a day and a half, each run at another hour.
const BEGINS_S: f64 = 1.5 * DAY_S;
/// Seconds between the hours of runs: a prime number, so that 100 fall on all times of the day.
const APART_S: f64 = 863.0;
/// Each run goes on for so long after its trouble.
const AFTER_S: f64 = 3_600.0;

fn main() {
    let given: Vec<u64> =
        std::env::args().skip(1).filter_map(|number| number.parse().ok()).collect();
    let number = |place: usize, usual: u64| given.get(place).copied().unwrap_or(usual);
    let (seeds, days, runs) = (number(0, 20), number(1, 90), number(2, 100));
    println!("{}", include_str!("head.md"));
    quiet(seeds, days);
    troubles(runs);
}

fn quiet(seeds: u64, days: u64) {
    println!("## {days} quiet days\n");
    println!("| seed | round when all is well | probes | quick rounds | outages told |");
    println!("|--:|--:|--:|--:|--:|");
    let calm = |seed: u64| if seed * 2 <= seeds { CALM_S[0] } else { CALM_S[1] };
    let found = on_all_cores(seeds, |place| {
        let mut world = World::new(place + 1, Trouble::default());
        watch(&mut world, calm(place + 1), days as f64 * DAY_S)
    });
    for (seed, found) in (1..).zip(&found) {
        let told = found.outages.len();
        let (probes, quick) = (found.probes, found.quick_rounds);
        println!("| {seed} | {} s | {probes} | {quick} | {told} |", calm(seed));
        for outage in &found.outages {
            eprintln!("seed {seed}: {} {} {}", outage.entity, outage.state, outage.from.first_bad);
        }
    }
}

fn troubles(runs: u64) {
    println!("\n## Troubles, {runs} runs each\n");
    println!("| what | for | told | other outages | told after, median | at most |");
    println!("|---|--:|--:|--:|--:|--:|");
    row(runs, "the observer's own uplink is cut", 600.0, None);
    for (what, machines) in [
        ("all hosts silent", 0..MACHINES),
        ("half of the machines (12 of 20 addresses)", 0..MACHINES / 2),
        ("the other half (8 of 20)", MACHINES / 2..MACHINES),
        ("a quarter (6 of 20)", 0..MACHINES / 4),
    ] {
        row(runs, what, 600.0, Some(&machines));
    }
    for seconds in [300.0, 120.0, 60.0, 30.0] {
        row(runs, "all hosts silent", seconds, Some(&(0..MACHINES)));
    }
}

/// A line of the table: `dark` machines, or the uplink.
fn row(runs: u64, what: &str, seconds: f64, dark: Option<&Range<usize>>) {
    let begins = |run: u64| BEGINS_S + run as f64 * APART_S;
    let found = on_all_cores(runs, |run| {
        let time = begins(run)..begins(run) + seconds;
        let trouble = match dark {
            Some(machines) => {
                Trouble { dark: vec![(time.clone(), machines.clone())], ..Trouble::default() }
            }
            None => Trouble { uplink_cut: vec![time.clone()], ..Trouble::default() },
        };
        watch(&mut World::new(1_000 + run, trouble), CALM_S[0], time.end + AFTER_S)
    });
    let is_it = |run: u64, found: &Found| found.tells_of(begins(run), begins(run) + seconds);
    let mut delays: Vec<f64> = (0..)
        .zip(&found)
        .filter(|(run, found)| is_it(*run, found))
        .filter_map(|(run, found)| Some(found.told_at? - begins(run)))
        .collect();
    delays.sort_by(f64::total_cmp);
    let told = (0..).zip(&found).filter(|(run, found)| is_it(*run, found)).count();
    let all: usize = found.iter().map(|found| found.outages.len()).sum();
    let median = delays.get(delays.len() / 2).map_or("-".to_owned(), |s| format!("{s:.0} s"));
    let most = delays.last().map_or("-".to_owned(), |s| format!("{s:.0} s"));
    let length = format!("{seconds:.0} s");
    println!("| {what} | {length} | {told} of {runs} | {} | {median} | {most} |", all - told);
}

/// What `work` makes of each number below `n`, in order.
fn on_all_cores<T: Send>(n: u64, work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let (next, done) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    if place >= n {
                        return;
                    }
                    let made = work(place);
                    if let Ok(mut done) = done.lock() {
                        done.push((place, made));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, made)| made).collect()
}
