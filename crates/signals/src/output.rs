//! What the stage gives: readings and blind times, for the caller to drain.

use falter_model::{Blind, Reading};

/// What became known since the caller last looked. The stage only ever appends.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Output {
    /// Values of signals, in the order in which they became known.
    pub readings: Vec<Reading>,
    /// Times in which a vantage point could not tell, told when they end.
    pub blind: Vec<Blind>,
}

impl Output {
    /// True where nothing became known: so it is after nearly all observations.
    pub const fn is_empty(&self) -> bool {
        self.readings.is_empty() && self.blind.is_empty()
    }
}
