//! The store: a folder that keeps what was found.
//!
//! [`Store`] is one SQLite file in that folder (write-ahead log, full synchronization): outages as
//! JSON documents with the columns that are asked for, the history of their verdicts, series as
//! packed chunks of a day, blind times, and what each replay rested on. What was measured of an entity
//! and what was re-enacted of it never meet in one store. [`Store::save`] keeps a whole
//! replay or nothing of it; what it acknowledged survives a crash. The schema is versioned and
//! migrated forward; a store that a newer version wrote is left alone.
//!
//! [`Segments`] are the observations of a watch, beside that file; a replay's observations stay in its
//! own files, of which path, digest and how far they were read are kept.

mod blind;
mod chunk;
mod error;
mod filter;
mod natures;
mod outages;
mod replay;
mod replays;
#[cfg(test)]
mod sample;
mod save;
mod schema;
mod segments;
mod series;
mod store;

pub use chunk::ChunkError;
pub use error::StoreError;
pub use filter::OutageFilter;
pub use outages::{KeptOutage, KeptVerdict};
pub use replay::{Digests, Input, Replay};
pub use replays::KeptReplay;
pub use segments::{CutOff, Limits, Pruned, SegmentError, Segments};
pub use store::Store;
