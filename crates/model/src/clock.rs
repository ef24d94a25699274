//! Where time comes from when nothing was observed: the one thing that live watching adds.

use crate::Timestamp;

/// Tells the time. Replay hands in the time of the data, `sources::clock` the system's, tests their
/// own.
pub trait Clock {
    /// The present moment in UTC.
    fn now(&self) -> Timestamp;
}
