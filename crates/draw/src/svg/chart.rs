//! Signals over time: a panel a signal, stacked on the shared axis.

use falter_model::{OrderStep, Series, SignalId, Timestamp, Unit};

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Face, fitted, number};
use super::{LEFT, PLOT_LEFT, RIGHT};
use crate::numbers::value;
use crate::wrap;
use crate::{Picture, words};

/// Panels that are drawn; the others are counted.
const MOST_PANELS: usize = 8;

const HEIGHT: f64 = 66.0;
const DISTANCE: f64 = 18.0;

/// Two values a unit of width are more than can be seen.
const COLUMNS: f64 = (RIGHT - PLOT_LEFT) * 2.0;

/// A value lasts until the next one, unless that comes later than this many steps: snapshots at
/// irregular times have a gap only beyond 2.5 times their usual distance (design: volumes).
const GAP_STEPS: f64 = 2.5;

/// A stretch of time with one value, or none.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretch {
    from: Timestamp,
    until: Timestamp,
    value: Option<f64>,
}

/// The signals below `y`; where they end.
pub(super) fn draw(canvas: &mut Canvas, axis: &Axis, picture: &Picture<'_>, y: f64) -> f64 {
    let mut series: Vec<&Series> = picture.series.iter().collect();
    series.sort_by_key(|series| {
        (weight(picture, series), &series.entity, &series.signal, series.step)
    });
    let more = series.len().saturating_sub(MOST_PANELS);
    series.truncate(MOST_PANELS);
    series
        .sort_by_key(|series| (rank(picture, series), &series.entity, &series.signal, series.step));
    let mut y = y;
    for one in series {
        panel(canvas, axis, picture, one, y);
        y += HEIGHT + DISTANCE;
    }
    if more > 0 {
        let text = format!("and {more} more signals");
        canvas.text(LEFT, y, Face::Small, Anchor::Start, &text);
        y += 16.0;
    }
    y + 4.0
}

/// What people call a signal: the title of what is known of it, else its id.
pub(super) fn title(picture: &Picture<'_>, signal: &SignalId) -> String {
    let (family, variant) = match signal.as_str().split_once('/') {
        Some((family, variant)) => (family, Some(variant)),
        None => (signal.as_str(), None),
    };
    let spec = picture.signals.iter().find(|spec| spec.id == family);
    match (spec, variant) {
        (Some(spec), Some(variant)) => format!("{}: {variant}", spec.title),
        (Some(spec), None) => spec.title.to_owned(),
        (None, _) => signal.to_string(),
    }
}

/// Where there are more signals than room, the outage's own come first, then those that failed, then
/// those of which a share was lost.
fn weight(picture: &Picture<'_>, series: &Series) -> (bool, bool, bool, u32) {
    let step = step_of(picture, series);
    let counts = step.is_some_and(|step| step.lost_share.is_some());
    let (foreign, rank) = rank(picture, series);
    (foreign, step.is_none(), !counts, rank)
}

/// The outage's own signals first, in their order of failure; then the others.
fn rank(picture: &Picture<'_>, series: &Series) -> (bool, u32) {
    let rank = step_of(picture, series).map_or(u32::MAX, |step| step.rank);
    (series.entity != picture.outage.entity, rank)
}

/// The signal's place in the order of failure.
fn step_of<'a>(picture: &Picture<'a>, series: &Series) -> Option<&'a OrderStep> {
    let mut order = picture.outage.order.iter();
    order.find(|step| step.signal == series.signal && step.entity == series.entity)
}

fn panel(canvas: &mut Canvas, axis: &Axis, picture: &Picture<'_>, series: &Series, y: f64) {
    let spec = picture
        .signals
        .iter()
        .find(|spec| series.signal.as_str().split('/').next() == Some(spec.id));
    let unit = spec.map_or(Unit::Other, |spec| spec.unit);
    label(canvas, picture, series, y);

    let stretches = stretches(series, axis);
    let scale = Scale::of(&stretches, unit);
    let bottom = y + HEIGHT;
    let (grid, faint, color) = (canvas.palette.grid, canvas.palette.faint, canvas.palette.value);
    canvas.line((PLOT_LEFT, y), (RIGHT, y), grid, 1.0);
    for gap in stretches.iter().filter(|stretch| stretch.value.is_none()) {
        let from = axis.x(gap.from);
        canvas.hatch(from, y, axis.x(gap.until) - from, HEIGHT);
    }
    for run in stretches.chunk_by(|a, b| a.value.is_some() && b.value.is_some()) {
        draw_run(canvas, axis, &scale, run, y, color);
    }
    canvas.line((PLOT_LEFT, bottom), (RIGHT, bottom), faint, 1.0);
    if scale.known {
        let (top, low) = (value(scale.most, unit), value(scale.least, unit));
        canvas.text(PLOT_LEFT - 8.0, y + 9.0, Face::Small, Anchor::End, &top);
        canvas.text(PLOT_LEFT - 8.0, bottom, Face::Small, Anchor::End, &low);
    }
    if let Some(step) = step_of(picture, series) {
        canvas.disc(axis.x(step.from.first_bad), y, &step.rank.to_string());
    }
}

fn label(canvas: &mut Canvas, picture: &Picture<'_>, series: &Series, y: f64) {
    // The labels of the scale stand at the end of the same room.
    const ROOM: f64 = PLOT_LEFT - LEFT - 58.0;
    let title = title(picture, &series.signal);
    let lines = wrap::wrap_by(&title, ROOM, |line| super::canvas::text_width(line, Face::Strong));
    let mut line = y + 12.0;
    if let Some((first, rest)) = lines.split_first() {
        canvas.text(LEFT, line, Face::Strong, Anchor::Start, first);
        line += 17.0;
        // The second line is the last, and is cut.
        if !rest.is_empty() {
            let rest = fitted(&rest.join(" "), Face::Strong, ROOM);
            canvas.text(LEFT, line, Face::Strong, Anchor::Start, &rest);
            line += 17.0;
        }
    }
    let mut below = Vec::new();
    if title != series.signal.as_str() {
        below.push(series.signal.to_string());
    }
    if series.entity != picture.outage.entity {
        below.push(words::entity(&series.entity));
    }
    for text in below {
        canvas.text(LEFT, line, Face::Small, Anchor::Start, &fitted(&text, Face::Small, ROOM));
        line += 15.0;
    }
}

/// The values of the time that is drawn, without holes: what is between them is not measured.
fn stretches(series: &Series, axis: &Axis) -> Vec<Stretch> {
    let step = series.step.width();
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut done = axis.from;
    let mut points = series.points.iter().peekable();
    while let Some((at, measured)) = points.next() {
        let next = points.peek().map(|(next, _)| *next);
        let until = match next {
            Some(next) if (next - *at).as_seconds() <= step.as_seconds() * GAP_STEPS => next,
            _ => *at + step,
        };
        let (from, until) = ((*at).max(done), until.min(axis.until));
        if from >= until {
            continue;
        }
        if from > done {
            push(&mut stretches, Stretch { from: done, until: from, value: None });
        }
        let value = measured.filter(|value| value.is_finite());
        push(&mut stretches, Stretch { from, until, value });
        done = until;
    }
    if done < axis.until {
        push(&mut stretches, Stretch { from: done, until: axis.until, value: None });
    }
    thinned(stretches, axis)
}

/// Appends, joining what has the same value.
fn push(stretches: &mut Vec<Stretch>, next: Stretch) {
    match stretches.last_mut() {
        Some(last) if last.value == next.value => last.until = next.until,
        _ => stretches.push(next),
    }
}

/// Least and greatest value of each column, where there are more than can be seen.
fn thinned(stretches: Vec<Stretch>, axis: &Axis) -> Vec<Stretch> {
    if (stretches.len() as f64) <= COLUMNS {
        return stretches;
    }
    let column = |stretch: &Stretch| ((axis.x(stretch.from) - PLOT_LEFT) * 2.0).floor();
    let mut thin = Vec::new();
    for group in stretches.chunk_by(|a, b| column(a).total_cmp(&column(b)).is_eq()) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let values = || group.iter().filter_map(|stretch| stretch.value);
        let middle = first.from + (last.until - first.from).divided(2);
        let low = values().min_by(f64::total_cmp);
        let high = values().max_by(f64::total_cmp);
        push(&mut thin, Stretch { from: first.from, until: middle, value: low });
        push(&mut thin, Stretch { from: middle, until: last.until, value: high });
    }
    thin
}

fn draw_run(canvas: &mut Canvas, axis: &Axis, scale: &Scale, run: &[Stretch], y: f64, color: &str) {
    let Some(first) = run.first() else { return };
    if first.value.is_none() {
        return;
    }
    let bottom = number(y + HEIGHT);
    let mut outline = String::new();
    for stretch in run {
        let height = number(y + HEIGHT - scale.share(stretch.value.unwrap_or_default()) * HEIGHT);
        let (from, until) = (number(axis.x(stretch.from)), number(axis.x(stretch.until)));
        let begin = if outline.is_empty() { ["M", &from, " "] } else { ["V", "", ""] };
        outline.extend(begin.into_iter().chain([height.as_str(), "H", &until]));
    }
    let from = number(axis.x(first.from));
    canvas.area(
        &format!("M{from} {bottom}{}V{bottom}H{from}Z", outline.replacen('M', "L", 1)),
        color,
    );
    canvas.outline(&outline, color);
}

/// From the least to the greatest value that a panel shows; zero is always among them.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Scale {
    least: f64,
    most: f64,
    /// False where nothing was measured.
    known: bool,
}

impl Scale {
    fn of(stretches: &[Stretch], unit: Unit) -> Self {
        let values = || stretches.iter().filter_map(|stretch| stretch.value);
        let most = values().fold(0.0, f64::max);
        let least = values().fold(0.0, f64::min);
        let known = values().next().is_some();
        if unit == Unit::Share && most <= 1.0 && least >= 0.0 {
            return Self { least: 0.0, most: 1.0, known };
        }
        let most = if most > 0.0 || least < 0.0 { round_up(most) } else { 1.0 };
        Self { least: -round_up(-least) + 0.0, most, known }
    }

    /// The height of a value, in [0, 1]. Halved first, since the range itself may not be finite.
    fn share(&self, value: f64) -> f64 {
        let range = self.most / 2.0 - self.least / 2.0;
        ((value / 2.0 - self.least / 2.0) / range).clamp(0.0, 1.0)
    }
}

/// The next number that people count in.
fn round_up(value: f64) -> f64 {
    const ROUND: [f64; 9] = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 8.0];
    if value <= 0.0 {
        return 0.0;
    }
    let mut scale = 1.0;
    while scale * 10.0 <= value {
        scale *= 10.0;
    }
    while scale > value {
        scale /= 10.0;
    }
    let rounded = ROUND.into_iter().map(|round| round * scale).find(|round| *round >= value);
    let rounded = rounded.unwrap_or(scale * 10.0);
    if rounded.is_finite() && rounded > 0.0 { rounded } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use falter_model::{Span, Step};

    fn axis() -> Axis {
        let from = Timestamp::EPOCH;
        Axis { from, until: from + Span::from_minutes(60) }
    }

    fn series(points: &[(i64, Option<f64>)]) -> Series {
        Series {
            entity: sample::entity("network/kp"),
            signal: SignalId::from("x"),
            step: Step::FIVE_MINUTES,
            points: points
                .iter()
                .map(|(minute, value)| (Timestamp::from_seconds(minute * 60), *value))
                .collect(),
        }
    }

    fn check(points: &[(i64, Option<f64>)], expected: &[(i64, Option<f64>)]) {
        let found: Vec<(i64, Option<f64>)> = stretches(&series(points), &axis())
            .into_iter()
            .map(|stretch| (stretch.until.seconds() / 60, stretch.value))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_lies_between_is_not_measured() {
        check(&[], &[(60, None)]);
        check(&[(10, Some(1.0))], &[(10, None), (15, Some(1.0)), (60, None)]);
        check(&[(0, Some(1.0)), (12, Some(2.0))], &[(12, Some(1.0)), (17, Some(2.0)), (60, None)]);
        check(
            &[(0, Some(1.0)), (13, Some(2.0))],
            &[(5, Some(1.0)), (13, None), (18, Some(2.0)), (60, None)],
        );
        check(&[(-9, Some(1.0)), (-3, None), (55, Some(f64::NAN))], &[(60, None)]);
    }

    #[test]
    fn more_values_than_can_be_seen_keep_their_extremes() {
        let mut one = series(&[]);
        one.step = Step::SECOND;
        one.points = (0..3600)
            .map(|s| {
                (Timestamp::from_seconds(s), Some(if s == 1801 { 9.0 } else { (s % 2) as f64 }))
            })
            .collect();
        let found = stretches(&one, &axis());
        assert!((found.len() as f64) <= COLUMNS * 2.0);
        assert!(found.iter().any(|stretch| stretch.value == Some(9.0)));
    }

    #[test]
    fn scales_are_round_and_hold_zero() {
        for (value, rounded) in
            [(0.0, 0.0), (4.0, 4.0), (4.1, 5.0), (0.021, 0.025), (1024.0, 1200.0), (9.0, 10.0)]
        {
            assert!((round_up(value) - rounded).abs() < 1e-12, "{value}");
        }
        assert!(round_up(f64::MAX).is_finite() && round_up(f64::MIN_POSITIVE) > 0.0);
    }
}
