//! curl as witnesses run it: nothing of the machine's own settings, and told by what it prints.

use std::process::Command;

/// A curl that gives up after `patience` seconds, tells its way on stderr, and prints `format` at the end.
pub(super) fn curl(patience: &str, format: &str) -> Command {
    let mut curl = Command::new("curl");
    curl.args(["-q", "-s", "-o", "/dev/null", "--noproxy", "*", "-v"]);
    curl.args(["--max-time", patience, "-w", format]);
    curl
}

/// Why there was no connection: `refused` or `unreachable`, where curl says either (exit code 7, and
/// in its own log the system's words).
pub(super) fn refusal(exit: f64, told: &str) -> Option<&'static str> {
    let told = told.to_ascii_lowercase();
    match exit {
        7.0 if told.contains("no route to host") || told.contains("unreachable") => {
            Some("unreachable")
        }
        7.0 => Some("refused"),
        _ => None,
    }
}
