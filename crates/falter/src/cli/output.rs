//! Data goes to stdout, talk goes to stderr: the one place that writes to either.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use falter_draw::TextStyle;
use falter_sources::archive::InputReport;
use serde::Serialize;

use crate::exit::Failure;

/// Data on its way to stdout.
#[derive(Debug)]
pub(crate) struct Output {
    to: BufWriter<io::Stdout>,
}

impl Output {
    pub(super) fn new() -> Self {
        Self { to: BufWriter::with_capacity(1 << 16, io::stdout()) }
    }

    /// A line of text, or several.
    pub(super) fn line(&mut self, text: &str) -> Result<(), Failure> {
        writeln!(self.to, "{}", text.trim_end_matches('\n')).map_err(written)
    }

    /// One JSON document.
    pub(super) fn json(&mut self, document: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_writer_pretty(&mut self.to, document)
            .map_err(|error| written(io::Error::from(error)))?;
        writeln!(self.to).map_err(written)
    }

    /// One JSON document on a line of its own.
    pub(super) fn json_line(&mut self, document: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.to, document)
            .map_err(|error| written(io::Error::from(error)))?;
        writeln!(self.to).map_err(written)
    }

    /// Whether a person reads it as it is written.
    pub(super) fn is_terminal() -> bool {
        io::stdout().is_terminal()
    }

    /// How text may look: colors on a terminal, unless `NO_COLOR` is set (no-color.org).
    pub(super) fn style() -> TextStyle {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if io::stdout().is_terminal() && !plain { TextStyle::Color } else { TextStyle::Plain }
    }

    /// How many columns text may take: the terminal's, 100 at most; 100 where there is none.
    pub(super) fn width() -> usize {
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        columns.map_or(100, |columns: usize| columns.clamp(60, 100))
    }

    /// Everything must have arrived before the program says that it is done.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        self.to.flush().map_err(written)
    }
}

fn written(error: io::Error) -> Failure {
    Failure::failed(anyhow::Error::from(error).context("could not write to stdout"))
}

/// A line of talk.
#[expect(clippy::print_stderr, reason = "the one place that talks")]
pub(crate) fn tell(line: &str) {
    eprintln!("{line}");
}

/// Tells what of an input could not be read.
pub(super) fn tell_bad(report: &InputReport) {
    let path = report.path.display();
    if let Some(other) = &report.duplicate_of {
        tell(&format!("{path}: the same content as {}, counted once", other.display()));
    }
    for bad in &report.bad {
        tell(&format!("{path}: {bad}"));
    }
    let kept = u64::try_from(report.bad.len()).unwrap_or(u64::MAX);
    if report.bad_count > kept {
        tell(&format!("{path}: {} more could not be read", report.bad_count - kept));
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LogForm {
    /// For people.
    Text,
    /// For programs: a document a line, with times.
    Json,
}

/// Whether a screen is drawn, which lines of a log would tear.
static SCREEN: AtomicBool = AtomicBool::new(false);

/// From now on a terminal shows a screen, or lines again: the log stays away from a screen.
pub(crate) fn on_a_screen(is_drawn: bool) {
    SCREEN.store(is_drawn, Ordering::Relaxed);
}

fn log_writer() -> Box<dyn Write> {
    if SCREEN.load(Ordering::Relaxed) && io::stderr().is_terminal() {
        Box::new(io::sink())
    } else {
        Box::new(io::stderr())
    }
}

/// Sends what libraries of ours log to stderr; `FALTER_LOG` chooses how much.
pub(super) fn log_to_stderr(form: LogForm) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("FALTER_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(log_writer);
    match form {
        LogForm::Text => log.without_time().init(),
        LogForm::Json => log.json().init(),
    }
}
