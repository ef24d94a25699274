//! Series as they are read.

use std::fmt;
use std::io::{self, BufRead, Read};

use falter_model::{Timestamp, Value};

use super::RowError;
use super::fields::Fields;
use super::row::{Columns, RowReader};

/// No line is longer; keeps a file without line feeds from filling the memory.
const LONGEST_LINE_OCTETS: u64 = 1 << 20;

/// Reads a series row by row. Rows that can't be read are told with their line, and reading goes on.
pub struct SeriesReader<R> {
    input: R,
    line: u64,
    text: Vec<u8>,
    fields: Fields,
    /// `None` where the file begins with no header, and after a file could not be read on.
    rows: Option<RowReader>,
}

/// A row that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line}")]
pub struct BadRow {
    /// The line it begins in, from 1.
    pub line: u64,
    /// Why.
    pub source: RowError,
}

/// A row as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The line it begins in, from 1.
    pub line: u64,
    /// The beginning of its bin, or the moment of an instant.
    pub at: Timestamp,
    /// What it says.
    pub value: Value,
}

/// True where a line is the header of a series: it names time, entity, signal and value.
pub(crate) fn is_header(line: &[u8]) -> bool {
    // A header is text: anything with a zero octet is not even tried.
    !line.contains(&0) && columns_of(line, &mut Fields::default()).is_some()
}

fn columns_of(header: &[u8], fields: &mut Fields) -> Option<Columns> {
    fields.split(header.strip_prefix(b"\xef\xbb\xbf").unwrap_or(header));
    Columns::of(fields)
}

impl<R: BufRead> SeriesReader<R> {
    /// Reads the header. Without one, the series has no rows.
    pub fn new(input: R) -> Self {
        let mut reader =
            Self { input, line: 0, text: Vec::new(), fields: Fields::default(), rows: None };
        if let Ok(true) = reader.next_line() {
            reader.rows = columns_of(&reader.text, &mut reader.fields).map(RowReader::new);
        }
        reader
    }

    /// Reads the next line that is not blank, without its line feed; false at the end.
    fn next_line(&mut self) -> Result<bool, RowError> {
        loop {
            self.text.clear();
            self.line += 1;
            let mut limited = self.input.by_ref().take(LONGEST_LINE_OCTETS);
            let read = limited.read_until(b'\n', &mut self.text)?;
            if self.text.pop_if(|last| *last == b'\n').is_none()
                && read as u64 == LONGEST_LINE_OCTETS
            {
                self.skip_line()?;
                return Err(RowError::TooLong { most: LONGEST_LINE_OCTETS });
            }
            if read == 0 || !self.text.trim_ascii().is_empty() {
                return Ok(read > 0);
            }
        }
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let ahead = self.input.fill_buf()?;
            let (skipped, ended) = match memchr::memchr(b'\n', ahead) {
                Some(end) => (end + 1, true),
                None => (ahead.len(), ahead.is_empty()),
            };
            self.input.consume(skipped);
            if ended {
                return Ok(());
            }
        }
    }
}

impl<R: BufRead> Iterator for SeriesReader<R> {
    type Item = Result<Row, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.as_ref()?;
        let row = match self.next_line() {
            Ok(false) => return None,
            Ok(true) => {
                self.fields.split(&self.text);
                self.rows.as_mut()?.read(&self.fields)
            }
            Err(source) => {
                if matches!(source, RowError::Read(_)) {
                    // Nothing can follow.
                    self.rows = None;
                }
                Err(source)
            }
        };
        let line = self.line;
        Some(match row {
            Ok((at, value)) => Ok(Row { line, at, value }),
            Err(source) => Err(BadRow { line, source }),
        })
    }
}

impl<R> fmt::Debug for SeriesReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeriesReader").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
