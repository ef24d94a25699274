//! Prints `fit.toml`, fitted from a table of labelled outages:
//! `cargo run --release -p falter-explain --example fit_labels -- LABELS.csv`.

use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args_os().nth(1).ok_or("expected the file with the labels")?;
    let fit = falter_explain::labels::fit(&std::fs::read_to_string(file)?)?;
    std::io::stdout().write_all(fit.to_toml().as_bytes())?;
    Ok(())
}
