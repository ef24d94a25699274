//! The store's folder and its file.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, ffi};

use crate::StoreError;
use crate::schema::{self, Found, STEPS};

/// A folder that keeps outages, their verdicts, series, and what they rest on.
#[derive(Debug)]
pub struct Store {
    pub(crate) connection: Connection,
    path: PathBuf,
}

/// How long to wait for another process that writes. A save takes seconds at most; a reader in WAL
/// mode never waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// The file in the folder.
const FILE: &str = "falter.sqlite";

impl Store {
    /// Opens the store in this folder for reading and writing; makes folder and store where there are
    /// none, and brings an older store to the present schema.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        create_folder(dir).map_err(|source| StoreError::Create { path: dir.to_owned(), source })?;
        Self::open_file(
            dir.join(FILE),
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            STEPS,
        )
    }

    /// Opens the store that is in this folder, for reading. It makes nothing, and changes the file only
    /// where an older store must be brought to the present schema first.
    pub fn open_existing(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        if !path.exists() {
            return Err(StoreError::Missing { path: dir.to_owned() });
        }
        let store = Self::connect(path.clone(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        match store.found(STEPS)? {
            Found::Version(version) if version == schema::newest(STEPS) => return Ok(store),
            Found::Empty => return Err(StoreError::Missing { path: dir.to_owned() }),
            Found::Version(_) | Found::Foreign => drop(store),
        }
        Self::open_file(path, OpenFlags::SQLITE_OPEN_READ_WRITE, STEPS)
    }

    fn open_file(path: PathBuf, flags: OpenFlags, steps: &[&str]) -> Result<Self, StoreError> {
        let mut store = Self::connect(path, flags)?;
        let found = store.found(steps)?;
        store.set_up().map_err(|error| store.error(error))?;
        if found != Found::Version(schema::newest(steps)) {
            schema::migrate(&mut store.connection, steps).map_err(|error| store.error(error))?;
        }
        Ok(store)
    }

    fn connect(path: PathBuf, flags: OpenFlags) -> Result<Self, StoreError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        match Connection::open_with_flags(&path, flags) {
            Ok(connection) => {
                let store = Self { connection, path };
                store.connection.busy_timeout(PATIENCE).map_err(|error| store.error(error))?;
                Ok(store)
            }
            Err(source) => Err(StoreError::Open { path, source }),
        }
    }

    /// What is there; an error where it is not ours to touch.
    fn found(&self, steps: &[&str]) -> Result<Found, StoreError> {
        let found = schema::inspect(&self.connection).map_err(|error| self.error(error))?;
        match found {
            Found::Foreign => Err(StoreError::Foreign { path: self.path.clone() }),
            Found::Version(found) if found > schema::newest(steps) => Err(StoreError::Newer {
                path: self.path.clone(),
                found,
                known: schema::newest(steps),
            }),
            Found::Empty | Found::Version(_) => Ok(found),
        }
    }

    /// With `synchronous = FULL` a commit in WAL mode returns only after the log was flushed to the
    /// disk (<https://sqlite.org/pragma.html#pragma_synchronous>).
    fn set_up(&self) -> rusqlite::Result<()> {
        self.connection.pragma_update(None, "journal_mode", "WAL")?;
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        self.connection.pragma_update(None, "foreign_keys", "ON")
    }

    /// The rows that a query gives, each read by `read`.
    pub(crate) fn rows<T>(
        &self,
        query: &str,
        parameters: impl rusqlite::Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = || -> rusqlite::Result<Vec<T>> {
            self.connection.prepare_cached(query)?.query_map(parameters, read)?.collect()
        };
        rows().map_err(|error| self.error(error))
    }

    /// What SQLite said, sorted by what to do about it.
    pub(crate) fn error(&self, source: rusqlite::Error) -> StoreError {
        let path = self.path.clone();
        let code = source.sqlite_error().map_or(0, |error| error.extended_code);
        // The log's index can't be made larger: so a full disk shows where the index lies in a file.
        if code == ffi::SQLITE_FULL || code == ffi::SQLITE_IOERR_SHMSIZE {
            return StoreError::Full { path, source };
        }
        // The low octet is the primary code (<https://sqlite.org/rescode.html>).
        match code & 0xff {
            ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB => StoreError::Corrupt { path, source },
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => StoreError::Locked { path, source },
            ffi::SQLITE_READONLY => StoreError::ReadOnly { path, source },
            ffi::SQLITE_CANTOPEN => StoreError::Open { path, source },
            _ => StoreError::Sqlite { path, source },
        }
    }
}

/// Makes the folder where there is none, and sees to it that its name survives a crash.
fn create_folder(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(dir)?;
    match dir.canonicalize()?.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
