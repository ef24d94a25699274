//! Real months of routing counts: Uganda's shutdown of January 2021, and two quiet months.
//!
//! The data is not part of the repository; without it the tests say so and pass, unless
//! `FALTER_REQUIRE_DATA=1`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails must stop the test, and a test that is skipped says so"
)]

use falter_detect::{Engine, Plan};
use falter_model::{Entity, Outage, Reading, State, Timestamp};

#[path = "../examples/power_curve/month.rs"]
mod month;

use month::{Form, Month};

const UGANDA: &str = "UG-2021-01.csv";
const BRITAIN: &str = "GB-2020-08-control.csv";
const TEXAS: &str = "US-TX-2021-01-baseline.csv";

/// A month of the shared data; `None` where it is missing, which is said.
fn shared_data(file: &str) -> Option<Month> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/visibility");
    if let Ok(text) = std::fs::read_to_string(format!("{folder}/{file}")) {
        return Some(Month::parse(&text));
    }
    assert!(std::env::var("FALTER_REQUIRE_DATA").as_deref() != Ok("1"), "no {folder}/{file}");
    println!("skipped: no ../shared/data");
    None
}

fn outages(readings: &[Reading]) -> Vec<Outage> {
    let mut engine = Engine::new(Plan::default());
    for reading in readings {
        engine.reading(reading);
    }
    let last = readings.iter().map(|reading| reading.at).max().unwrap();
    engine.finish(last)
}

fn national(outages: &[Outage]) -> Vec<&Outage> {
    outages.iter().filter(|outage| outage.entity.is_top()).collect()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn check_uganda(readings: &[Reading]) -> Outage {
    let outages = outages(readings);
    let [outage] = national(&outages)[..] else {
        panic!("expected one national outage, found {:#?}", national(&outages))
    };
    assert_eq!(outage.state, State::Partial);
    let last_good = outage.from.last_good.unwrap();
    assert!(last_good == time("2021-01-13T08:00Z") || last_good == time("2021-01-13T14:00Z"));
    assert!(outage.from.first_bad <= time("2021-01-13T20:00Z"));
    assert_eq!(outage.until.unwrap().first_good, time("2021-01-18T14:00Z"));
    let state_of = |asn: &str| {
        let entity: Entity = format!("asn/{asn}").parse().unwrap();
        outage.parts.iter().find(|part| part.entity == entity).map(|part| part.state)
    };
    for asn in ["AS327717", "AS328358", "AS36977"] {
        assert_eq!(state_of(asn), Some(State::Complete), "{asn}");
    }
    assert_eq!(state_of("AS20294"), None);
    outage.clone()
}

#[test]
fn uganda_is_one_partial_outage_with_its_parts() {
    let Some(month) = shared_data(UGANDA) else { return };
    let outage = check_uganda(&month.readings(&[Form::Prefixes, Form::Entries]));
    let lost = outage.lost_share.unwrap();
    // 543 or so of 566 prefixes before, 324 to 335 during.
    assert!((0.37..0.43).contains(&lost.value.get()), "{lost:?}");
}

#[test]
fn uganda_is_found_by_either_signal_alone() {
    let Some(month) = shared_data(UGANDA) else { return };
    check_uganda(&month.readings(&[Form::Prefixes]));
    let outage = check_uganda(&month.readings(&[Form::Entries]));
    // "About half of the entries gone" (the data's README).
    assert!((0.45..0.55).contains(&outage.lost_share.unwrap().value.get()));
}

#[test]
fn uganda_is_found_under_other_names_and_forms() {
    let Some(month) = shared_data(UGANDA) else { return };
    for forms in [
        &[Form::PrefixShare][..],
        &[Form::UnknownPrefixes],
        &[Form::UnknownShare],
        &[Form::UnknownAmount],
        &[Form::PrefixShare, Form::Entries],
    ] {
        check_uganda(&month.readings(forms));
    }
}

#[test]
fn quiet_months_have_no_national_outage() {
    for file in [BRITAIN, TEXAS] {
        let Some(month) = shared_data(file) else { return };
        let both = [Form::Prefixes, Form::Entries];
        let alone = Form::ALL.map(|form| [form]);
        for forms in alone.iter().map(|form| &form[..]).chain([&both[..]]) {
            let outages = outages(&month.readings(forms));
            assert!(national(&outages).is_empty(), "{file} {forms:?} {:#?}", national(&outages));
        }
    }
}

#[test]
fn a_quarter_lost_for_three_samples_is_found_anywhere() {
    for file in [BRITAIN, TEXAS] {
        let Some(month) = shared_data(file) else { return };
        for forms in [&[Form::Prefixes, Form::Entries][..], &[Form::Prefixes], &[Form::PrefixShare]]
        {
            let power = month.power(0.25, 3, forms, 100);
            assert!(power.found >= 95, "{file} {forms:?} {power:?}");
            assert_eq!(power.others, 0, "{file} {forms:?} {power:?}");
        }
    }
}

/// The country's values in time.
fn total(readings: &[Reading]) -> Vec<(Timestamp, f64)> {
    let national = readings.iter().filter(|reading| reading.entity.is_top());
    national.map(|reading| (reading.at, reading.value.unwrap())).collect()
}

/// What IODA publishes (IODA, docs/method.md): below 99 % of the median of the last 24 hours.
fn published_rule(counts: &[(Timestamp, f64)]) -> Vec<(Timestamp, bool)> {
    let day = falter_model::Span::from_days(1);
    let judge = |(i, (at, value)): (usize, &(Timestamp, f64))| {
        let mut window: Vec<f64> =
            counts[..i].iter().filter(|(then, _)| *then >= *at - day).map(|(_, v)| *v).collect();
        window.sort_by(f64::total_cmp);
        let median = window.get(window.len() / 2).copied();
        (*at, median.is_some_and(|median| *value < 0.99 * median))
    };
    counts.iter().enumerate().map(judge).collect()
}

#[test]
fn the_published_rule_fails_where_ours_does_not() {
    let Some(month) = shared_data(UGANDA) else { return };
    let judged = published_rule(&total(&month.readings(&[Form::Entries])));
    let onset = judged.iter().position(|(at, _)| *at == time("2021-01-13T20:00Z")).unwrap();
    assert!(judged[onset].1);
    let end = judged[onset..].iter().find(|(_, bad)| !bad).unwrap().0;
    // The outage teaches its median: the end is called days too early.
    assert!(end <= time("2021-01-14T20:00Z"), "{end}");

    let Some(month) = shared_data(BRITAIN) else { return };
    let judged = published_rule(&total(&month.readings(&[Form::Entries])));
    let alerts = judged.windows(2).filter(|pair| !pair[0].1 && pair[1].1).count();
    assert!(alerts >= 4, "{alerts}");
}
