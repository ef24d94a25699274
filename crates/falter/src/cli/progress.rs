//! A bar with rate and time left for long reads: on a terminal only.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress bar over octets; silent where stderr is no terminal.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar up to `total` octets; without an end where that is not known.
    pub(super) fn new(total: Option<u64>) -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template(
            "{bar:30} {bytes} of {total_bytes} · {bytes_per_sec} · {eta} left · {msg}",
        )
        .unwrap_or_else(|_| ProgressStyle::default_bar());
        Self { bar: ProgressBar::with_draw_target(total, target).with_style(style) }
    }

    /// How far it got, and at which time of the data.
    pub(super) fn at(&self, octets: u64, message: &str) {
        self.bar.set_position(octets);
        self.bar.set_message(message.to_owned());
    }

    /// How far one of several came, each with its own total.
    pub(super) fn of(&self, octets: u64, total: Option<u64>, message: &str) {
        if self.is_hidden() {
            return;
        }
        match total {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
        self.at(octets, message);
    }

    /// True where nobody sees it, so that no message need be made.
    pub(super) fn is_hidden(&self) -> bool {
        self.bar.is_hidden()
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
