//! Recordings: one observation a line as JSON, in the order in which they became known.

mod form;
mod header;
mod line;
mod standing;
mod writer;

pub use header::RecordingHeader;
pub(crate) use header::{is_before, is_header};
pub(crate) use line::read_value;
pub use line::{LineError, read_line, write_line};
pub use standing::Standing;
pub(crate) use standing::WholeTable;
pub use writer::{RecordingWriter, WriteError};
