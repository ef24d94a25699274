//! falter: says when a network's Internet falters, how much of it, in which order things failed, and
//! what most probably caused it.

mod archives;
mod cli;
mod config;
mod digest;
mod doctor;
mod exit;
mod machine;
mod notify;
mod outage_line;
mod pipeline;
mod profiles;
mod replay;
mod screen;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run().into()
}
