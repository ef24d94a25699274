//! One outage as text for a terminal: what a newcomer sees first.
//!
//! Title, then when, how much and why in plain words; the order of failure and the parts as bars on
//! one time axis; the six causes as bars; what speaks for and against the first of them; what would
//! settle it and what could not be seen; what it rests on.

mod ink;
mod timeline;

use falter_model::{Call, Entity, Outage, State, Verdict};
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr;

use crate::escape::printable;
use crate::numbers::{narrow_percent, signed};
use crate::words::{self, Weighed};
use crate::{Ground, Nature, Provenance, moments, wrap};

pub use ink::TextStyle;
use ink::{Hue, Ink};
use timeline::Timeline;

/// Narrower than this bars are of no use, wider than this lines are hard to read.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=100;

/// The column where text stands beside a label.
const LABEL: usize = 9;

/// Reasons that are shown for and against, each.
const MOST_REASONS: usize = 4;

/// Steps of the order of failure that are shown.
const MOST_STEPS: usize = 12;

/// Grounds that are shown: profile, configuration and fit, and some inputs.
const MOST_GROUNDS: usize = 8;

/// Parts that are shown.
const MOST_PARTS: usize = 8;

/// The outage as text of at most `width` columns (kept between 60 and 100), each line ended. `title`
/// is what people call the network.
pub fn outage_text(
    outage: &Outage,
    title: &str,
    provenance: &Provenance<'_>,
    width: usize,
    style: TextStyle,
) -> String {
    let width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
    let mut page = Page { width, ink: Ink::new(style), text: String::new() };
    page.title(outage, title, provenance.nature);
    page.summary(outage, provenance.nature);
    page.order(outage);
    page.parts(outage);
    if let Some(verdict) = &outage.verdict {
        page.verdict(verdict);
    }
    page.grounds(provenance.grounds);
    page.text
}

struct Page {
    width: usize,
    ink: Ink,
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// Headline and id, under a rule in the color of the state.
    fn title(&mut self, outage: &Outage, title: &str, nature: Nature) {
        let headline = printable(&words::headline(outage, title, nature));
        let id = printable(&outage.id.0);
        let hue = hue(outage.state);
        let room = self.width.saturating_sub(headline.width() + 2);
        if id.width() <= room {
            let gap = " ".repeat(self.width - headline.width() - id.width());
            let line = format!("{}{gap}{}", self.ink.bold(&headline), self.ink.dim(&id));
            self.line(&line);
        } else {
            for line in wrap::lines(&headline, self.width) {
                let line = self.ink.bold(&line);
                self.line(&line);
            }
            let line = self.ink.dim(&wrap::cut(&id, self.width));
            self.line(&line);
        }
        let rule = self.ink.hue(hue, &"━".repeat(self.width));
        self.line(&rule);
    }

    fn summary(&mut self, outage: &Outage, nature: Nature) {
        if let Some(warning) = nature.warning() {
            self.label("Played", &warning);
        }
        self.label("When", &format!("{}, {}", words::period(outage), words::lasted(outage)));
        let mut sure = words::onset(outage.from);
        if let Some(end) = outage.until {
            sure = format!("{sure}, {}", words::end(end));
        }
        self.label("", &sure);
        match &outage.lost_share {
            Some(lost) => self.label("Lost", &words::lost(lost)),
            None => self.label("Lost", "no units counted as lost"),
        }
        let why =
            outage.verdict.as_ref().map_or_else(|| "not judged yet".to_owned(), words::verdict);
        self.label("Why", &why);
        if !outage.seen_by.is_empty() {
            let seen: Vec<String> =
                outage.seen_by.iter().map(|(who, state)| format!("{who} ({state})")).collect();
            self.label("Seen by", &seen.join(", "));
        }
    }

    /// `When     25 January ...`, its further lines below the first.
    fn label(&mut self, label: &str, text: &str) {
        let lines = wrap::lines(&printable(text), self.width - LABEL);
        for (i, line) in lines.iter().enumerate() {
            let label = if i == 0 { label } else { "" };
            let line = format!("{}{line}", self.ink.bold(&format!("{label:<LABEL$}")));
            self.line(&line);
        }
    }

    fn heading(&mut self, heading: &str, note: &str) {
        self.line("");
        let gap = " ".repeat(self.width.saturating_sub(heading.width() + note.width()));
        let line = format!("{}{gap}{}", self.ink.bold(heading), self.ink.dim(note));
        self.line(&line);
    }

    fn order(&mut self, outage: &Outage) {
        if outage.order.is_empty() {
            return;
        }
        let axis = Timeline::of(outage, self.axis_cells());
        self.heading("Order of failure", &axis.ends());
        let days = moments::days(outage.order.iter().map(|step| step.from.first_bad));
        for step in words::order_shown(outage, MOST_STEPS) {
            let when = if days > 1 {
                format!("{:<15}", moments::short(step.from.first_bad))
            } else {
                format!("{:<8}", moments::clock(step.from.first_bad, &TimeZone::UTC))
            };
            let whose = whose(&step.entity, &outage.entity);
            let what = format!("{} {}{whose}", words::layer(&step.signal), step.signal);
            let share =
                step.lost_share.map_or_else(String::new, |share| narrow_percent(share.get()));
            let head = format!("{:>3}  {when} ", step.rank);
            let row = Row { head, what, share, bar: axis.bar(step.from, step.until) };
            self.row(&row, Hue::Blue);
        }
        self.more(outage.order.len(), MOST_STEPS);
    }

    fn parts(&mut self, outage: &Outage) {
        if outage.parts.is_empty() {
            return;
        }
        let axis = Timeline::of(outage, self.axis_cells());
        self.heading("Parts that were out", &axis.ends());
        for part in words::parts_by_loss(outage).into_iter().take(MOST_PARTS) {
            let share =
                part.lost_share.map_or_else(String::new, |share| narrow_percent(share.value.get()));
            let head = format!("  {:<13} ", part.state.as_str());
            let what = words::entity(&part.entity);
            let row = Row { head, what, share, bar: axis.bar(part.from, part.until) };
            self.row(&row, hue(part.state));
        }
        self.more(outage.parts.len(), MOST_PARTS);
    }

    /// What stands left of a bar, and the bar, which ends at the right margin.
    fn row(&mut self, row: &Row, hue: Hue) {
        let cells = row.bar.chars().count();
        let room = self.width.saturating_sub(row.head.width() + 7 + cells + 2);
        let what = wrap::padded(&printable(&row.what), room);
        let share = &row.share;
        let line = format!("{}{what} {share:>6}  {}", row.head, self.ink.bar(hue, &row.bar));
        self.line(&line);
    }

    fn more(&mut self, all: usize, most: usize) {
        if let Some(more) = all.checked_sub(most).filter(|more| *more > 0) {
            let line = self.ink.dim(&format!("  and {more} more"));
            self.line(&line);
        }
    }

    fn axis_cells(&self) -> usize {
        self.width * 3 / 10
    }

    fn verdict(&mut self, verdict: &Verdict) {
        self.heading(&format!("Cause: {}", verdict.cause), "now  before");
        let cells = self.width - 2 - 15 - 1 - 12 - 5;
        for (i, share) in verdict.causes.iter().enumerate() {
            let decided = verdict.cause == Call::Decided(share.cause);
            let hue = if decided && i == 0 { Hue::Red } else { Hue::Blue };
            let line = format!(
                "  {:<15}{} {:>11}{}",
                words::cause(share.cause),
                self.ink.bar(hue, &timeline::share_bar(share.probability.get(), cells)),
                narrow_percent(share.probability.get()),
                self.ink.dim(&format!("{:>6}", narrow_percent(share.prior.get())))
            );
            self.line(&line);
        }
        let (pro, con) = words::weighed(verdict);
        let first = verdict.causes.first().map_or("", |first| words::a_cause(first.cause));
        self.reasons(&format!("What speaks for {first}"), &pro);
        self.reasons("What speaks against it", &con);
        if !verdict.would_settle.is_empty() || !verdict.could_not_see.is_empty() {
            self.line("");
        }
        self.closing("Would settle it", &verdict.would_settle);
        self.closing("Could not be seen", &verdict.could_not_see);
    }

    /// What it rests on, a line each, its digest on the right.
    fn grounds(&mut self, grounds: &[Ground]) {
        if grounds.is_empty() {
            return;
        }
        self.heading("Rests on", "digest");
        for ground in grounds.iter().take(MOST_GROUNDS) {
            let digest = printable(ground.short_digest());
            let room = self.width.saturating_sub(2 + 2 + digest.width());
            let what = wrap::padded(&printable(&ground.what), room);
            let line = format!("  {what}  {}", self.ink.dim(&digest));
            self.line(&line);
        }
        self.more(grounds.len(), MOST_GROUNDS);
    }

    fn reasons(&mut self, heading: &str, reasons: &[Weighed<'_>]) {
        if reasons.is_empty() {
            return;
        }
        self.heading(heading, "weight");
        for reason in reasons.iter().take(MOST_REASONS) {
            let weight = signed(reason.weight);
            let lines = wrap::lines(&printable(&reason.evidence.says), self.width - 2 - 8);
            for (i, line) in lines.iter().enumerate() {
                let line = if i == 0 {
                    let hue = if reason.weight > 0.0 { Hue::Green } else { Hue::Red };
                    let weight = self.ink.hue(hue, &format!("{weight:>6}"));
                    format!("  {}  {weight}", wrap::padded(line, self.width - 2 - 8))
                } else {
                    format!("  {line}")
                };
                self.line(&line);
            }
        }
        if reasons.len() > MOST_REASONS {
            let line = self.ink.dim(&format!("  and {} more", reasons.len() - MOST_REASONS));
            self.line(&line);
        }
    }

    fn closing(&mut self, label: &str, text: &str) {
        const COLUMN: usize = 19;
        for (i, line) in wrap::lines(&printable(text), self.width - COLUMN).iter().enumerate() {
            let label = if i == 0 { label } else { "" };
            let line = format!("{}{line}", self.ink.bold(&format!("{label:<COLUMN$}")));
            self.line(&line);
        }
    }
}

struct Row {
    head: String,
    what: String,
    share: String,
    bar: String,
}

/// ` of AS37113` where a step is not the outage's own entity.
fn whose(entity: &Entity, own: &Entity) -> String {
    if entity == own { String::new() } else { format!(" of {}", words::entity(entity)) }
}

fn hue(state: State) -> Hue {
    match state {
        State::Complete => Hue::Red,
        State::Partial | State::Intermittent => Hue::Yellow,
        State::Degraded | State::Isolated => Hue::Blue,
        State::Blind => Hue::Gray,
    }
}

#[cfg(test)]
mod tests;
