//! Series as they are written.

use std::fmt;
use std::io::{self, Write};

use falter_model::{Timestamp, Value};

use super::step_seconds;

/// Writes series as CSV, with all columns: what was not measured or not stated stays empty.
pub struct SeriesWriter<W: Write> {
    out: csv::Writer<W>,
}

impl<W: Write> SeriesWriter<W> {
    /// Writes the header.
    pub fn new(out: W) -> io::Result<Self> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(["time", "entity", "signal", "value", "n", "step_s", "vantage", "unit"])?;
        Ok(Self { out })
    }

    /// Writes the value of the bin that begins at `time`.
    pub fn write(&mut self, time: Timestamp, value: &Value) -> io::Result<()> {
        let number = |number: Option<f64>| number.map(|n| n.to_string()).unwrap_or_default();
        self.out.write_record([
            time.to_string().as_str(),
            value.entity.to_string().as_str(),
            value.signal.as_str(),
            number(value.value).as_str(),
            number(value.n).as_str(),
            number(value.step.map(step_seconds)).as_str(),
            &value.vantage,
            value.unit.as_deref().unwrap_or_default(),
        ])?;
        Ok(())
    }

    /// Flushes and gives back what it wrote to.
    pub fn finish(self) -> io::Result<W> {
        self.out.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

impl<W: Write> fmt::Debug for SeriesWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeriesWriter").finish_non_exhaustive()
    }
}
