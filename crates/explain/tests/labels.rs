//! The table of labelled outages: read as dirty as it is, fitted, scored.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]
#![expect(clippy::print_stdout, reason = "a skipped test must say so")]

use std::path::PathBuf;

use falter_explain::Fit;
use falter_explain::labels::{LabelsError, ScoreOptions, fit, read, score};
use falter_model::Cause;
use proptest::prelude::*;
use proptest::test_runner::Config;

const HEADER: &str = "ID,Begin time,End time,Country,IODA BGP visible by human,IODA AP visible by \
                      human,IODA IBR visible by human,Scope (of it),Region,AS,Cause\n";

/// A file of the shared data; `None`, told on stdout, where the folder is missing.
fn shared_data(file: &str) -> Option<String> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if folder.is_dir() {
        return Some(std::fs::read_to_string(folder.join(file)).unwrap());
    }
    assert!(std::env::var_os("FALTER_REQUIRE_DATA").is_none(), "no {}", folder.display());
    println!("skipped: no ../shared/data");
    None
}

fn labels() -> Option<String> {
    shared_data("labels/ioda-investigated-outages-to-2020-06.csv")
}

#[test]
fn the_built_in_fit_is_what_the_command_in_it_prints() {
    let Some(labels) = labels() else { return };
    assert_eq!(fit(&labels).unwrap().to_toml(), Fit::built_in_text());
}

#[test]
fn every_row_with_a_cause_is_scored_and_every_other_is_told() {
    let Some(labels) = labels() else { return };
    let score = score(&labels, Fit::built_in(), ScoreOptions::default()).unwrap();
    assert_eq!(score.rows, 1084);
    assert!(score.scored >= 142, "{}", score.scored);
    assert_eq!(score.scored + score.skipped.len(), score.rows);
    let lines: Vec<&str> = labels.lines().collect();
    for row in &score.rows_scored {
        let line = lines[usize::try_from(row.line).unwrap() - 1];
        assert_eq!(line.contains("Cable-Cut"), row.truth == Cause::Link, "{line}");
    }
    assert!(score.skipped.iter().all(|skipped| !skipped.why.is_empty()));
}

#[test]
fn evidence_beats_the_prior_on_countries_that_were_left_out() {
    let Some(labels) = labels() else { return };
    let options = ScoreOptions { folds_country: true };
    let score = score(&labels, Fit::built_in(), options).unwrap();
    // Measured when this was written: Brier 0.478 against 0.711, log score 0.99 against 1.44,
    // calibration error 0.05 against a bar of 0.10, 95 % of decided ones right.
    assert!(score.brier.get() < score.prior_only.brier.get() - 0.15, "{:?}", score.brier);
    assert!(
        score.log_score.get() < score.prior_only.log_score.get() - 0.3,
        "{:?}",
        score.log_score
    );
    assert!(score.ece <= score.ece_bar, "{:?} {:?}", score.ece, score.ece_bar);
    assert!(score.decided.get() > 0.3, "{:?}", score.decided);
    assert!(score.accuracy_decided.unwrap().get() > 0.9, "{:?}", score.accuracy_decided);
}

#[test]
fn the_document_has_the_shape_that_others_rely_on() {
    let text = format!(
        "{HEADER}1,\"Sunday, June 9, 2019, 1:00:00 AM\",,Syria,True ,TRUE,NA,Country,,,Exams\n"
    );
    let score = score(&text, Fit::built_in(), ScoreOptions::default()).unwrap();
    let json = serde_json::to_value(&score).unwrap();
    let keys = [
        "rows",
        "scored",
        "skipped",
        "decided",
        "accuracy_decided",
        "top1",
        "brier",
        "log_score",
        "ece",
        "ece_bar",
        "by_cause",
        "by_country",
        "prior_only",
        "rows_scored",
    ];
    for key in keys {
        assert!(json.get(key).is_some(), "{key}");
    }
    assert_eq!(json["by_cause"]["shutdown"]["n"], 1);
    assert_eq!(json["rows_scored"][0]["line"], 2);
    assert_eq!(json["rows_scored"][0]["truth"], "shutdown");
    assert!(json["rows_scored"][0]["probabilities"]["overload"].is_number());
    assert!(json["accuracy_decided"].is_number() || json["accuracy_decided"].is_null());
}

#[test]
fn dirty_rows_are_read_or_told_with_their_line() {
    let text = format!(
        "{HEADER}\
         1,\"Saturday, June 9, 2018, 3:00:00 AM\",\"Wednesday, June 6, 2018, 8:00 AM\",Iraq,True ,\
         FALSE ,NA,\"Region (Al,\n Anbar)\",,,Exams\r\n\
         2,some day,,Iraq,,,,Country,,,Exams\r\n\
         3,6/4/2020  20:50:00 PM,6/4/2020  22:0:00 PM,Nowhere\r\n"
    );
    let table = read(&text).unwrap();
    assert_eq!(table.skipped.len(), 1);
    assert_eq!(table.skipped[0].line, 4, "the quoted line break counts");
    assert!(table.skipped[0].why.contains("some day"));
    let [iraq, nowhere] = table.rows.as_slice() else { panic!("{:?}", table.rows) };
    assert_eq!((iraq.line, nowhere.line), (2, 5));
    assert_eq!(iraq.truth, Some(Cause::Shutdown));
    assert_eq!(iraq.case.outage.until, None, "it ended before it began");
    assert_eq!(iraq.case.layers.routes, Some(true));
    assert_eq!(iraq.case.layers.hosts, Some(false));
    assert_eq!(iraq.case.layers.traffic, None);
    assert_eq!(nowhere.case.time_zone, None);
    assert!(nowhere.case.outage.until.is_some());
}

#[test]
fn recurrence_looks_at_earlier_outages_of_the_same_place_only() {
    let row = |day: u32, scope: &str| {
        format!("1,\"Sunday, June {day}, 2019, 1:00:00 AM\",,Syria,,,,{scope},,,Exams\n")
    };
    let text = format!("{HEADER}{}{}{}", row(11, "Country"), row(9, "Country"), row(10, "AS (7)"));
    let table = read(&text).unwrap();
    let past: Vec<usize> = table.rows.iter().map(|row| row.case.past.len()).collect();
    assert_eq!(past, [1, 0, 0]);
}

#[test]
fn another_table_is_told_by_its_header() {
    let error = read("a,b,c\n1,2,3\n").unwrap_err();
    assert!(matches!(error, LabelsError::Column { column: "begin", .. }), "{error}");
}

#[test]
fn no_rows_are_no_reason_to_panic() {
    let score = score(HEADER, Fit::built_in(), ScoreOptions { folds_country: true }).unwrap();
    assert_eq!((score.rows, score.scored), (0, 0));
    assert_eq!(score.accuracy_decided, None);
    assert_eq!(fit(HEADER).unwrap().to_toml(), Fit::literature().to_toml());
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn any_text_is_read_or_told(text in "[ -~\n\r]{0,400}", rows in "([0-9:/, AMPjune\"]{0,60},){0,12}\n") {
        for text in [text.clone(), format!("{HEADER}{text}"), format!("{HEADER}{rows}")] {
            if let Ok(table) = read(&text) {
                prop_assert!(table.rows.iter().all(|row| row.line >= 1));
                prop_assert!(score(&text, Fit::built_in(), ScoreOptions::default()).is_ok());
            }
        }
    }
}
