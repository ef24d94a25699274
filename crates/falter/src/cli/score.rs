//! `falter score`: how good the cause model is.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use falter_explain::Fit;
use falter_explain::labels::{self, Score as Scored, ScoreOptions};
use falter_model::Ratio;

use super::Global;
use super::output::{self, Output};
use crate::exit::{Exit, Failure};

/// See the module.
#[derive(Debug, Subcommand)]
pub(super) enum Score {
    /// On labelled outages (CSV)
    Labels(Labels),
}

/// On labelled outages.
#[derive(Debug, Args)]
pub(super) struct Labels {
    /// The labels
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    /// Cross-validates, leaving one of these out each time
    #[arg(long, value_name = "BY")]
    folds: Option<Folds>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Folds {
    /// A country.
    Country,
}

impl Score {
    pub(super) fn run(&self, global: &Global, output: &mut Output) -> Result<Exit, Failure> {
        let Self::Labels(verb) = self;
        let octets = std::fs::read(&verb.file)
            .with_context(|| format!("could not read the labels {}", verb.file.display()))
            .map_err(Failure::failed)?;
        let text = String::from_utf8_lossy(&octets);
        let options = ScoreOptions { folds_country: verb.folds == Some(Folds::Country) };
        let score = labels::score(&text, Fit::built_in(), options)
            .with_context(|| format!("{} holds no labels", verb.file.display()))
            .map_err(Failure::usage)?;
        if global.json {
            output.json(&score)?;
            return Ok(Exit::Done);
        }
        print(&score, output)?;
        for skipped in &score.skipped {
            output::tell(&format!("line {}: skipped, {}", skipped.line, skipped.why));
        }
        Ok(Exit::Done)
    }
}

fn print(score: &Scored, output: &mut Output) -> Result<(), Failure> {
    let percent = |share: Ratio| share.get() * 100.0;
    output.line(&format!("{} rows, {} with a cause scored", score.rows, score.scored))?;
    output.line(&format!(
        "first choice right {:.1} %; decided {:.1} %, of those right {:.1} %",
        percent(score.top1),
        percent(score.decided),
        percent(score.accuracy_decided.unwrap_or_default())
    ))?;
    output.line(&format!(
        "Brier {:.3} (prior alone {:.3}), log score {:.3} (prior alone {:.3})",
        score.brier.get(),
        score.prior_only.brier.get(),
        score.log_score.get(),
        score.prior_only.log_score.get()
    ))?;
    output.line(&format!(
        "calibration error {:.3} (a perfect model of the same probabilities stays under {:.3} in \
         95 of 100)",
        score.ece.get(),
        score.ece_bar.get()
    ))?;
    for (cause, of) in &score.by_cause {
        let cause = cause.as_str();
        let right = percent(of.top1);
        output.line(&format!("  {cause:<12} {:>4} rows, first choice right {right:.1} %", of.n))?;
    }
    Ok(())
}
