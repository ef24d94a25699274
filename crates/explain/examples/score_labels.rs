//! Prints how the built-in fit, or one left out by country, scores on a table of labelled outages:
//! `cargo run --release -p falter-explain --example score_labels -- LABELS.csv [--folds]`.

use std::io::Write as _;

use falter_explain::Fit;
use falter_explain::labels::{ScoreOptions, score};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args_os().nth(1).ok_or("expected the file with the labels")?;
    let options = ScoreOptions { folds_country: std::env::args().any(|arg| arg == "--folds") };
    let score = score(&std::fs::read_to_string(file)?, Fit::built_in(), options)?;
    std::io::stdout().write_all(serde_json::to_string(&score)?.as_bytes())?;
    Ok(())
}
