//! What can go wrong with a store, by what to do about it.

use std::path::PathBuf;

use crate::ChunkError;

/// Why a store could not be opened, read or written. A failed write leaves what stood before.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder could not be made.
    #[error("could not create the store's folder {}", path.display())]
    Create {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no store in the folder.
    #[error("no store in {}: keep something there first, as with falter replay --store", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The file could not be opened: permissions, or a folder in its place.
    #[error("could not open the store {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A newer falter wrote the store; it was left alone.
    #[error(
        "the store {} has schema version {found}, this falter knows versions up to {known}: use a newer falter", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The file is a database, but not a store.
    #[error("{} is an SQLite database, but not a store of falter", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file is damaged, or no database at all.
    #[error("the store {} is damaged or no SQLite database", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The disk is full, or the file reached its greatest size. Nothing was changed.
    #[error("no room left for the store {}", path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// Another process is writing, and was not done in time. Nothing was changed.
    #[error("the store {} is in use by another process", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The store, or the file system under it, can only be read.
    #[error("the store {} can't be written", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// Anything else that SQLite refused.
    #[error("could not use the store {}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The store holds measurements of an entity and was given a re-enactment, or the other way round.
    /// Nothing was changed.
    #[error("the store holds {holds} of {entity}: keep {other} of it in another one")]
    Mixed {
        /// Whose.
        entity: String,
        /// What there is.
        holds: &'static str,
        /// What was to be kept beside it.
        other: &'static str,
    },
    /// An outage in the store can't be read.
    #[error("outage {id} in the store can't be read")]
    Document {
        /// Its id.
        id: String,
        /// What was wrong with its document.
        source: serde_json::Error,
    },
    /// A chunk of a series in the store can't be read.
    #[error("values of {signal} of {entity} in the store can't be read")]
    Chunk {
        /// Whose.
        entity: String,
        /// Which signal.
        signal: String,
        /// What was wrong with it.
        source: ChunkError,
    },
    /// A column holds what falter never writes there.
    #[error("expected {expected} in the store, found {found:?}")]
    Column {
        /// What should stand there.
        expected: &'static str,
        /// What stood there.
        found: String,
    },
    /// No outage has this id, nor one that begins so.
    #[error("no outage {wanted:?} in the store")]
    NoSuchOutage {
        /// What was asked for.
        wanted: String,
    },
    /// Several outages' ids begin so.
    #[error("{wanted:?} fits {count} outages, among them {} and {}", examples[0], examples[1])]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// How many fit.
        count: usize,
        /// The first two of them.
        examples: [String; 2],
    },
}
