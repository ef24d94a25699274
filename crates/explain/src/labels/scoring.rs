//! Verdicts against labels: the document that `falter score labels --json` prints.

use std::collections::BTreeMap;

use falter_model::{Call, Cause, Probability, Ratio};
use serde::Serialize;

use super::fitting;
use super::metrics::{Forecast, brier, calibration_bar, calibration_error, log_score};
use super::read::{LabelsError, Row, Skipped, read};
use crate::fit::Fit;
use crate::judge::judge;
use crate::prior;

/// How to score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScoreOptions {
    /// Leave one country out: each row is judged by a model that saw no row of its country. Otherwise
    /// the given fit judges all.
    pub folds_country: bool,
}

/// How well verdicts agree with labels.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// Rows of the table, without its header.
    pub rows: usize,
    /// Rows with a cause and a beginning.
    pub scored: usize,
    /// All others, with why.
    pub skipped: Vec<Skipped>,
    /// Share of scored rows with a decided verdict.
    pub decided: Ratio,
    /// Share of decided verdicts that are right; `None` where none was decided.
    pub accuracy_decided: Option<Ratio>,
    /// Share of scored rows whose most probable cause is right, decided or not.
    pub top1: Ratio,
    /// Summed over the six causes, 0 to 2; undecided rows included.
    pub brier: Ratio,
    /// Mean of minus the natural logarithm of what the truth was given.
    pub log_score: Ratio,
    /// Calibration error of the top label, five bins of equal mass.
    pub ece: Ratio,
    /// What a perfectly calibrated model with the same probabilities stays under 95 times of 100.
    pub ece_bar: Ratio,
    /// By true cause.
    pub by_cause: BTreeMap<Cause, GroupScore>,
    /// By country, as the table names it.
    pub by_country: BTreeMap<String, GroupScore>,
    /// The prior alone.
    pub prior_only: PriorScore,
    /// Each scored row.
    pub rows_scored: Vec<RowScore>,
}

/// Of some rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GroupScore {
    /// How many.
    pub n: usize,
    /// Share whose most probable cause is right.
    pub top1: Ratio,
}

/// What the prior alone scores: evidence must beat it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PriorScore {
    /// See [`Score::brier`].
    pub brier: Ratio,
    /// See [`Score::log_score`].
    pub log_score: Ratio,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowScore {
    /// Line of the file.
    pub line: u64,
    /// What the label says.
    pub truth: Cause,
    /// What the verdict says.
    pub verdict: Call,
    /// All six.
    pub probabilities: BTreeMap<Cause, Probability>,
}

/// Scores the verdicts on a labelled table.
pub fn score(csv_text: &str, fit: &Fit, options: ScoreOptions) -> Result<Score, LabelsError> {
    let table = read(csv_text)?;
    let rows = table.rows.len() + table.skipped.len();
    let mut skipped = table.skipped;
    let mut labelled = Vec::new();
    for row in table.rows {
        match row.truth {
            Some(truth) => labelled.push((row, truth)),
            None => skipped.push(Skipped { line: row.line, why: "no known cause".to_owned() }),
        }
    }
    skipped.sort_by_key(|skipped| skipped.line);
    let fits = Fits::new(&labelled, fit, options);
    let judged: Vec<Judged> =
        labelled.iter().map(|(row, truth)| Judged::new(row, *truth, fits.of(row))).collect();
    Ok(summary(rows, skipped, &labelled, &judged))
}

/// Which fit judges which row.
struct Fits<'a> {
    all: &'a Fit,
    without: BTreeMap<&'a str, Fit>,
}

impl<'a> Fits<'a> {
    fn new(labelled: &'a [(Row, Cause)], all: &'a Fit, options: ScoreOptions) -> Self {
        let mut without = BTreeMap::new();
        if options.folds_country {
            for (row, _) in labelled {
                without.entry(row.country.as_str()).or_insert_with(|| {
                    let others: Vec<&Row> = labelled
                        .iter()
                        .map(|(other, _)| other)
                        .filter(|other| other.country != row.country)
                        .collect();
                    fitting::fit_rows(&others)
                });
            }
        }
        Self { all, without }
    }

    fn of(&self, row: &Row) -> &Fit {
        self.without.get(row.country.as_str()).unwrap_or(self.all)
    }
}

struct Judged {
    verdict: Call,
    forecast: Forecast,
    prior: Forecast,
}

impl Judged {
    fn new(row: &Row, truth: Cause, fit: &Fit) -> Self {
        let verdict = judge(&row.case, fit);
        let mut probabilities = [0.0; 6];
        for share in &verdict.causes {
            if let Some(p) = probabilities.get_mut(share.cause.index()) {
                *p = share.probability.get();
            }
        }
        let prior = prior::prior(fit, row.case.priors.as_ref());
        Self {
            verdict: verdict.cause,
            forecast: Forecast { probabilities, truth },
            prior: Forecast { probabilities: prior, truth },
        }
    }
}

fn summary(
    rows: usize,
    skipped: Vec<Skipped>,
    labelled: &[(Row, Cause)],
    judged: &[Judged],
) -> Score {
    let forecasts: Vec<Forecast> = judged.iter().map(|judged| judged.forecast).collect();
    let priors: Vec<Forecast> = judged.iter().map(|judged| judged.prior).collect();
    let decided: Vec<(Cause, Cause)> = judged
        .iter()
        .filter_map(|judged| match judged.verdict {
            Call::Decided(cause) => Some((cause, judged.forecast.truth)),
            Call::Undetermined => None,
        })
        .collect();
    let right = decided.iter().filter(|(cause, truth)| cause == truth).count();
    let mut by_cause: BTreeMap<Cause, Vec<bool>> = BTreeMap::new();
    let mut by_country: BTreeMap<String, Vec<bool>> = BTreeMap::new();
    for ((row, truth), forecast) in labelled.iter().zip(&forecasts) {
        by_cause.entry(*truth).or_default().push(forecast.is_right());
        by_country.entry(row.country.clone()).or_default().push(forecast.is_right());
    }
    Score {
        rows,
        scored: judged.len(),
        skipped,
        decided: share(decided.len(), judged.len()),
        accuracy_decided: (!decided.is_empty()).then(|| share(right, decided.len())),
        top1: share(forecasts.iter().filter(|forecast| forecast.is_right()).count(), judged.len()),
        brier: Ratio::new(brier(&forecasts)),
        log_score: Ratio::new(log_score(&forecasts)),
        ece: Ratio::new(calibration_error(&forecasts)),
        ece_bar: Ratio::new(calibration_bar(&forecasts)),
        by_cause: groups(by_cause),
        by_country: groups(by_country),
        prior_only: PriorScore {
            brier: Ratio::new(brier(&priors)),
            log_score: Ratio::new(log_score(&priors)),
        },
        rows_scored: labelled
            .iter()
            .zip(judged)
            .map(|((row, truth), judged)| RowScore {
                line: row.line,
                truth: *truth,
                verdict: judged.verdict,
                probabilities: Cause::ALL
                    .into_iter()
                    .zip(judged.forecast.probabilities.map(Probability::new))
                    .collect(),
            })
            .collect(),
    }
}

fn groups<K: Ord>(groups: BTreeMap<K, Vec<bool>>) -> BTreeMap<K, GroupScore> {
    groups
        .into_iter()
        .map(|(key, right)| {
            let n = right.len();
            let top1 = share(right.into_iter().filter(|right| *right).count(), n);
            (key, GroupScore { n, top1 })
        })
        .collect()
}

fn share(part: usize, whole: usize) -> Ratio {
    Ratio::new(if whole == 0 { 0.0 } else { part as f64 / whole as f64 })
}
