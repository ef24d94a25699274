//! Recordings: one observation a line as JSON, in the order in which they became known.

mod form;
mod header;
mod line;
mod writer;

pub use header::RecordingHeader;
pub(crate) use header::is_header;
pub use line::{LineError, read_line, write_line};
pub use writer::{RecordingWriter, WriteError};
