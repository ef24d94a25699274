//! The rows of all series of a run, in the order of time.
//!
//! A file of series may be ordered by time or by entity, and a series may be cut in several files,
//! so the rows of all of them are read and sorted before the first is given: by time, entity, signal
//! and vantage. That order depends on nothing but the rows. Two rows that agree in all four count
//! once if they say the same; otherwise the later one (of a later file, or further down) is bad.

use falter_model::{Fact, Observation, Timestamp};

use super::Row;

/// Sorted rows.
#[derive(Debug, Default)]
pub(crate) struct SeriesTable {
    /// With the rank of the file that each comes from.
    /// After sorting the last comes first, so that each is taken from the end.
    rows: Vec<(u32, Row)>,
}

impl SeriesTable {
    /// Adds a row of the file of this rank.
    pub(crate) fn add(&mut self, file: u32, row: Row) {
        self.rows.push((file, row));
    }

    /// Sorts what was added. Returns rank and line of each row that contradicts an earlier one.
    pub(crate) fn sort(&mut self) -> Vec<(u32, u64)> {
        self.rows.sort_by(|(file_a, a), (file_b, b)| {
            a.at.cmp(&b.at)
                .then_with(|| a.value.entity.cmp(&b.value.entity))
                .then_with(|| a.value.signal.cmp(&b.value.signal))
                .then_with(|| a.value.vantage.cmp(&b.value.vantage))
                .then_with(|| (file_a, a.line).cmp(&(file_b, b.line)))
        });
        let mut contradictions = Vec::new();
        self.rows.dedup_by(|(file, row), (_, first)| {
            let same = row.at == first.at
                && row.value.entity == first.value.entity
                && row.value.signal == first.value.signal
                && row.value.vantage == first.value.vantage;
            if same && row.value != first.value {
                contradictions.push((*file, row.line));
            }
            same
        });
        self.rows.reverse();
        contradictions
    }

    /// When the next row happened.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.rows.last().map(|(_, row)| row.at)
    }

    /// The next row, with the rank of its file.
    pub(crate) fn next(&mut self) -> Option<(u32, Observation)> {
        let (file, Row { at, value, .. }) = self.rows.pop()?;
        Some((file, Observation { at, fact: Fact::Value(Box::new(value)) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::SeriesReader;

    /// A file and a value.
    type Given = (u32, Option<f64>);

    /// Reads files of the ranks 0, 1, ...; the values in order, and what contradicts.
    fn check(files: &[&str]) -> (Vec<Given>, Vec<(u32, u64)>) {
        let mut table = SeriesTable::default();
        for (rank, rows) in (0..).zip(files) {
            let csv = format!("time,entity,signal,value\n{rows}");
            for row in SeriesReader::new(csv.as_bytes()) {
                table.add(rank, row.unwrap());
            }
        }
        let contradictions = table.sort();
        let mut values = Vec::new();
        while let Some((file, observation)) = table.next() {
            let Fact::Value(value) = observation.fact else { panic!("{observation:?}") };
            values.push((file, value.value));
        }
        (values, contradictions)
    }

    #[test]
    fn files_ordered_by_entity_are_given_by_time() {
        let a = "2021-01-01T00:00Z,country/UG,a,1\n2021-01-02T00:00Z,country/UG,a,3\n\
                 2021-01-01T00:00Z,country/KE,a,0\n2021-01-02T00:00Z,country/KE,a,2\n";
        let (values, bad) = check(&[a]);
        assert_eq!(values, [(0, Some(0.0)), (0, Some(1.0)), (0, Some(2.0)), (0, Some(3.0))]);
        assert!(bad.is_empty());
    }

    #[test]
    fn the_same_twice_counts_once_and_another_value_is_bad() {
        let row = "2021-01-01T00:00Z,country/UG,a,";
        let (values, bad) =
            check(&[&format!("{row}1\n{row}1\n{row}2\n"), &format!("{row}\n{row}1\n")]);
        assert_eq!(values, [(0, Some(1.0))]);
        assert_eq!(bad, [(0, 4), (1, 2)]);
    }
}
