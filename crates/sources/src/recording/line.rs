//! One line of a recording, read and written.

use falter_model::{AsnError, Interned, Observation};

use super::form::LineForm;
use super::header::RecordingHeader;

/// Why a line of a recording can't be read, or an observation not be written as one.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// It is no JSON, or a field is not what it should be.
    #[error("expected an observation as JSON")]
    Json(#[from] serde_json::Error),
    /// The file ends within this line.
    #[error("the last line is cut off")]
    CutOff,
    /// A line that goes on and on.
    #[error("expected a line of at most {most} octets")]
    TooLong {
        /// Longest that is read.
        most: usize,
    },
    /// A recording of a version that is not known here.
    #[error(
        "expected version {} of the recording form or an earlier one, found {found}",
        RecordingHeader::VERSION
    )]
    Version {
        /// What it says.
        found: u32,
    },
    /// A field that every observation needs.
    #[error("expected the field {field:?}, found none")]
    Missing {
        /// Its name.
        field: &'static str,
    },
    /// Not one fact.
    #[error(
        "expected one of probe, control, hop, name, page, route, peer, activity, rib_end, attack, \
         traffic, value, tick, found {found} of them"
    )]
    Kinds {
        /// How many.
        found: usize,
    },
    /// A route that says not exactly one thing.
    #[error("expected one of announce, withdraw, table in a route")]
    Change,
    /// A probe that ended in not exactly one way.
    #[error("expected one of reply, timeout, unreachable, reset in a probe")]
    Outcome,
    /// Neither an answer nor why there is none.
    #[error("expected one of answer, error in a name")]
    Answer,
    /// Something in an AS path that is no AS.
    #[error("expected an AS path such as 3333 4837 131279")]
    Path {
        /// What it was.
        source: AsnError,
    },
    /// A step that can't be one.
    #[error("expected a step of at least one second, found {found}")]
    Step {
        /// In seconds.
        found: f64,
    },
    /// When writing: a peer that the table of peers doesn't know.
    #[error("the peer number {id} is not in the table of peers")]
    Peer {
        /// Its number.
        id: u32,
    },
}

/// Reads the observation of a line, with or without its line feed. Peers and paths get their numbers
/// from `interned`.
pub fn read_line(line: &[u8], interned: &mut Interned) -> Result<Observation, LineError> {
    serde_json::from_slice::<LineForm>(line)?.into_observation(interned)
}

/// Reads an observation that a header holds.
pub(crate) fn read_value(
    value: serde_json::Value,
    interned: &mut Interned,
) -> Result<Observation, LineError> {
    serde_json::from_value::<LineForm>(value)?.into_observation(interned)
}

/// Appends an observation as a line, with its line feed. `interned` must be the table that numbered
/// its peer and path.
pub fn write_line(
    into: &mut Vec<u8>,
    observation: &Observation,
    interned: &Interned,
) -> Result<(), LineError> {
    serde_json::to_writer(&mut *into, &LineForm::of(observation, interned)?)?;
    into.push(b'\n');
    Ok(())
}
