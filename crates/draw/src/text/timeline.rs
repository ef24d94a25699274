//! Bars made of characters: times on an axis, shares of a whole.

use falter_model::{End, Onset, Outage, Span, Timestamp};
use jiff::tz::TimeZone;

use crate::moments;

/// An axis around an outage, in cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timeline {
    from: Timestamp,
    until: Timestamp,
    cells: usize,
}

impl Timeline {
    /// From a little before anything failed to a little after everything was back.
    pub(super) fn of(outage: &Outage, cells: usize) -> Self {
        let mut from = first(outage.from);
        let mut until = last(outage.from, outage.until);
        let steps = outage.order.iter().map(|step| (step.from, step.until));
        for (begin, end) in steps.chain(outage.parts.iter().map(|part| (part.from, part.until))) {
            from = from.min(first(begin));
            until = until.max(last(begin, end));
        }
        let margin = (until - from).divided(16).max(Span::from_minutes(1));
        Self { from: from - margin, until: until + margin, cells }
    }

    /// What stands over the bars, as wide as they are: `21:27         23:53`, or days where there are
    /// several.
    pub(super) fn ends(&self) -> String {
        let label = |at: Timestamp| {
            if self.until - self.from > Span::from_days(1) {
                return moments::day(at);
            }
            let minute = at.seconds().div_euclid(60).saturating_mul(60);
            moments::clock(Timestamp::from_seconds(minute), &TimeZone::UTC)
        };
        let (from, until) = (label(self.from), label(self.until));
        let gap = self.cells.saturating_sub(from.len() + until.len()).max(1);
        format!("{from}{}{until}", " ".repeat(gap))
    }

    /// `···▒████▒···`: surely out, perhaps out, not out. What goes on reaches the right end.
    pub(super) fn bar(&self, from: Onset, until: Option<End>) -> String {
        let surely = self.cell(from.first_bad)
            ..=until.map_or(self.cells, |end| self.cell(end.last_bad.max(from.first_bad)));
        let perhaps = self.cell(from.last_good.unwrap_or(from.first_bad))
            ..=until.map_or(self.cells, |end| self.cell(end.first_good));
        (0..self.cells)
            .map(|cell| match (surely.contains(&cell), perhaps.contains(&cell)) {
                (true, _) => '█',
                (false, true) => '▒',
                (false, false) => '·',
            })
            .collect()
    }

    /// The cell that a moment lies in.
    fn cell(&self, at: Timestamp) -> usize {
        let width = (self.until - self.from).as_seconds().max(1e-6);
        let share = ((at - self.from).as_seconds() / width).clamp(0.0, 1.0);
        at_share(share, self.cells)
    }
}

fn first(onset: Onset) -> Timestamp {
    onset.last_good.unwrap_or(onset.first_bad)
}

fn last(onset: Onset, end: Option<End>) -> Timestamp {
    end.map_or(onset.first_bad, |end| end.first_good)
}

/// `████▌····`: a share of the whole.
pub(super) fn share_bar(share: f64, cells: usize) -> String {
    const EIGHTHS: [char; 8] = ['·', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let eighths = at_share(share, cells * 8 + 1);
    (0..cells)
        .map(|cell| EIGHTHS.get(eighths.saturating_sub(cell * 8)).copied().unwrap_or('█'))
        .collect()
}

/// The cell of so many that a share falls in.
fn at_share(share: f64, cells: usize) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a few hundred cells"
    )]
    let cell = (share.clamp(0.0, 1.0) * cells as f64).floor() as usize;
    cell.min(cells.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_seconds(n * 60)
    }

    #[test]
    fn what_is_sure_stands_out_from_what_is_not() {
        let axis = Timeline { from: minute(0), until: minute(10), cells: 10 };
        let onset = Onset { last_good: Some(minute(2)), first_bad: minute(3) };
        let end = End { last_bad: minute(5), first_good: minute(6) };
        assert_eq!(axis.bar(onset, Some(end)), "··▒███▒···");
        assert_eq!(axis.bar(onset, None), "··▒███████");
        assert_eq!(axis.bar(Onset { last_good: None, ..onset }, Some(end)), "···███▒···");
    }

    #[test]
    fn a_share_has_eighths() {
        assert_eq!(share_bar(0.5, 8), "████····");
        assert_eq!(share_bar(0.0, 4), "····");
        assert_eq!(share_bar(1.0, 4), "████");
        assert_eq!(share_bar(0.3, 4), "█▏··");
    }
}
