//! The order in which the records of all inputs are given, and what each input gives next.
//!
//! Records are merged by time; where times agree, by group (the collector), tables before changes,
//! then the first record's time and place in its table, the digest of the head, and the offset in the
//! file. So neither names (but those of collectors) nor the order of arguments decide anything.
//!
//! An archive that is ordered by time gives the same stream when it is cut between two records into
//! files that begin at different times, however many records share a second: all pieces but the last
//! before a moment end with it, and of those that share the moment, the one that begins earlier goes
//! first. Pieces of a table dump may all begin in the same second, since their sequence numbers tell
//! them apart. Where several archives of one group overlap, cutting one of them may change the order
//! of records of *different files* within the same moment, which is to say, of different sessions.
//!
//! A recording that goes on from another one that is read too follows it, whatever its times: its
//! records count from the latest time that the one before it had reached.

use falter_model::Timestamp;

use super::capture_file::CaptureFile;
use super::head::Class;
use super::mrt_file::MrtFile;
use super::recorded::Recorded;
use crate::series::SeriesTable;

/// By what records are ordered; the offset is implied, since a file gives its records in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// When, or the latest time that the file had reached before, whichever is later.
    pub(super) at: Timestamp,
    /// The number of the group, in the order of their names.
    pub(super) group: u32,
    pub(super) class: Class,
    /// The number of the file in its group, by first record and digest.
    pub(super) rank: u32,
}

/// An input that is being read.
pub(super) enum Lane {
    Mrt(Box<MrtFile>),
    Recording(Box<Recorded>),
    Capture(Box<CaptureFile>),
    /// All series of the run.
    Series(SeriesTable),
}
