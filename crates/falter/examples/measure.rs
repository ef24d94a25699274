//! Runs one command several times and prints the shortest wall time, its CPU time and the highest
//! resident memory: `measure RUNS COMMAND [ARGUMENT...]`. What `make bench` measures with.

#![expect(clippy::print_stdout, reason = "a measuring tool prints")]
#![expect(clippy::disallowed_methods, reason = "measures the machine")]

use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let runs = arguments.next().and_then(|runs| runs.to_str()?.parse().ok());
    let (Some(runs), Some(program)) = (runs, arguments.next()) else {
        println!("usage: measure RUNS COMMAND [ARGUMENT...]");
        return ExitCode::from(2);
    };
    let rest: Vec<_> = arguments.collect();
    let mut best = f64::INFINITY;
    for _ in 0..runs {
        let started = Instant::now();
        let ended = Command::new(&program)
            .args(&rest)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        match ended {
            Ok(status) if status.code().is_some_and(|code| code <= 1) => {}
            other => {
                println!("failed: {} {other:?}", program.display());
                return ExitCode::FAILURE;
            }
        }
        best = best.min(started.elapsed().as_secs_f64());
    }
    // Of all children that ended, the largest: they were all this one command.
    let peak_kb = getrusage(UsageWho::RUSAGE_CHILDREN).map_or(0, |usage| usage.max_rss());
    println!("{best:.3} {}", peak_kb / 1024);
    ExitCode::SUCCESS
}
