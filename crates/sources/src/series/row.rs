//! One row of a series, and the header that says which column is which.

use std::io;

use falter_model::{Entity, EntityError, SignalId, Step, Text, TimeError, Timestamp, Value};
use rustc_hash::FxHashMap;

use super::fields::Fields;
use super::step_from_seconds;

/// Who observed, where a series doesn't say.
const IMPORT: &str = "import";

/// Why a row of a series can't be read.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// The file can't be read, or its compression is broken here.
    #[error("could not read on")]
    Read(#[from] io::Error),
    /// A line that goes on and on.
    #[error("expected a line of at most {most} octets")]
    TooLong {
        /// Longest that is read.
        most: u64,
    },
    /// Fields are missing or there are too many.
    #[error("expected {expected} fields as in the header, found {found}")]
    Fields {
        /// As many as the header has.
        expected: usize,
        /// As many as there are.
        found: usize,
    },
    /// A field is no UTF-8.
    #[error("the field {column} is not UTF-8")]
    Utf8 {
        /// Its column.
        column: &'static str,
    },
    /// The time is none.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The entity is none.
    #[error(transparent)]
    Entity(#[from] EntityError),
    /// A field that must not be empty.
    #[error("the field {column} is empty")]
    Empty {
        /// Its column.
        column: &'static str,
    },
    /// A number that is none, or not one that can stand there.
    #[error("expected {expected} in the field {column}, found {found:?}")]
    Number {
        /// Its column.
        column: &'static str,
        /// What is needed there.
        expected: &'static str,
        /// What stood there.
        found: Box<str>,
    },
    /// The same entity, signal, vantage and time was given before with another value.
    #[error("the same entity, signal and time was given before with another value")]
    Contradiction,
}

/// A field that a header names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    name: &'static str,
    index: Option<usize>,
}

/// Which column holds what.
#[derive(Debug)]
pub(super) struct Columns {
    width: usize,
    time: Column,
    entity: Column,
    signal: Column,
    value: Column,
    n: Column,
    step_s: Column,
    vantage: Column,
    unit: Column,
}

/// Reads rows; keeps one copy of each text.
#[derive(Debug)]
pub(super) struct RowReader {
    columns: Columns,
    entities: FxHashMap<Box<str>, Entity>,
    signals: FxHashMap<Box<str>, SignalId>,
    texts: FxHashMap<Box<str>, Text>,
}

impl Columns {
    /// `None` where one of time, entity, signal, value is missing: it is no header of a series.
    pub(super) fn of(header: &Fields) -> Option<Self> {
        let column = |name: &'static str| {
            let index = header.iter().position(|field| {
                let field = field.strip_prefix(b"\xef\xbb\xbf").unwrap_or(field);
                field.trim_ascii().eq_ignore_ascii_case(name.as_bytes())
            });
            Column { name, index }
        };
        let columns = Self {
            width: header.len(),
            time: column("time"),
            entity: column("entity"),
            signal: column("signal"),
            value: column("value"),
            n: column("n"),
            step_s: column("step_s"),
            vantage: column("vantage"),
            unit: column("unit"),
        };
        let needed = [columns.time, columns.entity, columns.signal, columns.value];
        needed.iter().all(|column| column.index.is_some()).then_some(columns)
    }
}

impl RowReader {
    pub(super) fn new(columns: Columns) -> Self {
        Self {
            columns,
            entities: FxHashMap::default(),
            signals: FxHashMap::default(),
            texts: FxHashMap::default(),
        }
    }

    pub(super) fn read(&mut self, row: &Fields) -> Result<(Timestamp, Value), RowError> {
        let columns = &self.columns;
        if row.len() != columns.width {
            return Err(RowError::Fields { expected: columns.width, found: row.len() });
        }
        let time = columns.time.needed(row)?.parse()?;
        let entity = columns.entity.needed(row)?;
        let entity = match self.entities.get(entity) {
            Some(known) => known.clone(),
            None => remember(&mut self.entities, entity, entity.parse()?),
        };
        let signal = columns.signal.needed(row)?;
        let signal = match self.signals.get(signal) {
            Some(known) => known.clone(),
            None => remember(&mut self.signals, signal, SignalId::from(signal)),
        };
        let value = columns.value.number(row, "a finite number or nothing", |_| true)?;
        let n = columns.n.number(row, "a count or nothing", |n| n >= 0.0)?;
        let step = columns.step_s.step(row)?;
        let vantage = columns.vantage.text(row)?.unwrap_or(IMPORT);
        let unit = columns.unit.text(row)?;
        let mut shared = |text: &str| match self.texts.get(text) {
            Some(known) => known.clone(),
            None => remember(&mut self.texts, text, Text::from(text)),
        };
        let (vantage, unit) = (shared(vantage), unit.map(&mut shared));
        Ok((time, Value { vantage, entity, signal, value, n, step, unit }))
    }
}

fn remember<T: Clone>(known: &mut FxHashMap<Box<str>, T>, text: &str, value: T) -> T {
    known.insert(text.into(), value.clone());
    value
}

impl Column {
    /// The field without spaces around it; `None` where it is empty or there is no such column.
    fn text(self, row: &Fields) -> Result<Option<&str>, RowError> {
        let field = self.index.and_then(|index| row.get(index)).unwrap_or_default().trim_ascii();
        let text = str::from_utf8(field).map_err(|_| RowError::Utf8 { column: self.name })?;
        Ok((!text.is_empty()).then_some(text))
    }

    fn needed(self, row: &Fields) -> Result<&str, RowError> {
        self.text(row)?.ok_or(RowError::Empty { column: self.name })
    }

    fn number(
        self,
        row: &Fields,
        expected: &'static str,
        fits: impl Fn(f64) -> bool,
    ) -> Result<Option<f64>, RowError> {
        let Some(text) = self.text(row)? else { return Ok(None) };
        // Rust reads "nan" and "inf" as numbers; neither was measured.
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && fits(number) => Ok(Some(number)),
            _ => Err(RowError::Number { column: self.name, expected, found: text.into() }),
        }
    }

    fn step(self, row: &Fields) -> Result<Option<Step>, RowError> {
        let expected = "a step of at least one second or nothing";
        let seconds = self.number(row, expected, |seconds| step_from_seconds(seconds).is_some())?;
        Ok(seconds.and_then(step_from_seconds))
    }
}
