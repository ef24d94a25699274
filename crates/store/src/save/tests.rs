use std::fs;
use std::time::Duration;

use falter_model::{Cause, OutageId, Series, SignalId, Span, Step, Timestamp};
use proptest::prelude::*;

use crate::sample::{self, at, blind, entity, input, outage, series};
use crate::{OutageFilter, Replay, Store, StoreError};

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    (dir, store)
}

#[test]
fn what_was_saved_is_what_is_read() {
    let (dir, mut store) = store();
    let second = outage("network/ug", at("2021-01-20T16:00Z"), Cause::Power);
    let first = outage("asn/AS36977", at("2021-01-13T16:00Z"), Cause::Shutdown);
    let outages = [second.clone(), first.clone()];
    let values = [series("network/ug", at("2021-01-13T23:50Z"), &[Some(4.0), None, Some(3.0)])];
    let silent = [blind("network/ug", at("2021-01-13T23:00Z"), at("2021-01-13T23:10Z"))];
    let inputs = [input("one"), input("two")];
    let replay = Replay { series: &values, blind: &silent, ..sample::replay(&inputs, &outages) };
    store.save(&replay).unwrap();
    drop(store);
    let store = Store::open_existing(dir.path()).unwrap();
    assert_eq!(sample::outages(&store), [first.clone(), second.clone()]);
    let ug = entity("network/ug");
    let (from, until) = (Timestamp::MIN, Timestamp::MAX);
    assert_eq!(store.series(&ug, from, until).unwrap(), values);
    assert_eq!(store.series_of(&ug, &values[0].signal, from, until).unwrap(), values);
    assert_eq!(store.series_of(&ug, &SignalId::from("x"), from, until).unwrap(), []);
    assert_eq!(store.blind(&ug, from, until).unwrap(), silent);
    assert_eq!(store.verdicts(&first.id).unwrap()[0].verdict, first.verdict.unwrap());
    let origin = store.origin(&second.id).unwrap();
    assert_eq!((origin.network.as_deref(), origin.fit_digest.as_str()), (Some("ug"), "f"));
    assert_eq!(origin.inputs, inputs);
}

#[test]
fn a_series_is_cut_to_the_time_asked_for() {
    let (_dir, mut store) = store();
    let values =
        [series("network/ug", at("2021-01-13T23:50Z"), &[Some(1.0), Some(2.0), Some(3.0)])];
    store.save(&Replay { series: &values, ..sample::replay(&[], &[]) }).unwrap();
    let ug = entity("network/ug");
    let found = store.series(&ug, at("2021-01-13T23:55Z"), at("2021-01-14T00:00Z")).unwrap();
    assert_eq!(found[0].points, [(at("2021-01-13T23:55Z"), Some(2.0))]);
    assert_eq!(store.series(&ug, at("2022-01-01T00:00Z"), Timestamp::MAX).unwrap(), []);
}

#[test]
fn to_save_again_changes_nothing() {
    let (_dir, mut store) = store();
    let outages = [outage("network/ug", at("2021-01-13T16:00Z"), Cause::Shutdown)];
    let values = [series("network/ug", at("2021-01-13T23:50Z"), &[Some(4.0), None, Some(3.0)])];
    let silent = [blind("network/ug", at("2021-01-13T23:00Z"), at("2021-01-13T23:10Z"))];
    let (one_way, other_way) = ([input("a"), input("b")], [input("b"), input("a")]);
    let replay = Replay { series: &values, blind: &silent, ..sample::replay(&one_way, &outages) };
    store.save(&replay).unwrap();
    let before = store.connection.total_changes();
    store.save(&replay).unwrap();
    store.save(&Replay { inputs: &other_way, ..replay }).unwrap();
    assert_eq!(store.connection.total_changes(), before);
}

#[test]
fn a_changed_verdict_gets_a_row_and_the_id_stays() {
    let (_dir, mut store) = store();
    let from = at("2021-01-13T16:00Z");
    for cause in [Cause::Link, Cause::Link, Cause::Shutdown, Cause::Link] {
        store.save(&sample::replay(&[], &[outage("network/ug", from, cause)])).unwrap();
    }
    let kept = sample::outages(&store);
    assert_eq!(kept, [outage("network/ug", from, Cause::Link)]);
    let history: Vec<_> =
        store.verdicts(&kept[0].id).unwrap().into_iter().map(|kept| kept.verdict.cause).collect();
    let call = falter_model::Call::Decided;
    assert_eq!(history, [call(Cause::Link), call(Cause::Shutdown), call(Cause::Link)]);
}

#[test]
fn an_outage_is_found_by_the_beginning_of_its_id() {
    let (_dir, mut store) = store();
    let mut outages = [
        outage("network/ug", at("2021-01-13T16:00Z"), Cause::Shutdown),
        outage("network/ug", at("2021-01-14T16:00Z"), Cause::Shutdown),
        outage("network/kp", at("2021-01-14T16:00Z"), Cause::Power),
    ];
    // An id that another one goes on from.
    outages[2].id = OutageId("ug-20210113T160000Z-b".to_owned());
    store.save(&sample::replay(&[], &outages)).unwrap();
    assert_eq!(store.outage("ug-20210114").unwrap(), outages[1]);
    assert_eq!(store.outage("ug-20210113T160000Z").unwrap(), outages[0]);
    let error = store.outage("ug-2021").unwrap_err();
    assert!(matches!(error, StoreError::Ambiguous { count: 3, .. }), "{error}");
    for nothing in ["", "UG", "ug-20210115", "%", "ug_"] {
        let error = store.outage(nothing).unwrap_err();
        assert!(matches!(error, StoreError::NoSuchOutage { .. }), "{nothing}: {error}");
    }
}

#[test]
fn a_filter_lets_through_what_overlaps() {
    let (_dir, mut store) = store();
    let from = at("2021-01-13T16:00Z");
    let mut outages = [
        outage("network/ug", from, Cause::Shutdown),
        outage("network/kp", from + Span::from_days(1), Cause::Power),
    ];
    outages[1].until = None;
    store.save(&sample::replay(&[], &outages)).unwrap();
    let found = |filter: OutageFilter| -> Vec<String> {
        store.outages(&filter).unwrap().into_iter().map(|kept| kept.outage.id.0).collect()
    };
    let [ug, kp] = outages.map(|outage| outage.id.0);
    let all = OutageFilter::default();
    assert_eq!(found(all.clone()), [ug.clone(), kp.clone()]);
    assert_eq!(
        found(OutageFilter { entity: Some(entity("network/kp")), ..all.clone() }),
        [kp.as_str()]
    );
    let ended = from + Span::from_hours(3);
    assert_eq!(found(OutageFilter { from: Some(ended), ..all.clone() }), [kp.as_str()]);
    assert_eq!(found(OutageFilter { until: Some(ended), ..all.clone() }), [ug.as_str()]);
    assert_eq!(found(OutageFilter { family: Some(OutageId(kp.clone())), ..all }), [kp]);
}

#[test]
fn a_later_replay_speaks_for_its_own_time_only() {
    let (_dir, mut store) = store();
    let from = at("2021-01-13T00:00Z");
    let ug = entity("network/ug");
    let mut keep = |values: Series| {
        let values = [values];
        store.save(&Replay { series: &values, ..sample::replay(&[], &[]) }).unwrap();
        store.series(&ug, Timestamp::MIN, Timestamp::MAX).unwrap().remove(0).points
    };
    let minutes = |n| from + Span::from_minutes(n);
    keep(series("network/ug", from, &[Some(1.0), Some(2.0), Some(3.0), Some(4.0)]));
    let points = keep(series("network/ug", minutes(5), &[Some(9.0), None]));
    assert_eq!(
        points,
        [(from, Some(1.0)), (minutes(5), Some(9.0)), (minutes(10), None), (minutes(15), Some(4.0))]
    );
}

#[test]
fn what_can_be_seen_now_is_not_blind_any_more() {
    let (_dir, mut store) = store();
    let values = [series("network/ug", at("2021-01-13T00:00Z"), &[Some(1.0)])];
    let silent = [
        blind("network/ug", at("2021-01-13T01:00Z"), at("2021-01-13T02:00Z")),
        blind("network/kp", at("2021-01-13T01:00Z"), at("2021-01-13T02:00Z")),
        blind("network/ug", at("2020-01-13T01:00Z"), at("2020-01-13T02:00Z")),
    ];
    store.save(&Replay { blind: &silent, ..sample::replay(&[], &[]) }).unwrap();
    store.save(&Replay { series: &values, ..sample::replay(&[], &[]) }).unwrap();
    let blind = |name| store.blind(&entity(name), Timestamp::MIN, Timestamp::MAX).unwrap();
    assert_eq!(blind("network/kp"), silent[1..2]);
    assert_eq!(blind("network/ug"), silent[2..]);
}

#[test]
fn a_re_enactment_is_kept_as_one() {
    let (_dir, mut store) = store();
    let outages = [outage("network/kp", at("2022-01-25T21:00Z"), Cause::Overload)];
    let replay =
        Replay { synthetic: true, time_scale: Some(60.0), ..sample::replay(&[], &outages) };
    store.save(&replay).unwrap();
    let origin = store.origin(&outages[0].id).unwrap();
    assert_eq!((origin.synthetic, origin.time_scale), (Some(true), Some(60.0)));
    assert_eq!(store.outages(&OutageFilter::default()).unwrap()[0].synthetic, Some(true));
}

#[test]
fn measurements_and_re_enactments_of_an_entity_never_meet() {
    let moment = at("2022-01-25T21:00Z");
    let outages = [outage("network/kp", moment, Cause::Overload)];
    let values = [series("network/kp", moment, &[Some(1.0)])];
    let silent = [blind("network/kp", moment, moment + Span::from_hours(1))];
    let none = sample::replay(&[], &[]);
    let kinds = [
        Replay { outages: &outages, ..none },
        Replay { series: &values, ..none },
        Replay { blind: &silent, ..none },
    ];
    for (first, second) in kinds.into_iter().flat_map(|one| kinds.map(|other| (one, other))) {
        for synthetic in [false, true] {
            let (_dir, mut store) = store();
            store.save(&Replay { synthetic, ..first }).unwrap();
            let error = store.save(&Replay { synthetic: !synthetic, ..second }).unwrap_err();
            assert!(matches!(&error, StoreError::Mixed { entity, .. } if entity == "network/kp"));
            assert_eq!(store.replays().unwrap().len(), 1);
            store.save(&Replay { synthetic, ..second }).unwrap();
        }
    }
    // Of different entities they may.
    let (_dir, mut store) = store();
    let other = [outage("network/ug", moment, Cause::Shutdown)];
    store.save(&Replay { synthetic: true, ..sample::replay(&[], &outages) }).unwrap();
    store.save(&sample::replay(&[], &other)).unwrap();
    let told: Vec<_> = store.outages(&OutageFilter::default()).unwrap();
    assert_eq!(
        told.iter().map(|kept| kept.synthetic).collect::<Vec<_>>(),
        [Some(true), Some(false)]
    );
}

#[test]
fn a_full_disk_leaves_what_stood_before() {
    let (dir, mut store) = store();
    let first = [outage("network/ug", at("2021-01-13T16:00Z"), Cause::Shutdown)];
    store.save(&sample::replay(&[], &first)).unwrap();
    let pages: i64 = store.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    store.connection.pragma_update(None, "max_page_count", pages + 2).unwrap();
    let many: Vec<_> = (0..50)
        .map(|day| {
            outage("network/kp", at("2022-01-01T00:00Z") + Span::from_days(day), Cause::Power)
        })
        .collect();
    let other = [input("other")];
    let error = store.save(&sample::replay(&other, &many)).unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert_eq!(sample::outages(&store), first);
    assert_eq!(store.replays().unwrap().len(), 1);
    // It goes on when there is room again, and so does another process.
    store.connection.pragma_update(None, "max_page_count", 1_000_000).unwrap();
    store.save(&sample::replay(&other, &many)).unwrap();
    assert_eq!(sample::outages(&Store::open_existing(dir.path()).unwrap()).len(), 51);
}

#[test]
fn a_store_in_use_is_told() {
    let (dir, other) = store();
    let mut store = Store::open(dir.path()).unwrap();
    store.connection.busy_timeout(Duration::ZERO).unwrap();
    other.connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.save(&sample::replay(&[], &[])).unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }), "{error:?}");
    // Who only looks does not wait.
    assert_eq!(sample::outages(&Store::open_existing(dir.path()).unwrap()), []);
    other.connection.execute_batch("ROLLBACK").unwrap();
    store.save(&sample::replay(&[], &[])).unwrap();
}

/// The files as a crash would leave them: with one save acknowledged, and amid another.
#[test]
fn a_crash_amid_a_save_keeps_what_was_acknowledged() {
    let (dir, mut store) = store();
    let first = [outage("network/ug", at("2021-01-13T16:00Z"), Cause::Shutdown)];
    store.save(&sample::replay(&[], &first)).unwrap();
    // A small cache makes SQLite write pages out before the commit.
    store.connection.pragma_update(None, "cache_size", 2).unwrap();
    let amid = store.connection.transaction().unwrap();
    amid.execute_batch("CREATE TABLE junk (text)").unwrap();
    for _ in 0..200 {
        amid.execute("INSERT INTO junk VALUES (?1)", ["x".repeat(2000)]).unwrap();
    }
    amid.execute("DELETE FROM outages WHERE id = 'none'", []).unwrap();
    let crashed = tempfile::tempdir().unwrap();
    for file in fs::read_dir(dir.path()).unwrap() {
        let file = file.unwrap();
        // The index of the log is shared memory and does not survive a power cut.
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            fs::copy(file.path(), crashed.path().join(file.file_name())).unwrap();
        }
    }
    drop(amid);
    let store = Store::open(crashed.path()).unwrap();
    assert_eq!(sample::outages(&store), first);
    let junk: i64 = store
        .connection
        .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'junk'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(junk, 0);
}

#[test]
fn times_that_do_not_rise_keep_nothing() {
    let (_dir, mut store) = store();
    let mut values = [series("network/ug", at("2021-01-13T00:00Z"), &[Some(1.0), Some(2.0)])];
    values[0].points.reverse();
    let outages = [outage("network/ug", at("2021-01-13T16:00Z"), Cause::Shutdown)];
    let replay = Replay { series: &values, ..sample::replay(&[], &outages) };
    assert!(matches!(store.save(&replay), Err(StoreError::Chunk { .. })));
    assert_eq!(sample::outages(&store), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_series_is_read_as_it_was_saved(
        times in proptest::collection::btree_set(-400_000_i64..400_000, 1..60),
        values in proptest::collection::vec(proptest::option::of(-1e9_f64..1e9), 60),
        step_s in 1_i64..100_000,
    ) {
        let points = times.into_iter().map(Timestamp::from_seconds).zip(values).collect();
        let step = Step::new(Span::from_seconds(step_s)).unwrap();
        let one = [Series { entity: entity("region/a b"), signal: SignalId::from("x"), step, points }];
        let (_dir, mut store) = store();
        store.save(&Replay { series: &one, ..sample::replay(&[], &[]) }).unwrap();
        let read = store.series(&one[0].entity, Timestamp::MIN, Timestamp::MAX).unwrap();
        prop_assert_eq!(read.as_slice(), one.as_slice());
    }
}

#[test]
fn a_watch_is_one_row_and_a_blind_time_that_grows_is_one() {
    let (dir, mut store) = store();
    let ug = entity("network/ug");
    let moment = |minute: i64| at("2021-01-13T16:00Z") + Span::from_minutes(minute);
    let watch = |store: &mut Store, told: &[(i64, i64, &str, &str)]| {
        let spells: Vec<_> = told
            .iter()
            .map(|(from, until, vantage, why)| falter_model::Blind {
                vantage: (*vantage).into(),
                why: (*why).into(),
                ..blind("network/ug", moment(*from), moment(*until))
            })
            .collect();
        let inputs = [input("")];
        let replay = sample::replay(&inputs, &[]);
        store.save(&Replay { from: None, until: None, blind: &spells, ..replay }).unwrap();
    };
    let kept = |store: &Store| -> Vec<(i64, i64, String)> {
        let all = store.blind(&ug, Timestamp::MIN, Timestamp::MAX).unwrap();
        let minutes = |at: Timestamp| (at - moment(0)).micros() / 60_000_000;
        all.iter()
            .map(|one| (minutes(one.from), minutes(one.until), format!("{}", one.vantage)))
            .collect()
    };
    watch(&mut store, &[(0, 5, "v", "silent"), (20, 30, "v", "silent")]);
    // It grew; another reason and another vantage point are other spells.
    watch(&mut store, &[(0, 9, "v", "silent"), (3, 8, "v", "clock"), (3, 8, "w", "silent")]);
    let (v, w) = ("v".to_owned(), "w".to_owned());
    let expected = [(0, 9, v.clone()), (3, 8, v.clone()), (3, 8, w.clone()), (20, 30, v.clone())];
    assert_eq!(kept(&store), expected);
    // After a restart it is told again, from where the watch began to read.
    drop(store);
    let mut store = Store::open(dir.path()).unwrap();
    watch(&mut store, &[(4, 9, "v", "silent")]);
    assert_eq!(kept(&store), expected);
    let before = store.connection.total_changes();
    watch(&mut store, &[(4, 9, "v", "silent"), (20, 30, "v", "silent")]);
    assert_eq!(store.connection.total_changes(), before);
    // What lies between two makes them one.
    watch(&mut store, &[(9, 20, "v", "silent")]);
    assert_eq!(kept(&store), [(0, 30, v.clone()), (3, 8, v), (3, 8, w)]);
    assert_eq!(store.replays().unwrap().len(), 1);
}

#[test]
fn old_series_go_and_outages_stay() {
    let (_dir, mut store) = store();
    let outages = [outage("network/ug", at("2021-01-13T16:00Z"), Cause::Shutdown)];
    let values = [
        series("network/ug", at("2021-01-13T23:50Z"), &[Some(4.0), None, Some(3.0), Some(2.0)]),
        series("asn/AS1", at("2021-01-12T00:00Z"), &[Some(1.0)]),
    ];
    store.save(&Replay { series: &values, ..sample::replay(&[], &outages) }).unwrap();
    let all =
        |store: &Store, name| store.series(&entity(name), Timestamp::MIN, Timestamp::MAX).unwrap();
    assert_eq!(store.prune_series(at("2021-01-12T23:59Z")).unwrap(), 0);
    assert_eq!(store.prune_series(at("2021-01-14T12:00Z")).unwrap(), 2);
    assert_eq!(all(&store, "asn/AS1"), []);
    assert_eq!(all(&store, "network/ug")[0].points, values[0].points[2..]);
    assert_eq!(sample::outages(&store), outages);
    // A series that went may come back.
    store.save(&Replay { series: &values, ..sample::replay(&[], &outages) }).unwrap();
    assert_eq!(all(&store, "asn/AS1"), values[1..]);
}
