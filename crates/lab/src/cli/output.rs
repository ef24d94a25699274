//! Data goes to stdout, talk goes to stderr: the one place that writes to either.

use std::io::Write;

use anyhow::{Context, Result};
use serde::Serialize;

/// A line of talk.
#[expect(clippy::print_stderr, reason = "the one place that talks")]
pub(super) fn tell(line: &str) {
    eprintln!("{line}");
}

/// Text as data.
pub(super) fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("writing to stdout")
}

/// One JSON document.
pub(super) fn json(document: &impl Serialize) -> Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(document)?))
}
