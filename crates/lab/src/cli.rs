//! The command line of the testbed: a file a verb.

mod break_fault;
mod campaign;
mod down;
mod enter;
mod faults;
mod hidden;
mod manual;
mod mend;
mod output;
mod run;
mod size;
mod status;
mod up;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

/// A small country in network namespaces, with real routers and servers, to break and to watch.
#[derive(Debug, Parser)]
#[command(name = "falter-lab", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Command {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 not everything is as planned (status only); 2 wrong usage; \
3 could not do it (a missing program, no namespaces, no country).";

/// What every verb knows.
#[derive(Debug, Args)]
struct Global {
    /// Which country, where several stand side by side
    #[arg(long, global = true, value_name = "NAME", default_value = "kp")]
    name: String,
    /// One JSON document on stdout instead of text
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Builds the country and leaves it standing
    Up(up::Up),
    /// Takes everything down
    Down,
    /// Whether everything is as planned, checked with birdc, ping, dig and curl
    Status(status::Status),
    /// The faults, their implementations and parameters
    Faults,
    /// The page of the documentation: the map of the country and its faults, as Markdown
    Manual,
    /// Breaks the country
    Break(break_fault::Break),
    /// Records before, during and after faults, with the truth beside it
    Run(run::Run),
    /// Many runs, drawn from one seed, and a small case kept of each
    Campaign(campaign::Campaign),
    /// Ends the fault and puts everything back
    Mend,
    /// Runs a program in a node, such as `enter observer1 ping -c 3 175.45.176.81`
    Enter(enter::Enter),
    #[command(flatten)]
    Hidden(hidden::Hidden),
}

/// How a verb ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    Done,
    NotAsPlanned,
}

/// Reads the command line, does what it says, and tells how to end.
pub(crate) fn run() -> ExitCode {
    let command = match Command::try_parse() {
        Ok(command) => command,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            return ExitCode::from(if error.print().is_ok() { code } else { 3 });
        }
    };
    match dispatch(&command) {
        Ok(Exit::Done) => ExitCode::SUCCESS,
        Ok(Exit::NotAsPlanned) => ExitCode::from(1),
        Err(error) => {
            output::tell(&format!("falter-lab: {error:#}"));
            ExitCode::from(3)
        }
    }
}

fn dispatch(command: &Command) -> Result<Exit> {
    let global = &command.global;
    match &command.verb {
        Verb::Up(verb) => verb.run(global)?,
        Verb::Down => down::run(global)?,
        Verb::Status(verb) => return verb.run(global),
        Verb::Faults => faults::run()?,
        Verb::Manual => manual::run()?,
        Verb::Break(verb) => verb.run(global)?,
        Verb::Run(verb) => verb.run(global)?,
        Verb::Campaign(verb) => verb.run(global)?,
        Verb::Mend => mend::run(global)?,
        Verb::Enter(verb) => verb.run(global)?,
        Verb::Hidden(verb) => verb.run()?,
    }
    Ok(Exit::Done)
}
