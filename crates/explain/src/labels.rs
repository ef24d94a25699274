//! Outages that people labelled: read, fitted to, scored on.
//!
//! The file is the table of investigated outages that came with SIGCOMM 2023
//! (10.1145/3603269.3604883). [`read`] turns its rows into cases, [`fit`] counts what [`crate::Fit`] holds,
//! and [`score`] says how well the verdicts agree with the labels.

mod clock;
mod fitting;
mod metrics;
mod places;
mod read;
mod scoring;

pub use fitting::fit;
pub use read::{LabelsError, Row, Rows, Skipped, read};
pub use scoring::{GroupScore, PriorScore, RowScore, Score, ScoreOptions, score};
