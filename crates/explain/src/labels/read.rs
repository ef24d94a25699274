//! Rows of the table, dirty as they are, turned into cases.
//!
//! A beginning was read off a chart to ten, five or one minutes: the bracket of onset is as wide and
//! has it in the middle. An end before its beginning means that there is no duration. The three
//! columns of what a person saw become layers: BGP, active probing, darknet traffic.

use std::collections::BTreeMap;

use falter_model::{
    Case, Cause, End, Entity, LayerFacts, Onset, Outage, OutageId, PastOutage, Span, State, Step,
    Timestamp,
};

use super::clock::{grain, moment};
use super::places;

/// A table that cannot be scored.
#[derive(Debug, thiserror::Error)]
pub enum LabelsError {
    /// A column of the table is missing.
    #[error("expected a column whose name begins with {column:?}, found none in {found:?}")]
    Column {
        /// How the column's name must begin.
        column: &'static str,
        /// The header.
        found: String,
    },
    /// There is no header.
    #[error("the table cannot be read")]
    Csv(#[from] csv::Error),
}

/// The table, as far as it could be read.
#[derive(Debug, Clone)]
pub struct Rows {
    /// Rows with a beginning, in the order of the file.
    pub rows: Vec<Row>,
    /// The others.
    pub skipped: Vec<Skipped>,
}

/// One outage.
#[derive(Debug, Clone)]
pub struct Row {
    /// Line of the file, from 1; the header is line 1.
    pub line: u64,
    /// As it stands there.
    pub country: String,
    /// The cause that was found out; `None` where none is known.
    pub truth: Option<Cause>,
    /// What a verdict may be made from.
    pub case: Case,
}

/// A row that is not scored.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Skipped {
    /// Line of the file, from 1.
    pub line: u64,
    /// Why.
    pub why: String,
}

/// Reads the table. Bad rows are told, not fatal.
pub fn read(csv_text: &str) -> Result<Rows, LabelsError> {
    let text = csv_text.strip_prefix('\u{feff}').unwrap_or(csv_text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let columns = Columns::find(reader.headers()?)?;
    let mut rows = Vec::new();
    let mut skipped = Vec::new();
    let mut lines = Lines::new(text);
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = lines.at(record.position());
                match columns.row(&record, line) {
                    Ok(row) => rows.push(row),
                    Err(why) => skipped.push(Skipped { line, why }),
                }
            }
            Err(error) => {
                let line = lines.at(error.position());
                skipped.push(Skipped { line, why: error.to_string() });
            }
        }
    }
    add_past(&mut rows);
    Ok(Rows { rows, skipped })
}

/// Tells lines from positions, which only ever grow. The reader's own count is one short after `\r\n`,
/// since it takes a record to begin before the `\n`.
#[derive(Debug)]
struct Lines<'a> {
    rest: &'a [u8],
    passed: u64,
    line: u64,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text.as_bytes(), passed: 0, line: 1 }
    }

    fn at(&mut self, position: Option<&csv::Position>) -> u64 {
        let target = position.map_or(self.passed, csv::Position::byte);
        while let Some((octet, rest)) = self.rest.split_first() {
            if self.passed >= target && !matches!(octet, b'\r' | b'\n') {
                break;
            }
            self.line += u64::from(*octet == b'\n');
            self.passed += 1;
            self.rest = rest;
        }
        self.line
    }
}

/// Where each column is.
#[derive(Debug)]
struct Columns {
    begin: usize,
    end: usize,
    country: usize,
    routes: usize,
    hosts: usize,
    traffic: usize,
    scope: usize,
    cause: usize,
}

impl Columns {
    fn find(header: &csv::StringRecord) -> Result<Self, LabelsError> {
        let find = |column: &'static str| {
            header
                .iter()
                .position(|name| name.trim().to_lowercase().starts_with(column))
                .ok_or_else(|| LabelsError::Column {
                    column,
                    found: header.iter().collect::<Vec<_>>().join(","),
                })
        };
        Ok(Self {
            begin: find("begin")?,
            end: find("end")?,
            country: find("country")?,
            routes: find("ioda bgp")?,
            hosts: find("ioda ap")?,
            traffic: find("ioda ibr")?,
            scope: find("scope")?,
            cause: find("cause")?,
        })
    }

    fn row(&self, record: &csv::StringRecord, line: u64) -> Result<Row, String> {
        let field = |index: usize| record.get(index).unwrap_or_default().trim();
        let begin_text = field(self.begin);
        let begin =
            moment(begin_text).ok_or_else(|| format!("no beginning, found {begin_text:?}"))?;
        let country = field(self.country);
        let layers = LayerFacts {
            routes: yes_or_no(field(self.routes)),
            hosts: yes_or_no(field(self.hosts)),
            traffic: yes_or_no(field(self.traffic)),
            ..LayerFacts::default()
        };
        let outage = outage(country, field(self.scope), begin, moment(field(self.end)));
        let case = Case {
            time_zone: places::time_zone(country, begin),
            step: Step::FIVE_MINUTES,
            routes: None,
            probes: None,
            layers,
            past: Vec::new(),
            calendar: Vec::new(),
            priors: None,
            blind: Vec::new(),
            outage,
        };
        let truth = truth(field(self.cause));
        Ok(Row { line, country: country.to_owned(), truth, case })
    }
}

/// The cause that a label means (docs/method.md); `None` for `Unknown` and what is not known.
fn truth(label: &str) -> Option<Cause> {
    match label {
        "Government-Ordered" | "Exams" => Some(Cause::Shutdown),
        "Cable-Cut" => Some(Cause::Link),
        "Power-Outage" | "Weather" | "Earthquake" | "Other-Natural-Disaster" => Some(Cause::Power),
        "Misc-Routing-Problem" | "Route-Leak" | "Equipment-Failure" | "Generic-Technical" => {
            Some(Cause::Fault)
        }
        "Maintenance" => Some(Cause::Maintenance),
        "DDoS" => Some(Cause::Overload),
        _ => None,
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Of a country as a whole, or of what its scope names within it.
fn outage(country: &str, scope: &str, begin: Timestamp, end: Option<Timestamp>) -> Outage {
    let entity = Entity::Region(format!("{country}, {scope}").into());
    let half = grain(begin).divided(2);
    let first_bad = begin + half;
    let until = end.filter(|end| *end > begin).map(|end| End {
        last_bad: (end - grain(end).divided(2)).max(first_bad),
        first_good: (end + grain(end).divided(2)).max(first_bad + Span::from_minutes(1)),
    });
    let id = OutageId::new(&entity, first_bad);
    Outage {
        family: id.clone(),
        id,
        entity,
        state: State::Partial,
        states: Vec::new(),
        from: Onset { last_good: Some(begin - half), first_bad },
        until,
        lost_share: None,
        order: Vec::new(),
        seen_by: BTreeMap::new(),
        parts: Vec::new(),
        verdict: None,
    }
}

/// Gives every labelled row the outages of the same entity that began earlier, whether their cause is
/// known or not.
fn add_past(rows: &mut [Row]) {
    let mut by_entity: BTreeMap<Entity, Vec<PastOutage>> = BTreeMap::new();
    for row in rows.iter() {
        let outage = &row.case.outage;
        by_entity
            .entry(outage.entity.clone())
            .or_default()
            .push(PastOutage { from: outage.from, until: outage.until });
    }
    for outages in by_entity.values_mut() {
        outages.sort_by_key(|past| past.from.first_bad);
    }
    for row in rows.iter_mut().filter(|row| row.truth.is_some()) {
        let outage = &row.case.outage;
        let all = by_entity.get(&outage.entity).map(Vec::as_slice).unwrap_or_default();
        let earlier = |past: &&PastOutage| past.from.first_bad < outage.from.first_bad;
        row.case.past = all.iter().filter(earlier).copied().collect();
    }
}
