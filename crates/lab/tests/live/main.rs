//! falter watches the testbed live: every fault that makes an outage is found, when it truly was, and what is none
//! is none, then and in three hundred replays of what was recorded.
//!
//! Takes more than an hour: `FALTER_LAB_LIVE=all cargo test -p falter-lab --test live -- --ignored --nocapture`, or with
//! the name of a fault or `fault:implementation` instead of `all`; `FALTER_LAB_SEEDS` says how many seeds (2),
//! `FALTER_LAB_SIDE` how many countries stand side by side where they don't flood (3). Prints docs/lab-results.md, and
//! writes it where `FALTER_LAB_RESULTS` says.
//! Needs the program `falter` beside `falter-lab`, or in FALTER.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tells how it goes; a helper that fails must stop the test"
)]

mod found;
mod plays;
mod records;
mod replays;

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use falter_lab::keeper;
use falter_lab::run::usage::Usage;

use plays::Done;

const LAB: &str = env!("CARGO_BIN_EXE_falter-lab");
/// How many replays must stay silent, over all recordings of what is no outage.
const REPLAYS: usize = 300;

/// The program that watches.
fn falter() -> PathBuf {
    let beside = Path::new(LAB).with_file_name("falter");
    env::var_os("FALTER").map_or(beside, PathBuf::from)
}

fn number(name: &str, otherwise: usize) -> usize {
    env::var(name).map_or(otherwise, |number| number.parse().unwrap())
}

#[test]
#[ignore = "takes more than an hour: make accept"]
fn what_happens_is_found_and_what_does_not_is_not() {
    if let Err(error) = keeper::can_stand() {
        println!("skipped: no lab here: {error:#}");
        return;
    }
    assert!(falter().is_file(), "no falter at {} (cargo build -p falter)", falter().display());
    let asked = env::var("FALTER_LAB_LIVE").unwrap_or_else(|_| "all".to_owned());
    let asked = plays::asked(&asked, number("FALTER_LAB_SEEDS", 2));
    assert!(!asked.is_empty(), "no such fault (falter-lab faults)");
    let tell = |done: &[Done]| write_page(&page(done, asked.len(), None));
    let done = plays::play_all(&asked, number("FALTER_LAB_SIDE", 3), &tell);
    let mut wrong: Vec<String> =
        done.iter().filter(|done| !done.is_right()).map(Done::row).collect();
    let quiet: Vec<_> = done.iter().filter_map(Done::quiet).collect();
    let mut silent = None;
    if !quiet.is_empty() {
        let (number, loud) = replays::replay(&falter(), &quiet, REPLAYS);
        silent = Some((number, quiet.len()));
        wrong.extend(loud);
    }
    let page = page(&done, asked.len(), silent);
    println!("{page}");
    write_page(&page);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "takes minutes: make accept"]
fn what_is_recorded_replays_to_what_watching_it_finds() {
    if let Err(error) = keeper::can_stand() {
        println!("skipped: no lab here: {error:#}");
        return;
    }
    for fault in records::RECORDED {
        let folder = tempfile::tempdir().unwrap();
        let found = records::compare(fault, folder.path()).unwrap();
        println!("{fault}: {found} outages, the same to the octet");
        assert!(found > 0, "{fault}");
    }
}

/// The document: what came of the runs so far, and how many replays of how many recordings were silent.
fn page(done: &[Done], asked: usize, silent: Option<(usize, usize)>) -> String {
    let right = done.iter().filter(|done| done.is_right()).count();
    let mut page = format!("{}\n", include_str!("head.md"));
    writeln!(page, "{} of {asked} runs made, {right} as they should be.\n", done.len()).unwrap();
    writeln!(page, "{}", found::HEAD).unwrap();
    for done in done {
        writeln!(page, "{}", done.row()).unwrap();
    }
    let usages: Vec<Usage> = done.iter().filter_map(Done::usage).collect();
    if !usages.is_empty() {
        let most = |of: fn(&Usage) -> f64| usages.iter().map(of).fold(0.0, f64::max);
        writeln!(
            page,
            "\nfalter took at most {:.0} MB of memory and {:.1} % of one core while it watched (its start included), over {} runs.",
            most(|usage| usage.peak_megabytes),
            most(Usage::share) * 100.0,
            usages.len()
        )
        .unwrap();
    }
    if let Some((silent, recordings)) = silent {
        writeln!(
            page,
            "\nOf {REPLAYS} replays of the {recordings} recordings of what is no outage, each with hosts left out, a later\n\
             beginning and answers taken away, {silent} told no outage."
        )
        .unwrap();
    }
    page
}

fn write_page(page: &str) {
    if let Some(path) = env::var_os("FALTER_LAB_RESULTS") {
        fs::write(path, page).unwrap();
    }
}
