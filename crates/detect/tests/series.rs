//! What must hold for any series: scale, gaps, order, tiny networks, waves, live and replay.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails must stop the test"
)]

use falter_detect::{Engine, Plan};
use falter_model::{
    Basis, Outage, Reading, ReadingKind, SeriesNumber, Shape, SignalId, SignalSpec, Span, State,
    Step, Timestamp, Unit,
};
use proptest::prelude::*;

const MINUTE: Span = Span::from_minutes(1);

fn minute(n: i64) -> Timestamp {
    Timestamp::from_seconds(1_600_000_200 + 60 * n)
}

fn spec_of(signal: &SignalId) -> Option<SignalSpec> {
    let (unit, shape) = match signal.as_str() {
        "bgp.visible-prefixes" => (Unit::Prefixes, Shape::Count),
        "bgp.visible-blocks" => (Unit::Blocks, Shape::Count),
        "ping.loss" => (Unit::Share, Shape::Badness),
        "bgp.updates" => (Unit::Events, Shape::Context),
        _ => return None,
    };
    let step = Step::FIVE_MINUTES;
    Some(SignalSpec { id: "", title: "", about: "", unit, shape, step })
}

fn engine() -> Engine {
    Engine::new(Plan { spec_of, ..Plan::default() })
}

fn reading(
    entity: &str,
    signal: &str,
    at: Timestamp,
    value: Option<f64>,
    kind: ReadingKind,
) -> Reading {
    let entity = entity.parse().unwrap();
    Reading { entity, signal: signal.into(), at, value, n: Some(4.0), kind, number: None }
}

/// Five-minute bins of a count: `value` at each bin's end, `None` where not measured.
fn bins(signal: &str, n: i64, value: impl Fn(i64) -> Option<f64>) -> Vec<Reading> {
    let kind = ReadingKind::Bin(Step::FIVE_MINUTES);
    (0..n).map(|i| reading("network/kp", signal, minute(5 * i), value(i), kind)).collect()
}

fn detect(readings: &[Reading]) -> Vec<Outage> {
    let mut engine = engine();
    for reading in readings {
        engine.reading(reading);
    }
    engine.finish(readings.iter().map(Reading::known_at).max().unwrap())
}

fn only(outages: &[Outage]) -> &Outage {
    let [outage] = outages else { panic!("expected one outage, found {outages:#?}") };
    outage
}

const PREFIXES: &str = "bgp.visible-prefixes";
const DAY: i64 = 288;

#[test]
fn a_change_gives_onset_and_end_to_the_second() {
    let mut readings = bins(PREFIXES, DAY, |_| Some(4.0));
    let within = Span::from_seconds(60);
    let change = |seconds: i64, value| {
        let at = minute(5 * DAY) + Span::from_seconds(seconds);
        reading("network/kp", PREFIXES, at, Some(value), ReadingKind::Change { within })
    };
    readings.extend([change(7, 3.0), change(9, 0.0), change(4000, 2.0), change(4003, 4.0)]);
    let outages = detect(&readings);
    let outage = only(&outages);
    assert_eq!(outage.state, State::Complete);
    assert_eq!(outage.from.first_bad, minute(5 * DAY) + Span::from_seconds(7));
    assert_eq!(outage.from.last_good, Some(minute(5 * DAY)));
    let end = outage.until.unwrap();
    assert_eq!(end.first_good, minute(5 * DAY) + Span::from_seconds(4003));
    assert_eq!(end.last_bad, minute(5 * DAY) + Span::from_seconds(4000));
    let lost = outage.lost_share.unwrap();
    assert_eq!((lost.basis, lost.n), (Basis::Prefixes, Some(4)));
    assert_eq!(outage.id.to_string(), format!("kp-{}", outage.from.first_bad.compact()));
}

#[test]
fn one_of_four_prefixes_is_a_quarter() {
    let outages = detect(&bins(PREFIXES, 2 * DAY, |i| Some(if i < DAY { 4.0 } else { 3.0 })));
    let outage = only(&outages);
    assert_eq!(outage.state, State::Partial);
    assert!((outage.lost_share.unwrap().value.get() - 0.25).abs() < 1e-9);
    assert_eq!(outage.until, None);
}

#[test]
fn silence_of_a_sparse_series_is_no_change() {
    let mut readings = bins(PREFIXES, DAY, |_| Some(4.0));
    let kind = ReadingKind::Bin(Step::FIVE_MINUTES);
    // Nothing is told for a week while nothing changes.
    readings.push(reading("network/kp", PREFIXES, minute(5 * DAY * 8), Some(0.0), kind));
    readings.push(reading("network/kp", PREFIXES, minute(5 * DAY * 9), Some(4.0), kind));
    let outages = detect(&readings);
    assert_eq!(only(&outages).state, State::Complete);
    assert_eq!(only(&outages).states.len(), 1);
}

#[test]
fn a_gap_is_never_an_outage() {
    let gap = |i: i64| if (DAY..DAY + 50).contains(&i) { None } else { Some(4.0) };
    assert!(detect(&bins(PREFIXES, 2 * DAY, gap)).is_empty());
    let missing: Vec<Reading> = bins("some.prefixes", 2 * DAY, |_| Some(4.0))
        .into_iter()
        .filter(|reading| !(minute(5 * DAY)..minute(5 * DAY + 400)).contains(&reading.at))
        .collect();
    assert!(detect(&missing).is_empty());
}

#[test]
fn an_outage_that_goes_blind_stays_open_until_it_is_seen_again() {
    let value = |i: i64| match i - DAY {
        ..0 | 60.. => Some(4.0),
        0..12 => Some(0.0),
        12..60 => None,
    };
    let outages = detect(&bins(PREFIXES, 2 * DAY, value));
    let outage = only(&outages);
    let states: Vec<State> = outage.states.iter().map(|span| span.state).collect();
    assert_eq!(states, [State::Complete, State::Blind]);
    let end = outage.until.unwrap();
    // A bin's count is that of its end.
    assert_eq!(end.last_bad, minute(5 * (DAY + 12)));
    assert_eq!(end.first_good, minute(5 * (DAY + 61)));
}

#[test]
fn flapping_is_intermittent() {
    // Down for five of every twenty minutes, for three hours.
    let value = |i: i64| {
        let flaps = (DAY..DAY + 36).contains(&i) && i % 4 == 0;
        Some(if flaps { 0.0 } else { 4.0 })
    };
    let outages = detect(&bins(PREFIXES, 2 * DAY, value));
    assert_eq!(only(&outages).state, State::Intermittent);
}

#[test]
fn nightly_shutdowns_are_many_outages_of_one_family() {
    let value = |i: i64| Some(if i > DAY && i % DAY < 60 { 0.0 } else { 4.0 });
    let outages = detect(&bins(PREFIXES, 8 * DAY, value));
    assert_eq!(outages.len(), 7);
    assert!(outages.iter().all(|outage| outage.family == outages[0].id));
    assert!(outages.iter().all(|outage| outage.state == State::Complete));
}

#[test]
fn waves_within_half_an_hour_are_one_outage() {
    let value = |i: i64| Some(if (DAY..DAY + 40).contains(&i) && i % 10 < 6 { 0.0 } else { 4.0 });
    let outages = detect(&bins(PREFIXES, 2 * DAY, value));
    assert_eq!(only(&outages).state, State::Complete);
}

#[test]
fn a_loss_that_stays_becomes_normal_and_a_complete_one_does_not() {
    let stays = |left: f64| move |i: i64| Some(if i < 2 * DAY { 100.0 } else { left });
    let outages = detect(&bins(PREFIXES, 15 * DAY, stays(70.0)));
    assert!(only(&outages).until.is_some());
    let outages = detect(&bins(PREFIXES, 40 * DAY, stays(0.0)));
    assert!(only(&outages).until.is_none());
}

#[test]
fn loss_of_packets_alone_is_degraded_if_it_lasts() {
    let lossy = |bins_long: i64| {
        move |i: i64| Some(if (DAY..DAY + bins_long).contains(&i) { 0.9 } else { 0.01 })
    };
    let outages = detect(&bins("ping.loss", 2 * DAY, lossy(12)));
    assert_eq!(only(&outages).state, State::Degraded);
    assert_eq!(only(&outages).lost_share, None);
    assert!(detect(&bins("ping.loss", 2 * DAY, lossy(2))).is_empty());
}

#[test]
fn what_only_explains_never_alarms() {
    assert!(
        detect(&bins("bgp.updates", 2 * DAY, |i| Some(if i < DAY { 4.0 } else { 0.0 }))).is_empty()
    );
}

#[test]
fn an_as_that_falls_alone_is_an_outage_of_its_own() {
    let kind = ReadingKind::Bin(Step::FIVE_MINUTES);
    let mut readings = Vec::new();
    for i in 0..2 * DAY {
        let own = if i < DAY { 4.0 } else { 0.0 };
        readings.push(reading("asn/AS1", PREFIXES, minute(5 * i), Some(own), kind));
        readings.push(reading("network/kp", PREFIXES, minute(5 * i), Some(996.0 + own), kind));
    }
    let outages = detect(&readings);
    assert_eq!(only(&outages).entity.to_string(), "asn/AS1");
}

/// Values of 4 prefixes in random runs after two quiet days: up, some lost, all lost, not measured.
/// A day of bins of so many ASes, of which each has two prefixes or none, bin by bin.
fn of_many(ases: u32, falls: impl Fn(u32, i64) -> bool) -> Vec<Vec<Reading>> {
    let kind = ReadingKind::Bin(Step::FIVE_MINUTES);
    let bin = |i: i64| {
        let one = |asn: u32| {
            let value = if falls(asn, i) { 0.0 } else { 2.0 };
            reading(&format!("asn/AS{asn}"), PREFIXES, minute(5 * i), Some(value), kind)
        };
        (1..=ases).map(one).collect()
    };
    (0..DAY).map(bin).collect()
}

#[test]
fn many_at_once_are_as_one_by_one_with_and_without_numbers() {
    let day = of_many(2_500, |asn, bin| asn % 400 == 7 && (100..120).contains(&bin));
    let (mut single, mut together, mut numbered) = (engine(), engine(), engine());
    for mut bin in day {
        for reading in &bin {
            single.reading(reading);
        }
        together.readings(&bin);
        for (number, reading) in (0..).zip(bin.iter_mut().rev()) {
            reading.number = Some(SeriesNumber(number));
        }
        numbered.readings(&bin);
        let news = single.changed();
        assert_eq!(together.changed(), news);
        assert_eq!(numbered.changed(), news);
    }
    let until = minute(5 * DAY);
    let (outages, seen) = (single.finish(until), single.signals_seen());
    assert_eq!(outages.len(), 7);
    assert_eq!((together.finish(until), together.signals_seen()), (outages.clone(), seen.clone()));
    assert_eq!((numbered.finish(until), numbered.signals_seen()), (outages, seen));
}

fn runs() -> impl Strategy<Value = Vec<Option<f64>>> {
    let run = (prop_oneof![Just(None), (0_u8..=4).prop_map(|n| Some(f64::from(n)))], 1..40_usize);
    prop::collection::vec(run, 1..12).prop_map(|runs| {
        let quiet = std::iter::repeat_n(Some(4.0), 576);
        quiet.chain(runs.into_iter().flat_map(|(value, n)| std::iter::repeat_n(value, n))).collect()
    })
}

fn of_values(signal: &str, values: &[Option<f64>], factor: f64) -> Vec<Reading> {
    let n = i64::try_from(values.len()).unwrap();
    bins(signal, n, |i| values[usize::try_from(i).unwrap()].map(|value| value * factor))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Told live at every reading or at the end: the same outages.
    #[test]
    fn live_and_replay_agree(values in runs()) {
        let readings = of_values(PREFIXES, &values, 1.0);
        let mut live = engine();
        let mut told: Vec<Outage> = Vec::new();
        for reading in &readings {
            live.reading(reading);
            live.advance(reading.known_at() + MINUTE);
            told.extend(live.changed());
        }
        let until = readings.last().unwrap().known_at() + MINUTE;
        let at_end = live.finish(until);
        let mut replay = engine();
        for reading in &readings {
            replay.reading(reading);
        }
        prop_assert_eq!(&replay.finish(until), &at_end);
        // Whatever was told kept its id to the end.
        for outage in told {
            prop_assert!(at_end.iter().any(|other| other.id == outage.id));
        }
    }

    /// The same share of more prefixes gives the same brackets and states.
    #[test]
    fn scale_changes_nothing(values in runs(), factor in 1_u8..5) {
        let small = detect(&of_values(PREFIXES, &values, 1.0));
        let large = detect(&of_values(PREFIXES, &values, f64::from(factor)));
        prop_assert_eq!(small.len(), large.len());
        for (a, b) in small.iter().zip(&large) {
            prop_assert_eq!((a.from, a.until, a.state), (b.from, b.until, b.state));
            prop_assert_eq!(&a.states, &b.states);
        }
    }

    /// Values that are not measured never begin an outage, nor end one.
    #[test]
    fn taking_values_away_begins_nothing(values in runs()) {
        let holes: Vec<Option<f64>> =
            values.iter().map(|value| value.filter(|value| *value >= 4.0)).collect();
        prop_assert!(detect(&of_values(PREFIXES, &holes, 1.0)).is_empty());
    }

    /// Series may be interleaved in any way.
    #[test]
    fn the_order_of_series_changes_nothing(a in runs(), b in runs()) {
        let a = of_values(PREFIXES, &a, 1.0);
        let b = of_values("bgp.visible-blocks", &b, 1.0);
        let until = a.iter().chain(&b).map(Reading::known_at).max().unwrap();
        let give = |readings: &[&[Reading]]| {
            let mut engine = engine();
            for reading in readings.iter().copied().flatten() {
                engine.reading(reading);
            }
            engine.finish(until)
        };
        prop_assert_eq!(give(&[&a, &b]), give(&[&b, &a]));
    }

    /// States lie within the outage and follow each other.
    #[test]
    fn states_are_in_order(values in runs()) {
        for outage in detect(&of_values(PREFIXES, &values, 1.0)) {
            let mut last = outage.from.first_bad;
            for span in &outage.states {
                prop_assert!(span.from >= last);
                last = span.until.unwrap_or(span.from);
            }
            if let Some(end) = outage.until {
                prop_assert!(last <= end.first_good);
                prop_assert!(end.last_bad <= end.first_good);
            }
        }
    }
}
