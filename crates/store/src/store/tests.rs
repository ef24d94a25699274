use std::fs;

use super::*;
use crate::{OutageFilter, sample};
use falter_model::Cause;

/// The present schema and a step of the future.
fn future() -> Vec<&'static str> {
    let mut steps = STEPS.to_vec();
    steps.push("ALTER TABLE outages ADD COLUMN note TEXT; CREATE TABLE health (at_us INTEGER);");
    steps
}

fn read_write() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
}

fn user_version(path: &Path) -> i64 {
    let connection = Connection::open(path).unwrap();
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_folder_is_made_with_its_parents() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("a/b/c");
    assert_eq!(sample::outages(&Store::open(&deep).unwrap()), []);
    assert!(deep.join(FILE).is_file());
}

#[test]
fn to_look_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("none");
    assert!(matches!(Store::open_existing(&missing), Err(StoreError::Missing { .. })));
    assert!(!missing.exists());
    fs::write(dir.path().join(FILE), "").unwrap();
    assert!(matches!(Store::open_existing(dir.path()), Err(StoreError::Missing { .. })));
}

#[test]
fn a_store_opened_to_look_can_not_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let inputs = [sample::input("one")];
    Store::open(dir.path()).unwrap().save(&sample::replay(&inputs, &[])).unwrap();
    let mut store = Store::open_existing(dir.path()).unwrap();
    assert_eq!(store.replays().unwrap().len(), 1);
    let other = [sample::input("other")];
    let error = store.save(&sample::replay(&other, &[])).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
}

#[test]
fn a_file_in_the_place_of_the_folder_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = Store::open(&file).unwrap_err();
    assert!(matches!(&error, StoreError::Create { path, .. } if *path == file), "{error:?}");
    fs::create_dir_all(dir.path().join("store").join(FILE)).unwrap();
    let error = Store::open(&dir.path().join("store")).unwrap_err();
    assert!(matches!(error, StoreError::Open { .. }), "{error:?}");
}

/// As version 1 kept an outage: without the digests of its inputs, or whether it was measured.
#[test]
fn a_store_of_version_1_comes_forward_with_what_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE);
    let outage = sample::outage("network/ug", sample::at("2021-01-13T16:00Z"), Cause::Shutdown);
    {
        let store = Store::open_file(path.clone(), read_write(), &STEPS[..1]).unwrap();
        assert_eq!(user_version(&path), 1);
        let kept = store.connection.execute_batch(
            "INSERT INTO replays VALUES (1, x'00', 'ug', NULL, NULL, 'p', 'c', 'f'); \
             INSERT INTO inputs VALUES (1, 'old.gz', '', 0);",
        );
        kept.unwrap();
        let document = serde_json::to_string(&outage).unwrap();
        let row = "INSERT INTO outages VALUES (?1, ?1, 'network/ug', 0, NULL, '', '', 0, ?2, 1)";
        store.connection.execute(row, [&outage.id.0, &document]).unwrap();
    }
    let mut store = Store::open_existing(dir.path()).unwrap();
    assert_eq!(user_version(&path), schema::newest(STEPS));
    let told = |store: &Store| {
        let kept = store.outages(&OutageFilter::default()).unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].outage, outage);
        let origin = store.origin(&outage.id).unwrap();
        assert_eq!(origin.synthetic, kept[0].synthetic);
        (origin.synthetic, origin.inputs[0].digest.clone())
    };
    assert_eq!(told(&store), (None, String::new()));
    // Saved again it is told, though the outage is the same.
    let inputs = [sample::input("abc")];
    store.save(&sample::replay(&inputs, std::slice::from_ref(&outage))).unwrap();
    assert_eq!(told(&store), (Some(false), "abc".to_owned()));
}

#[test]
fn an_old_store_comes_forward_with_what_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let outages = [sample::outage("network/ug", sample::at("2021-01-13T16:00Z"), Cause::Shutdown)];
    Store::open(dir.path()).unwrap().save(&sample::replay(&[], &outages)).unwrap();
    let path = dir.path().join(FILE);
    for _ in 0..2 {
        let store = Store::open_file(path.clone(), read_write(), &future()).unwrap();
        assert_eq!(sample::outages(&store), outages);
        assert_eq!(user_version(&path), schema::newest(STEPS) + 1);
    }
}

#[test]
fn a_step_that_fails_leaves_the_old_store() {
    let dir = tempfile::tempdir().unwrap();
    Store::open(dir.path()).unwrap();
    let path = dir.path().join(FILE);
    let mut steps = future();
    steps.push("CREATE TABLE outages (x)");
    assert!(Store::open_file(path.clone(), read_write(), &steps).is_err());
    assert_eq!(user_version(&path), schema::newest(STEPS));
    let tables: i64 = Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'health'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 0);
    assert_eq!(sample::outages(&Store::open(dir.path()).unwrap()), []);
}

#[test]
fn a_newer_store_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE);
    drop(Store::open_file(path.clone(), read_write(), &future()).unwrap());
    let before = fs::read(&path).unwrap();
    for error in [Store::open(dir.path()), Store::open_existing(dir.path())].map(Result::unwrap_err)
    {
        assert!(matches!(error, StoreError::Newer { found: 3, known: 2, .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("version 3") && text.contains("up to 2"), "{text}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_database_of_something_else_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE);
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE letters (text)").unwrap();
    let before = fs::read(&path).unwrap();
    let error = Store::open(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE);
    let text = "time,entity,signal,value\n".repeat(100);
    fs::write(&path, &text).unwrap();
    for error in [Store::open(dir.path()), Store::open_existing(dir.path())].map(Result::unwrap_err)
    {
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_damaged_store_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let outages: Vec<_> = (0..40)
        .map(|day| {
            let from = sample::at("2021-01-13T16:00Z") + falter_model::Span::from_days(day);
            sample::outage("network/ug", from, Cause::Power)
        })
        .collect();
    Store::open(dir.path()).unwrap().save(&sample::replay(&[], &outages)).unwrap();
    let path = dir.path().join(FILE);
    let mut octets = fs::read(&path).unwrap();
    octets[8192..].fill(0xa5);
    fs::write(&path, octets).unwrap();
    let error = Store::open_existing(dir.path())
        .and_then(|store| store.outages(&OutageFilter::default()))
        .unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
}

#[test]
fn the_disk_is_asked_to_keep_what_is_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let pragma = |name: &str| {
        store
            .connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, rusqlite::types::Value>(0))
            .unwrap()
    };
    assert_eq!(pragma("journal_mode"), rusqlite::types::Value::Text("wal".to_owned()));
    // 2 is FULL.
    assert_eq!(pragma("synchronous"), rusqlite::types::Value::Integer(2));
}
