//! What labels teach: counts, timing, layers and the temperature, each shrunk to the literature.
//!
//! Rows of one country are not independent: thirty shutdowns of one country are one habit. Every row
//! of a country weighs `1 / sqrt(rows of that country and cause)`. A share becomes
//! `(labels + strength * literature) / (n + strength)`, so that a cause with no label keeps what its
//! file in `causes/` says. The temperature is the one with the best log score on countries that were
//! left out.

use std::collections::BTreeMap;

use falter_model::Cause;

use super::metrics::{Forecast, log_score};
use super::read::{LabelsError, Row, read};
use crate::causes;
use crate::evidence::{self, Mark, Scene};
use crate::fit::{CauseFit, Fit, beyond_chance};
use crate::judge::posterior;
use crate::prior;

/// How many labelled outages the literature is worth. Judgement: its shares come from hundreds of
/// outages, but of other definitions and years.
const STRENGTH: f64 = 20.0;

/// Countries are left out in this many groups to find the temperature.
const GROUPS: usize = 10;

/// Temperatures that are tried: 1.00 to 3.00 in steps of 0.05.
const TEMPERATURES: u32 = 40;
const TEMPERATURE_STEP: f64 = 0.05;

/// Fits to a table of labelled outages.
pub fn fit(csv_text: &str) -> Result<Fit, LabelsError> {
    let table = read(csv_text)?;
    let rows: Vec<&Row> = table.rows.iter().collect();
    Ok(fit_rows(&rows))
}

/// The same from rows.
pub(super) fn fit_rows(rows: &[&Row]) -> Fit {
    let cold = shares(rows);
    cold.with_temperature(temperature(rows))
}

/// All but the temperature.
fn shares(rows: &[&Row]) -> Fit {
    let weights = weights(rows);
    Fit::new(
        1.0,
        causes::ALL.map(|spec| {
            let of_cause: Vec<Weighted<'_>> = rows
                .iter()
                .zip(&weights)
                .filter(|(row, _)| row.truth == Some(spec.cause()))
                .map(|(row, weight)| Weighted { row, weight: *weight })
                .collect();
            of_one_cause(spec, &of_cause)
        }),
    )
}

/// A row and how much it counts.
struct Weighted<'a> {
    row: &'a Row,
    weight: f64,
}

fn weights(rows: &[&Row]) -> Vec<f64> {
    let mut n: BTreeMap<(&str, Option<Cause>), f64> = BTreeMap::new();
    for row in rows {
        *n.entry((&row.country, row.truth)).or_default() += 1.0;
    }
    rows.iter()
        .map(|row| 1.0 / libm::sqrt(n.get(&(&*row.country, row.truth)).copied().unwrap_or(1.0)))
        .collect()
}

fn of_one_cause(spec: &dyn causes::CauseSpec, rows: &[Weighted<'_>]) -> CauseFit {
    let base = &spec.expects().base;
    let marks: Vec<(Mark, f64)> =
        rows.iter().filter_map(|row| Some((mark(row.row)?, row.weight))).collect();
    let marked = |wanted: Mark, before: f64| {
        shrunk(marks.iter().map(|(mark, weight)| (*mark == wanted, *weight)), before)
    };
    let (hour, half_hour) =
        beyond_chance(marked(Mark::Hour, base.on_hour), marked(Mark::HalfHour, base.on_half_hour));
    let night = shrunk(
        rows.iter().filter_map(|row| Some((is_at_night(row.row)?, row.weight))),
        base.at_night,
    );
    let recurs = shrunk(
        rows.iter()
            .filter(|row| evidence::earlier_within_reach(&row.row.case) > 0)
            .map(|row| (evidence::recurs_at_whole_days(&row.row.case).is_some(), row.weight)),
        base.recurs,
    );
    let (median_hours, sigma) = durations(rows, base.median_hours, base.sigma);
    CauseFit {
        count: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        hour,
        half_hour,
        night,
        recurs,
        median_hours,
        sigma,
        layers: layers(rows, base.layers),
    }
}

fn shrunk(rows: impl Iterator<Item = (bool, f64)>, before: f64) -> f64 {
    let (yes, all) = rows.fold((0.0, 0.0), |(yes, all), (is, weight)| {
        (yes + if is { weight } else { 0.0 }, all + weight)
    });
    (yes + STRENGTH * before) / (all + STRENGTH)
}

fn mark(row: &Row) -> Option<Mark> {
    let onset = row.case.outage.from;
    evidence::mark_of(row.case.time_zone.as_deref()?, onset.last_good?, onset.first_bad)
}

fn is_at_night(row: &Row) -> Option<bool> {
    let scene_time = row.case.outage.from.first_bad;
    evidence::is_at_night(row.case.time_zone.as_deref()?, scene_time)
}

fn layers(rows: &[Weighted<'_>], before: [f64; 7]) -> [f64; 7] {
    let mut counts = before.map(|p| p * STRENGTH);
    let mut all = STRENGTH;
    for row in rows {
        let Some(place) = evidence::pattern(row.row.case.layers) else { continue };
        if let Some(count) = counts.get_mut(place) {
            *count += row.weight;
            all += row.weight;
        }
    }
    counts.map(|count| count / all)
}

/// Median and spread of durations: mean and variance of logarithms, shrunk as everything else.
fn durations(rows: &[Weighted<'_>], median_hours: f64, sigma: f64) -> (f64, f64) {
    let logs: Vec<(f64, f64)> = rows
        .iter()
        .filter_map(|row| {
            let outage = &row.row.case.outage;
            let end = outage.until?;
            let shortest = (end.last_bad - outage.from.first_bad).as_hours();
            let longest = (end.first_good - outage.from.last_good?).as_hours();
            Some((libm::log(f64::midpoint(shortest, longest)), row.weight))
        })
        .collect();
    let before = libm::log(median_hours);
    let all: f64 = logs.iter().map(|(_, weight)| weight).sum::<f64>() + STRENGTH;
    let mean =
        (logs.iter().map(|(log, weight)| log * weight).sum::<f64>() + STRENGTH * before) / all;
    let around = |log: f64| (log - mean) * (log - mean);
    let squares = logs.iter().map(|(log, weight)| around(*log) * weight).sum::<f64>()
        + STRENGTH * (sigma * sigma + around(before));
    (libm::exp(mean), libm::sqrt(squares / all))
}

/// The temperature with the best log score on countries that were left out; the lowest of equals.
fn temperature(rows: &[&Row]) -> f64 {
    let weighed = left_out(rows);
    let at = |step: u32| 1.0 + f64::from(step) * TEMPERATURE_STEP;
    let score = |temperature: f64| {
        let forecasts: Vec<Forecast> = weighed
            .iter()
            .map(|weighed| Forecast {
                probabilities: posterior(weighed.prior, weighed.weights, temperature),
                truth: weighed.truth,
            })
            .collect();
        log_score(&forecasts)
    };
    (0..=TEMPERATURES)
        .map(|step| (score(at(step)), at(step)))
        .reduce(|best, next| if next.0 < best.0 { next } else { best })
        .map_or(1.0, |(_, temperature)| temperature)
}

/// A row as a model weighs it that did not see its country.
struct LeftOut {
    truth: Cause,
    prior: [f64; 6],
    weights: [f64; 6],
}

fn left_out(rows: &[&Row]) -> Vec<LeftOut> {
    let mut countries: Vec<&str> =
        rows.iter().filter(|row| row.truth.is_some()).map(|row| row.country.as_str()).collect();
    countries.sort_unstable();
    countries.dedup();
    let mut weighed = Vec::new();
    for group in 0..GROUPS {
        let in_group = |row: &Row| {
            countries.binary_search(&&*row.country).is_ok_and(|index| index % GROUPS == group)
        };
        let others: Vec<&Row> = rows.iter().copied().filter(|row| !in_group(row)).collect();
        let fit = shares(&others);
        for row in rows.iter().filter(|row| in_group(row)) {
            let Some(truth) = row.truth else { continue };
            let as_of = row.case.outage.from.first_bad;
            let evidence = evidence::gather(&Scene { case: &row.case, fit: &fit, as_of });
            weighed.push(LeftOut {
                truth,
                prior: prior::prior(&fit, row.case.priors.as_ref()),
                weights: evidence::total(evidence.iter()),
            });
        }
    }
    weighed
}
