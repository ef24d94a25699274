//! A text that grows.

use std::fmt;

/// A document while it is written.
#[derive(Debug, Default)]
pub(crate) struct Page {
    text: String,
}

impl Page {
    /// Appends what `format_args!` makes.
    pub(crate) fn add(&mut self, piece: fmt::Arguments<'_>) {
        match piece.as_str() {
            Some(piece) => self.text.push_str(piece),
            None => self.text.push_str(&piece.to_string()),
        }
    }

    /// The whole text.
    pub(crate) fn finish(self) -> String {
        self.text
    }
}
