//! Faults as they really go: told from a seed the same every time, and seen with fping, dig, curl and
//! birdc, never with falter.
//!
//! The ordinary tests break a country in three ways. All ways, some 15 minutes:
//! `FALTER_LAB_FAULTS=all cargo test -p falter-lab --test faults -- --nocapture`, or with the name of one fault
//! or `fault:implementation` instead of `all`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "a fault goes on while it is watched")]
#![expect(clippy::print_stderr, reason = "tells what was seen")]

mod seen;
mod sequence;
mod stories;
mod watched;

use std::collections::BTreeMap;

use falter_lab::faults::{self, Fault, Implementation};
use seen::Seen;
use watched::{Lab, Look};

/// What a fault is shortened to while all are shown: with a hold time of 3 s nothing needs to be longer.
const SHORTENED: [(&str, f64); 12] = [
    ("on_hold_times", 0.7),
    ("off_s", 3.0),
    ("lasts_s", 7.0),
    ("stairs_s", 2.0),
    ("batteries_s", 5.0),
    ("apart_s", 0.5),
    ("over_s", 3.0),
    ("rise_s", 4.0),
    ("stair_s", 1.0),
    ("between_s", 5.0),
    ("work_s", 4.0),
    ("boot_s", 3.0),
];

/// How often a fault is played before it is believed to go otherwise than it should.
const TRIES: usize = 3;

/// The three of the ordinary tests: a layer each, and one that looks like a fault and is none.
const SHORT_CHOICE: [(&str, &str); 3] =
    [("link", "both-cut"), ("fault", "web-upgrade"), ("measurement", "uplink-cut")];

#[test]
fn what_is_broken_falls_and_comes_back() {
    if let Err(why) = watched::possible() {
        eprintln!("skipped: no lab here: {why}");
        return;
    }
    let asked = std::env::var("FALTER_LAB_FAULTS").unwrap_or_default();
    let chosen = chosen(&asked);
    assert!(!chosen.is_empty(), "no such fault");
    let lab = Lab::up();
    let (mut wrong, last) = (Vec::new(), chosen.len() - 1);
    for (number, (fault, implementation)) in chosen.into_iter().enumerate() {
        // A look at everything takes some seconds: in the ordinary tests, once.
        let look =
            if !asked.is_empty() || number == last { Look::Everywhere } else { Look::Nowhere };
        // On a busy machine answers are late now and then: what is wrong is wrong each time.
        let tries = (0..TRIES).map(|_| play_and_mend(&lab, fault, implementation, look));
        wrong.extend(first_without(tries));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Nothing, if any try is without a complaint; else the last one's.
fn first_without(tries: impl Iterator<Item = Vec<String>>) -> Vec<String> {
    let mut last = Vec::new();
    for complaints in tries {
        last = complaints;
        if last.is_empty() {
            break;
        }
        eprintln!("{}", last.join("\n"));
    }
    last
}

/// Breaks and mends the country, and tells what was not as it should be.
fn play_and_mend(
    lab: &Lab,
    fault: &Fault,
    implementation: &Implementation,
    look: Look,
) -> Vec<String> {
    let seen = play(lab, fault, implementation);
    eprintln!("{}", seen.told());
    let mut wrong = seen.wrong(implementation.worst);
    if implementation.name == "link-flood" {
        wrong.extend(sequence::missing(&seen, &lab.log_of("gateway"), &seen.began));
    }
    let left = lab.mended(look);
    wrong.extend(
        left.into_iter().map(|found| {
            format!("{}, {}, after mending: {found}", fault.name, implementation.name)
        }),
    );
    wrong
}

fn chosen(asked: &str) -> Vec<(&'static Fault, &'static Implementation)> {
    let all = faults::ALL.iter().copied().flat_map(|fault| {
        fault.implementations.iter().map(move |implementation| (fault, implementation))
    });
    all.filter(|(fault, implementation)| match asked.split_once(':') {
        Some((name, one)) => fault.name == name && implementation.name == one,
        None if asked.is_empty() => SHORT_CHOICE.contains(&(fault.name, implementation.name)),
        None => asked == "all" || fault.name == asked,
    })
    .collect()
}

fn play(lab: &Lab, fault: &Fault, implementation: &Implementation) -> Seen {
    let known = |name: &str| implementation.parameters.iter().find(|own| own.name == name);
    let mut parameters: BTreeMap<String, f64> = SHORTENED
        .iter()
        .filter_map(|(name, value)| {
            known(name).map(|own| ((*name).to_owned(), value.clamp(own.least, own.most)))
        })
        .collect();
    if fault.name == "overload" {
        // Until sessions have gone twice.
        parameters.insert("lasts_s".to_owned(), 18.0);
    }
    lab.watch(fault.name, implementation.name, &parameters)
}
