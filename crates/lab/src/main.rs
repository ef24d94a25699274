//! falter-lab: a small country to break.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
