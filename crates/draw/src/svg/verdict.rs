//! The verdict: the six causes as bars, and the strongest reasons for and against the first.

use falter_model::{Call, Outage, Verdict};

use super::canvas::{Anchor, Canvas, Face};
use super::{LEFT, PLOT_LEFT, RIGHT};
use crate::numbers::{percent, signed};
use crate::words::{self, Weighed};

/// Reasons for and against that are shown, each.
const MOST_REASONS: usize = 3;

/// A bar of 100 %.
const WHOLE: f64 = 560.0;

/// The verdict below `y`; where it ends.
pub(super) fn draw(canvas: &mut Canvas, outage: &Outage, y: f64) -> f64 {
    let Some(verdict) = &outage.verdict else { return y };
    let heading = match verdict.cause {
        Call::Decided(_) => "Most probable cause",
        Call::Undetermined => "Cause undetermined",
    };
    canvas.text(LEFT, y + 4.0, Face::Heading, Anchor::Start, heading);
    let (ink, tick) = (canvas.palette.ink, PLOT_LEFT + 4.0);
    canvas.line((tick, y - 8.0), (tick, y + 6.0), ink, 2.0);
    canvas.text(tick + 8.0, y + 3.0, Face::Small, Anchor::Start, "before the evidence");
    let y = causes(canvas, verdict, y + 20.0) + 30.0;
    let y = reasons(canvas, verdict, y);
    let y = closing(canvas, y, "Would settle it: ", &verdict.would_settle);
    closing(canvas, y, "Could not be seen: ", &verdict.could_not_see)
}

fn causes(canvas: &mut Canvas, verdict: &Verdict, y: f64) -> f64 {
    let mut y = y;
    for share in &verdict.causes {
        let decided = verdict.cause == Call::Decided(share.cause);
        let color = if decided { canvas.palette.accent } else { canvas.palette.value };
        let (ink, grid) = (canvas.palette.ink, canvas.palette.grid);
        let face = if decided { Face::Strong } else { Face::Body };
        canvas.text(LEFT, y + 13.0, face, Anchor::Start, words::cause(share.cause));
        let width = share.probability.get() * WHOLE;
        canvas.rect(PLOT_LEFT, y + 1.0, WHOLE, 15.0, grid, 0.5);
        canvas.rect(PLOT_LEFT, y + 1.0, width, 15.0, color, 1.0);
        let prior = PLOT_LEFT + share.prior.get() * WHOLE;
        canvas.line((prior, y - 2.0), (prior, y + 19.0), ink, 2.0);
        let probability = percent(share.probability.get());
        canvas.text(PLOT_LEFT + WHOLE + 14.0, y + 13.0, face, Anchor::Start, &probability);
        y += 24.0;
    }
    y
}

/// For on the left, against on the right.
fn reasons(canvas: &mut Canvas, verdict: &Verdict, y: f64) -> f64 {
    let (pro, con) = words::weighed(verdict);
    if pro.is_empty() && con.is_empty() {
        return y;
    }
    let first = verdict.causes.first().map_or("", |first| words::a_cause(first.cause));
    let middle = f64::midpoint(LEFT, RIGHT) + 12.0;
    let width = middle - LEFT - 36.0;
    let left = column(canvas, LEFT, y, width, &format!("For {first}"), &pro);
    let right = column(canvas, middle, y, width, &format!("Against {first}"), &con);
    left.max(right) + 14.0
}

fn column(
    canvas: &mut Canvas,
    x: f64,
    y: f64,
    width: f64,
    heading: &str,
    reasons: &[Weighed<'_>],
) -> f64 {
    const WEIGHT: f64 = 44.0;
    canvas.text(x, y, Face::Heading, Anchor::Start, heading);
    let mut y = y + 24.0;
    if reasons.is_empty() {
        canvas.text(x, y, Face::Small, Anchor::Start, "nothing that weighs");
        return y + 20.0;
    }
    for reason in reasons.iter().take(MOST_REASONS) {
        canvas.text(x, y, Face::Strong, Anchor::Start, &signed(reason.weight));
        y = canvas.paragraph(x + WEIGHT, y, Face::Body, width - WEIGHT, &reason.evidence.says)
            + 5.0;
    }
    if reasons.len() > MOST_REASONS {
        let more = format!("and {} more", reasons.len() - MOST_REASONS);
        canvas.text(x, y, Face::Small, Anchor::Start, &more);
        y += 20.0;
    }
    y
}

fn closing(canvas: &mut Canvas, y: f64, label: &str, text: &str) -> f64 {
    if text.is_empty() {
        return y;
    }
    canvas.paragraph(LEFT, y, Face::Body, RIGHT - LEFT, &format!("{label}{text}")) + 3.0
}
