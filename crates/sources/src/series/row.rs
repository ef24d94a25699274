//! One row of a series.

use falter_model::{EntityError, TimeError};

/// Why a row of a series can't be read.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// It is no CSV.
    #[error("expected a row of comma-separated values")]
    Csv(#[from] csv::Error),
    /// Fields are missing or there are too many.
    #[error("expected {expected} fields as in the header, found {found}")]
    Fields {
        /// As many as the header has.
        expected: usize,
        /// As many as there are.
        found: usize,
    },
    /// A field is no UTF-8.
    #[error("the field {column} is not UTF-8")]
    Utf8 {
        /// Its column.
        column: &'static str,
    },
    /// The time is none.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The entity is none.
    #[error(transparent)]
    Entity(#[from] EntityError),
    /// A field that must not be empty.
    #[error("the field {column} is empty")]
    Empty {
        /// Its column.
        column: &'static str,
    },
    /// A number that is none, or not finite.
    #[error("expected {expected} in the field {column}, found {found:?}")]
    Number {
        /// Its column.
        column: &'static str,
        /// What is needed there.
        expected: &'static str,
        /// What stood there.
        found: Box<str>,
    },
    /// The same entity, signal, vantage and time was given before with another value.
    #[error("the same entity, signal and time was given before with another value")]
    Contradiction,
}
