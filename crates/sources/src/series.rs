//! Series as CSV, in and out: `time,entity,signal,value[,n][,step_s][,vantage][,unit]` with a header.

mod row;
mod step;
mod writer;

pub use row::RowError;
pub(crate) use step::{step_from_seconds, step_seconds};
pub use writer::SeriesWriter;
