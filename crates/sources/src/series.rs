//! Series as CSV, in and out: `time,entity,signal,value[,n][,step_s][,vantage][,unit]` with a header.
//!
//! The header decides the order of the columns; the bracketed ones may be missing. `value` and `n`
//! are finite numbers, empty where not measured. A bad row is told with its line and skipped.

mod fields;
mod reader;
mod row;
mod step;
mod table;
mod writer;

pub(crate) use reader::is_header;
pub use reader::{BadRow, Row, SeriesReader};
pub use row::RowError;
pub(crate) use step::{step_from_seconds, step_seconds};
pub(crate) use table::SeriesTable;
pub use writer::SeriesWriter;
