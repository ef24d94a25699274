//! The command line: a file a verb.

mod causes;
mod doctor;
mod fetching;
mod kept;
mod network;
mod observing;
mod outages;
mod output;
mod progress;
mod record;
mod replay;
mod report;
mod score;
mod show;
mod signals;
mod watch;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::Config;
use crate::exit::{Exit, Failure};
use output::{LogForm, Output};

/// Says when a network's Internet falters, how much of it, in which order things failed, and what
/// most probably caused it.
#[derive(Debug, Parser)]
#[command(name = "falter", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Command {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 done, but some input was bad (each told on stderr); \
2 wrong usage, configuration or profile; 3 could not do it (I/O, privileges); 4 an outage is going \
on (only with --exit-state).";

/// What every verb knows.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Configuration file (TOML)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder that keeps series, outages and verdicts [default: $`XDG_DATA_HOME`/falter]
    #[arg(long, global = true, value_name = "DIR", env = "FALTER_STORE")]
    store: Option<PathBuf>,
    /// A folder of profiles, looked up before the bundled ones
    #[arg(long, global = true, value_name = "DIR")]
    networks: Option<PathBuf>,
    /// One JSON document on stdout instead of text
    #[arg(long, global = true)]
    json: bool,
    /// How the log on stderr is written; `FALTER_LOG` says how much of it
    #[arg(long, global = true, value_name = "FORM", default_value = "text")]
    log: LogForm,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Watches live, keeps what it sees and finds, and tells it, until SIGINT or SIGTERM
    Watch(watch::Watch),
    /// Observations to a recording file only, until SIGINT or SIGTERM
    Record(record::Record),
    /// What this machine can do, and how to mend what it can't
    Doctor(doctor::Doctor),
    /// Recorded input through the same pipeline as live: prints outages with verdicts
    Replay(replay::Replay),
    /// The outages that the store knows
    Outages(outages::Outages),
    /// One outage whole: order of failure, verdict, evidence
    Show(show::Show),
    /// Writes a self-contained report: .html, .md, .json or .svg by the ending
    Report(report::Report),
    /// Profiles of networks: list, show, check, init
    #[command(subcommand)]
    Network(network::Network),
    /// The manual of the signals
    Signals,
    /// The manual of the causes
    Causes,
    /// Scores the cause model
    #[command(subcommand)]
    Score(score::Score),
}

impl Global {
    /// The store's folder: the option, the environment, the configuration, the usual place.
    fn store_dir(&self, config: &Config) -> Result<PathBuf, Failure> {
        if let Some(dir) = self.store.clone().or_else(|| config.store.dir.clone()) {
            return Ok(dir);
        }
        let data = std::env::var_os("XDG_DATA_HOME").filter(|dir| !dir.is_empty()).map_or_else(
            || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share")),
            |dir| Some(PathBuf::from(dir)),
        );
        data.map(|data| data.join("falter")).ok_or_else(|| {
            Failure::usage(anyhow::anyhow!(
                "no place for a store: give --store DIR, or set FALTER_STORE or HOME"
            ))
        })
    }
}

/// Reads the command line, does what it says, and tells how to end.
pub(crate) fn run() -> Exit {
    let command = match Command::try_parse() {
        Ok(command) => command,
        Err(error) => {
            // Help and version are answers, not errors; clap knows which stream each belongs to.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            return match error.print() {
                Ok(()) => exit,
                Err(_) => Exit::Failed,
            };
        }
    };
    output::log_to_stderr(command.global.log);
    let mut output = Output::new();
    let done = dispatch(&command, &mut output).and_then(|exit| output.finish().map(|()| exit));
    match done {
        Ok(exit) => exit,
        Err(failure) if failure.is_broken_pipe() => Exit::Done,
        Err(failure) => {
            output::tell(&format!("falter: {:#}", failure.error));
            failure.exit
        }
    }
}

fn dispatch(command: &Command, output: &mut Output) -> Result<Exit, Failure> {
    let global = &command.global;
    if let Verb::Doctor(verb) = &command.verb {
        // It tells what is wrong with the configuration, too.
        return verb.run(global, output);
    }
    let config = Config::read(global.config.as_deref())?;
    match &command.verb {
        Verb::Watch(verb) => verb.run(global, &config, output),
        Verb::Record(verb) => verb.run(global, &config, output),
        Verb::Doctor(verb) => verb.run(global, output),
        Verb::Replay(verb) => verb.run(global, &config, output),
        Verb::Outages(verb) => verb.run(global, &config, output),
        Verb::Show(verb) => verb.run(global, &config, output),
        Verb::Report(verb) => verb.run(global, &config, output),
        Verb::Network(verb) => verb.run(global, &config, output),
        Verb::Signals => signals::run(global, output),
        Verb::Causes => causes::run(global, output),
        Verb::Score(verb) => verb.run(global, output),
    }
}
