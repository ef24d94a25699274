//! The time axis that everything in a picture shares.

use falter_model::{Outage, Span, Timestamp};
use jiff::tz::TimeZone;

use super::canvas::{Anchor, Canvas, Face};
use super::{PLOT_LEFT, RIGHT};
use crate::{Picture, moments};

/// Times to places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

/// Distances of ticks that people count in; beyond these, doubled.
const STEPS_MINUTES: [i64; 15] =
    [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 14_400];

/// More labels than this do not fit.
const MOST_TICKS: i64 = 9;

impl Axis {
    /// The outage with half its length before and after, and as much of that as there is anything of.
    pub(super) fn of(picture: &Picture<'_>) -> Self {
        let outage = picture.outage;
        let steps = outage.order.iter().map(|step| (step.from, step.until));
        let parts = outage.parts.iter().map(|part| (part.from, part.until));
        let mut first = outage.from.last_good.unwrap_or(outage.from.first_bad);
        let mut last = outage.until.map_or(outage.from.first_bad, |end| end.first_good);
        for (from, until) in steps.chain(parts) {
            first = first.min(from.last_good.unwrap_or(from.first_bad));
            last = last.max(until.map_or(from.first_bad, |end| end.first_good));
        }
        let measured =
            || picture.series.iter().flat_map(|series| &series.points).map(|(at, _)| *at);
        let step = picture.series.iter().map(|series| series.step.width()).max();
        let step = step.unwrap_or(Span::ZERO);
        if outage.until.is_none() {
            last = measured().max().map_or(last, |end| last.max(end + step));
        }
        let around = (last - first).divided(2).max(step.times(6)).max(Span::from_minutes(30));
        let begin = measured().min().unwrap_or(first).min(first).max(first - around);
        let end = measured().max().map_or(last, |end| end + step).max(last).min(last + around);
        // Something of the edges shows even where nothing was measured there.
        let margin = (last - first).divided(16).max(Span::from_minutes(2));
        let until_margin = if outage.until.is_none() { Span::ZERO } else { margin };
        Self {
            from: begin.min(first - margin),
            until: end.max(last + until_margin).max(begin + margin),
        }
    }

    /// The place of a moment; what lies outside goes to the edge.
    pub(super) fn x(&self, at: Timestamp) -> f64 {
        let width = (self.until - self.from).as_seconds().max(1e-6);
        let share = ((at - self.from).as_seconds() / width).clamp(0.0, 1.0);
        PLOT_LEFT + share * (RIGHT - PLOT_LEFT)
    }

    /// The ticks, at round times of UTC, and their distance.
    fn ticks(&self) -> (Vec<Timestamp>, Span) {
        let span = self.until - self.from;
        let fits = |step: &Span| span.micros() / step.micros().max(1) < MOST_TICKS;
        let step = STEPS_MINUTES.into_iter().map(Span::from_minutes).find(fits);
        let step = step.unwrap_or_else(|| {
            let mut step = Span::from_days(20);
            while !fits(&step) {
                step = step.times(2);
            }
            step
        });
        let width = step.micros();
        let first = self.from.micros().div_euclid(width).saturating_add(1).saturating_mul(width);
        let ticks = (0..=MOST_TICKS)
            .map(|n| Timestamp::from_micros(first) + step.times(n))
            .take_while(|tick| *tick < self.until)
            .collect();
        (ticks, step)
    }

    /// Shades the outage, its brackets lighter, and draws the grid, from `top` to `bottom`.
    pub(super) fn shade(&self, canvas: &mut Canvas, outage: &Outage, top: f64, bottom: f64) {
        let (accent, shade, grid) =
            (canvas.palette.accent, canvas.palette.shade, canvas.palette.grid);
        let height = bottom - top;
        let from = self.x(outage.from.first_bad);
        let until =
            outage.until.map_or(RIGHT, |end| self.x(end.last_bad.max(outage.from.first_bad)));
        canvas.rect(from, top, (until - from).max(1.0), height, accent, shade);
        if let Some(last_good) = outage.from.last_good {
            let before = self.x(last_good);
            canvas.rect(before, top, from - before, height, accent, shade / 2.0);
        }
        if let Some(end) = outage.until {
            canvas.rect(until, top, self.x(end.first_good) - until, height, accent, shade / 2.0);
        }
        for tick in self.ticks().0 {
            let x = self.x(tick);
            canvas.line((x, top), (x, bottom), grid, 1.0);
        }
    }

    /// The axis with its labels below `y`; where it ends.
    pub(super) fn labels(&self, canvas: &mut Canvas, y: f64) -> f64 {
        let (ink, faint) = (canvas.palette.ink, canvas.palette.faint);
        canvas.line((PLOT_LEFT, y), (RIGHT, y), ink, 1.2);
        let (ticks, step) = self.ticks();
        let mut day = None;
        for tick in ticks {
            let x = self.x(tick);
            canvas.line((x, y), (x, y + 5.0), ink, 1.2);
            let civil = moments::civil(tick, &TimeZone::UTC);
            let date = civil.map(jiff::civil::DateTime::date);
            let label = if step < Span::from_days(1) {
                moments::clock(tick, &TimeZone::UTC)
            } else {
                moments::day(tick)
            };
            canvas.text_in(x, y + 19.0, Face::Small, Anchor::Middle, ink, &label);
            let below = if step < Span::from_days(1) {
                (date != day).then(|| moments::day(tick))
            } else {
                let year = |date: Option<jiff::civil::Date>| date.map(jiff::civil::Date::year);
                (year(date) != year(day))
                    .then(|| date.map_or(String::new(), |d| d.year().to_string()))
            };
            if let Some(below) = below {
                canvas.text_in(x, y + 34.0, Face::Small, Anchor::Middle, faint, &below);
            }
            day = date;
        }
        canvas.text(PLOT_LEFT - 12.0, y + 19.0, Face::Small, Anchor::End, "time in UTC");
        y + 40.0
    }
}
