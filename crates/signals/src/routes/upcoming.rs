//! Rows of the prefixes that are spoken of next, looked up together.
//!
//! Updates of the whole Internet speak of prefixes in no order, so that each lookup waits for memory
//! several times. A processor waits for many lookups at once where none depends on another; between
//! two updates there is too much else to do. So some dozens are looked up ahead of time.

use falter_model::Prefix;

use super::rows::RowId;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Upcoming {
    /// Prefix and row in the order in which they will be spoken of; `None` where there was no row.
    found: Vec<(Prefix, Option<RowId>)>,
    next: usize,
}

impl Upcoming {
    /// Begins anew with these.
    pub(super) fn refill(&mut self, found: impl Iterator<Item = (Prefix, Option<RowId>)>) {
        self.next = 0;
        self.found.clear();
        self.found.extend(found);
    }

    /// Rows that will be spoken of.
    pub(super) fn rows(&self) -> impl Iterator<Item = RowId> {
        self.found.iter().filter_map(|(_, row)| *row)
    }

    /// The row of a prefix, if it was looked up and found; what came before it is passed over.
    pub(super) fn take(&mut self, prefix: Prefix) -> Option<RowId> {
        let ahead = self.found.get(self.next..)?;
        let place = ahead.iter().position(|(upcoming, _)| *upcoming == prefix)?;
        let row = ahead.get(place)?.1;
        self.next += place + 1;
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_taken_in_order_and_what_is_not_there_costs_nothing() {
        let prefixes: Vec<Prefix> = (0..5).map(|n| Prefix::v4(n << 24, 8).unwrap()).collect();
        let mut upcoming = Upcoming::default();
        let rows = [Some(7), None, Some(9), Some(3)];
        upcoming.refill(prefixes.iter().copied().zip(rows));
        assert_eq!(upcoming.rows().collect::<Vec<_>>(), [7, 9, 3]);
        assert_eq!(upcoming.take(prefixes[0]), Some(7));
        assert_eq!(upcoming.take(prefixes[4]), None);
        assert_eq!(upcoming.take(prefixes[1]), None);
        assert_eq!(upcoming.take(prefixes[3]), Some(3));
        assert_eq!(upcoming.take(prefixes[2]), None);
    }
}
