//! A recording as it is written.

use std::fmt;
use std::io::{self, Write};

use falter_model::{Interned, Observation};

use super::{LineError, RecordingHeader, write_line};

/// Why an observation was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The observation has no form.
    #[error(transparent)]
    Line(#[from] LineError),
    /// It could not be written.
    #[error("could not write the recording")]
    Io(#[from] io::Error),
}

/// Writes a recording: its header, then a line an observation.
pub struct RecordingWriter<W> {
    out: W,
    line: Vec<u8>,
}

impl<W: Write> RecordingWriter<W> {
    /// Writes the header.
    pub fn new(mut out: W, header: &RecordingHeader) -> Result<Self, WriteError> {
        let mut line = serde_json::to_vec(header).map_err(LineError::from)?;
        line.push(b'\n');
        out.write_all(&line)?;
        Ok(Self { out, line })
    }

    /// Writes one observation. `interned` must be the table that numbered its peer and path.
    pub fn write(
        &mut self,
        observation: &Observation,
        interned: &Interned,
    ) -> Result<(), WriteError> {
        self.line.clear();
        write_line(&mut self.line, observation, interned)?;
        Ok(self.out.write_all(&self.line)?)
    }

    /// Hands what is buffered on.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Flushes and gives back what it wrote to.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<W: Write> RecordingWriter<zstd::Encoder<'static, W>> {
    /// Writes a recording compressed with zstd. What was flushed can be read before the recording is
    /// finished.
    pub fn compressed(out: W, header: &RecordingHeader) -> Result<Self, WriteError> {
        Self::new(zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?, header)
    }

    /// Ends the compressed data and gives back what it was written to.
    pub fn finish_compressed(self) -> io::Result<W> {
        self.finish()?.finish()
    }
}

impl<W> fmt::Debug for RecordingWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingWriter").finish_non_exhaustive()
    }
}
