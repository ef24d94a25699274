//! falter watches the testbed live: every fault that makes an outage is found, when it truly was, and what is none
//! is none.
//!
//! Takes an hour and a half for each seed: `FALTER_LAB_LIVE=all cargo test -p falter-lab --test live -- --ignored --nocapture`, or with
//! the name of a fault or `fault:implementation` instead of `all`; `FALTER_LAB_SEEDS` says how many seeds (2). Prints the
//! table of docs/lab-results.md. Needs the program `falter` beside `falter-lab`, or in FALTER.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tells how it goes; a helper that fails must stop the test"
)]

mod found;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use falter_lab::faults;
use falter_lab::keeper;

use found::Found;

const LAB: &str = env!("CARGO_BIN_EXE_falter-lab");
/// How often a run is made before it is believed that falter does not find what it shall.
const TRIES: usize = 2;

/// The program that watches.
fn falter() -> PathBuf {
    let beside = Path::new(LAB).with_file_name("falter");
    env::var_os("FALTER").map_or(beside, PathBuf::from)
}

/// Lets falter watch a run, and compares.
fn play(fault: &str, implementation: &str, seed: usize) -> Result<Found, String> {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("run");
    let mut command = Command::new(LAB);
    command.arg("run").arg(format!("{fault}:{implementation}"));
    command.args(["--slower", "1", "--seed", &seed.to_string(), "--live"]).arg(falter());
    command.arg("--out").arg(&out);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let output = command.output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Found::read(&falter(), &out)
}

#[test]
#[ignore = "takes an hour and more: make accept"]
fn what_happens_is_found_and_what_does_not_is_not() {
    if let Err(error) = keeper::can_stand() {
        println!("skipped: no lab here: {error:#}");
        return;
    }
    assert!(falter().is_file(), "no falter at {} (cargo build -p falter)", falter().display());
    let asked = env::var("FALTER_LAB_LIVE").unwrap_or_else(|_| "all".to_owned());
    let seeds = env::var("FALTER_LAB_SEEDS").map_or(2, |seeds| seeds.parse().unwrap());
    println!("{}", found::HEAD);
    let mut wrong = Vec::new();
    for fault in faults::ALL {
        for implementation in fault.implementations {
            let name = format!("{}:{}", fault.name, implementation.name);
            if asked != "all" && asked != fault.name && asked != name {
                continue;
            }
            for seed in 1..=seeds {
                let tries = (0..TRIES).map(|_| play(fault.name, implementation.name, seed));
                let mut last = Err(String::new());
                for found in tries {
                    let is_right = found.as_ref().is_ok_and(Found::is_right);
                    last = found;
                    if is_right {
                        break;
                    }
                }
                match last {
                    Ok(found) => {
                        println!("{}", found.row(&name, seed));
                        if !found.is_right() {
                            wrong.push(format!("{name}, seed {seed}"));
                        }
                    }
                    Err(error) => {
                        eprintln!("{name}, seed {seed}: {error}");
                        wrong.push(format!("{name}, seed {seed}: not played"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
