//! The schema, as a list of steps from an empty file to the newest version.
//!
//! The version stands in `PRAGMA user_version`: how many of the steps were taken. A step is never
//! changed once it was published; whoever needs another shape appends a step.

use rusqlite::{Connection, Transaction, TransactionBehavior};

/// Marks an SQLite file as a store of falter (`PRAGMA application_id`): "falt" in ASCII.
pub(crate) const APPLICATION_ID: i64 = 0x6661_6c74;

/// The steps, oldest first.
pub(crate) const STEPS: &[&str] = &[include_str!("schema/1.sql"), include_str!("schema/2.sql")];

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing was ever written to it.
    Empty,
    /// A store of this version.
    Version(i64),
    /// A database of something else.
    Foreign,
}

/// Looks at a file without changing it.
pub(crate) fn inspect(connection: &Connection) -> rusqlite::Result<Found> {
    let pragma = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0));
    let application: i64 = pragma("application_id")?;
    let version: i64 = pragma("user_version")?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (application, version, tables) {
        (APPLICATION_ID, ..) => Found::Version(version),
        (0, 0, 0) => Found::Empty,
        _ => Found::Foreign,
    })
}

/// The newest version that these steps lead to.
pub(crate) fn newest(steps: &[&str]) -> i64 {
    i64::try_from(steps.len()).unwrap_or(i64::MAX)
}

/// Takes the steps that are still missing, all or none.
pub(crate) fn migrate(connection: &mut Connection, steps: &[&str]) -> rusqlite::Result<()> {
    // Immediate: two processes that open an old store at once wait for each other here, and the
    // second finds nothing left to do.
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let missing = steps.iter().skip(usize::try_from(version).unwrap_or(usize::MAX));
    for step in missing {
        transaction.execute_batch(step)?;
    }
    if version < newest(steps) {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", newest(steps))?;
        transaction.execute(
            "INSERT INTO meta (key, value) VALUES ('made_by', ?1) \
             ON CONFLICT (key) DO NOTHING",
            [MADE_BY],
        )?;
    }
    transaction.commit()
}

/// Which program made a store.
const MADE_BY: &str = concat!("falter ", env!("CARGO_PKG_VERSION"));
