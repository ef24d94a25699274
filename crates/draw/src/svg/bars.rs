//! Rows of bars on the time axis: brackets, states, blind times, order of failure, parts.

use std::collections::BTreeMap;

use falter_model::{Basis, Blind, End, LostShare, Onset, Outage, Timestamp};

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Face, fitted, text_width};
use super::{LEFT, PLOT_LEFT, RIGHT, chart};
use crate::numbers::percent;
use crate::{Picture, words, wrap};

/// Rows of one kind that are drawn; the others are counted.
const MOST_ROWS: usize = 10;

const ROW: f64 = 27.0;
const BAR: f64 = 14.0;

/// Room for labels left of the axis.
const GUTTER: f64 = PLOT_LEFT - LEFT - 14.0;

/// When it began and ended, as brackets with words.
pub(super) fn brackets(canvas: &mut Canvas, axis: &Axis, outage: &Outage, y: f64) -> f64 {
    let from = outage.from;
    let begin = (axis.x(from.last_good.unwrap_or(from.first_bad)), axis.x(from.first_bad));
    let words = words::onset(from);
    let begin_width = text_width(&words, Face::Small);
    let end =
        outage.until.map(|end| (axis.x(end.last_bad), axis.x(end.first_good), words::end(end)));
    // Words stand outside the outage where there is room, and never over one another.
    let begin_left = (begin.1 - begin_width).max(PLOT_LEFT);
    let mut line = y + 12.0;
    canvas.text(begin_left, line, Face::Small, Anchor::Start, &words);
    if let Some((last_bad, first_good, words)) = &end {
        let left = last_bad.min(RIGHT - text_width(words, Face::Small));
        if left < begin_left + begin_width + 16.0 {
            line += 16.0;
        }
        canvas.text(left, line, Face::Small, Anchor::Start, words);
        bracket(canvas, *last_bad, *first_good, line + 8.0);
    }
    bracket(canvas, begin.0, begin.1, line + 8.0);
    line + 22.0
}

fn bracket(canvas: &mut Canvas, from: f64, until: f64, y: f64) {
    let accent = canvas.palette.accent;
    canvas.line((from, y), (until, y), accent, 2.0);
    canvas.line((from, y - 4.0), (from, y + 4.0), accent, 2.0);
    canvas.line((until, y - 4.0), (until, y + 4.0), accent, 2.0);
}

/// The sequence of states.
pub(super) fn states(canvas: &mut Canvas, axis: &Axis, outage: &Outage, y: f64) -> f64 {
    if outage.states.is_empty() {
        return y;
    }
    canvas.text(LEFT, y + 12.0, Face::Strong, Anchor::Start, "State");
    let names: Vec<&str> = outage.states.iter().map(|span| span.state.as_str()).collect();
    let lines = in_two_lines(&names.join(", "), GUTTER);
    for (line, at) in lines.iter().zip([27.0, 41.0]) {
        canvas.text(LEFT, y + at, Face::Small, Anchor::Start, line);
    }
    for span in &outage.states {
        let from = axis.x(span.from);
        let width = span.until.map_or(RIGHT, |until| axis.x(until)) - from;
        let color = canvas.palette.state(span.state);
        canvas.rect(from, y + 2.0, (width - 1.0).max(1.5), 18.0, color, 1.0);
        let name = span.state.as_str();
        if text_width(name, Face::Inside) + 10.0 < width {
            // Dark letters: every state's color is light enough for them.
            canvas.text_in(from + 6.0, y + 15.5, Face::Inside, Anchor::Start, "#15181c", name);
        }
    }
    if lines.len() > 1 { y + 56.0 } else { y + 44.0 }
}

/// Who could not see, and why.
pub(super) fn blind(canvas: &mut Canvas, axis: &Axis, picture: &Picture<'_>, y: f64) -> f64 {
    let mut rows: BTreeMap<(&str, &str), Vec<&Blind>> = BTreeMap::new();
    for blind in picture.blind {
        if blind.until > axis.from && blind.from < axis.until {
            rows.entry((&blind.vantage, &blind.why)).or_default().push(blind);
        }
    }
    let mut y = y;
    for ((vantage, why), times) in rows.iter().take(MOST_ROWS) {
        let label = fitted(&format!("No sight: {vantage}"), Face::Strong, GUTTER);
        canvas.text(LEFT, y + 12.0, Face::Strong, Anchor::Start, &label);
        canvas.text(LEFT, y + 27.0, Face::Small, Anchor::Start, &fitted(why, Face::Small, GUTTER));
        for blind in times {
            let from = axis.x(blind.from);
            canvas.hatch(from, y + 6.0, (axis.x(blind.until) - from).max(2.0), BAR);
        }
        y += 38.0;
    }
    more(canvas, y, rows.len())
}

/// The order of failure, by rank.
pub(super) fn order(canvas: &mut Canvas, axis: &Axis, picture: &Picture<'_>, y: f64) -> f64 {
    let outage = picture.outage;
    if outage.order.is_empty() {
        return y;
    }
    let mut y = heading(canvas, y, "Order of failure");
    for step in words::order_shown(outage, MOST_ROWS) {
        let mut label = chart::title(picture, &step.signal);
        if step.entity != outage.entity {
            label = format!("{}: {label}", words::entity(&step.entity));
        }
        canvas.disc(LEFT + 9.0, y + 9.0, &step.rank.to_string());
        row_label(canvas, LEFT + 26.0, y, &label);
        let color = canvas.palette.value;
        let note = step.lost_share.map(|share| format!("{} lost", percent(share.get())));
        bar(canvas, axis, (step.from, step.until), y, color, note.as_deref());
        canvas.disc(axis.x(step.from.first_bad), y + 9.0, &step.rank.to_string());
        y += ROW;
    }
    more(canvas, y, outage.order.len()) + 6.0
}

/// What a row of bars is about: small and on two lines where it is long.
fn row_label(canvas: &mut Canvas, left: f64, y: f64, label: &str) {
    let room = LEFT + GUTTER - left;
    if text_width(label, Face::Body) <= room {
        canvas.text(left, y + 14.0, Face::Body, Anchor::Start, label);
        return;
    }
    let lines = in_two_lines(label, room);
    let top = if lines.len() > 1 { y + 7.0 } else { y + 14.0 };
    let ink = canvas.palette.ink;
    for (line, at) in lines.iter().zip([top, top + 13.0]) {
        canvas.text_in(left, at, Face::Small, Anchor::Start, ink, line);
    }
}

/// Small text broken into at most two lines, the second one cut.
fn in_two_lines(text: &str, room: f64) -> Vec<String> {
    let mut lines = wrap::wrap_by(text, room, |line| text_width(line, Face::Small));
    if let Some(rest) = lines.get(1..).filter(|rest| !rest.is_empty()) {
        let rest = fitted(&rest.join(" "), Face::Small, room);
        lines.truncate(1);
        lines.push(rest);
    }
    lines
}

/// The parts that were out by themselves, those that lost most first.
pub(super) fn parts(canvas: &mut Canvas, axis: &Axis, outage: &Outage, y: f64) -> f64 {
    if outage.parts.is_empty() {
        return y;
    }
    let mut y = heading(canvas, y, "Parts that were out");
    for part in words::parts_by_loss(outage).into_iter().take(MOST_ROWS) {
        row_label(canvas, LEFT, y, &words::entity(&part.entity));
        let note = part.lost_share.as_ref().map_or_else(
            || part.state.to_string(),
            |lost| format!("{}: {}", part.state, share(lost)),
        );
        let color = canvas.palette.state(part.state);
        bar(canvas, axis, (part.from, part.until), y, color, Some(&note));
        y += ROW;
    }
    more(canvas, y, outage.parts.len()) + 6.0
}

/// A lost share without its interval.
fn share(lost: &LostShare) -> String {
    let exact = LostShare { low: lost.value, high: lost.value, ..*lost };
    match lost.basis {
        Basis::Other if lost.n.is_none() => percent(lost.value.get()),
        _ => words::lost(&exact),
    }
}

/// A bar, lighter where its ends are not known exactly, and a note beside it.
fn bar(
    canvas: &mut Canvas,
    axis: &Axis,
    (from, until): (Onset, Option<End>),
    y: f64,
    color: &str,
    note: Option<&str>,
) {
    let y = y + 2.0;
    let sure_from = axis.x(from.first_bad);
    let sure_until = until.map_or(RIGHT, |end| axis.x(end.last_bad.max(from.first_bad)));
    let sure_until = sure_until.max(sure_from + 2.0);
    canvas.rect(sure_from, y, sure_until - sure_from, BAR, color, 1.0);
    let place = |at: Timestamp| axis.x(at);
    let begin = from.last_good.map_or(sure_from, place).min(sure_from);
    canvas.rect(begin, y, sure_from - begin, BAR, color, 0.4);
    let end = until.map_or(sure_until, |end| place(end.first_good)).max(sure_until);
    canvas.rect(sure_until, y, end - sure_until, BAR, color, 0.4);
    let Some(note) = note else { return };
    let width = text_width(note, Face::Small);
    let ink = canvas.palette.ink;
    if end + 8.0 + width < RIGHT {
        canvas.text_in(end + 8.0, y + 11.5, Face::Small, Anchor::Start, ink, note);
    } else if begin - 14.0 - width > PLOT_LEFT {
        canvas.text_in(begin - 14.0, y + 11.5, Face::Small, Anchor::End, ink, note);
    } else if width + 26.0 < sure_until - sure_from {
        let ground = "#15181c";
        canvas.text_in(sure_from + 16.0, y + 11.5, Face::Small, Anchor::Start, ground, note);
    }
}

fn heading(canvas: &mut Canvas, y: f64, text: &str) -> f64 {
    canvas.text(LEFT, y + 24.0, Face::Heading, Anchor::Start, text);
    y + 37.0
}

fn more(canvas: &mut Canvas, y: f64, all: usize) -> f64 {
    match all.checked_sub(MOST_ROWS) {
        None | Some(0) => y,
        Some(more) => {
            canvas.text(LEFT, y + 12.0, Face::Small, Anchor::Start, &format!("and {more} more"));
            y + 20.0
        }
    }
}
