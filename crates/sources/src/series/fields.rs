//! One line of CSV, taken apart.
//!
//! Lines are taken apart one by one, so that a quotation mark which nobody closes costs its line and
//! not the rest of the file. The price is that no field may hold a line feed.

use csv_core::{ReadRecordResult, Reader};

/// The fields of a line.
#[derive(Debug, Default)]
pub(super) struct Fields {
    text: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

impl Fields {
    /// Takes a line apart, in the place of the one before.
    pub(super) fn split(&mut self, line: &[u8]) {
        // Unquoting only shortens, and each field but the first needs a comma.
        self.text.resize(line.len().max(self.text.len()), 0);
        self.ends.resize((line.len() + 1).max(self.ends.len()), 0);
        let (mut reader, mut rest) = (Reader::new(), line);
        let (mut written, mut count) = (0, 0);
        loop {
            let text = self.text.get_mut(written..).unwrap_or_default();
            let ends = self.ends.get_mut(count..).unwrap_or_default();
            let (result, read, wrote, ended) = reader.read_record(rest, text, ends);
            rest = rest.get(read..).unwrap_or_default();
            written += wrote;
            count += ended;
            // An empty rest is how the reader is told of the end of the line.
            if !matches!(result, ReadRecordResult::InputEmpty) {
                break;
            }
        }
        self.count = count;
    }

    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// A field; `None` beyond the last.
    pub(super) fn get(&self, index: usize) -> Option<&[u8]> {
        let from = match index.checked_sub(1) {
            None => 0,
            Some(before) => *self.ends.get(before)?,
        };
        let to = *self.ends.get(..self.count)?.get(index)?;
        self.text.get(from..to)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count).filter_map(|index| self.get(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        let mut fields = Fields::default();
        fields.split(b"what,was,here,before");
        fields.split(line.as_bytes());
        let found: Vec<&str> = fields.iter().map(|field| str::from_utf8(field).unwrap()).collect();
        assert_eq!(found, expected, "{line:?}");
        assert_eq!(fields.len(), expected.len());
    }

    #[test]
    fn lines_are_taken_apart() {
        check("a,b", &["a", "b"]);
        check("a,,", &["a", "", ""]);
        check("a\r", &["a"]);
        check(r#""a,b","say ""no""",c"#, &["a,b", "say \"no\"", "c"]);
        check(r#""never closed,b"#, &["never closed,b"]);
        check(",", &["", ""]);
    }
}
