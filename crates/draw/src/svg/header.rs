//! What stands over and under the charts: headline, the facts in words, where it comes from.

use falter_model::Outage;

use super::canvas::{Anchor, Canvas, Face};
use super::{LEFT, RIGHT};
use crate::{Picture, words};

/// Headline and facts below `y`; where they end.
pub(super) fn draw(canvas: &mut Canvas, picture: &Picture<'_>, y: f64) -> f64 {
    let outage = picture.outage;
    let width = RIGHT - LEFT;
    let accent = canvas.palette.state(outage.state);
    canvas.rect(LEFT, y - 10.0, 64.0, 6.0, accent, 1.0);
    let headline = words::headline(outage, picture.title);
    let mut y = canvas.paragraph(LEFT, y + 32.0, Face::Title, width, &headline) - 14.0;
    let period = format!("{}, {}", words::period(outage), words::lasted(outage));
    y = canvas.paragraph(LEFT, y, Face::Lead, width, &words::capitalized(&period));
    if let Some(lost) = &outage.lost_share {
        let lost = format!("Lost: {}", words::lost(lost));
        y = canvas.paragraph(LEFT, y, Face::Lead, width, &lost);
    }
    let cause = outage.verdict.as_ref().map_or("not judged yet".to_owned(), words::verdict);
    y = canvas.paragraph(LEFT, y, Face::Lead, width, &format!("Cause: {cause}"));
    if let Some(local) = words::local_period(outage, picture.time_zone) {
        y = canvas.paragraph(LEFT, y, Face::Small, width, &words::capitalized(&local));
    }
    y
}

/// Where it comes from, and how to read it; the height of the picture.
pub(super) fn footer(canvas: &mut Canvas, outage: &Outage, y: f64) -> f64 {
    let grid = canvas.palette.grid;
    canvas.line((LEFT, y), (RIGHT, y), grid, 1.0);
    let about = "Shaded: the outage, lighter where its beginning and end are not known exactly. \
                 Hatched: not measured. Reasons carry their weight in natural log-odds towards the first \
                 cause. Causes are mechanisms, not culprits.";
    let y = canvas.paragraph(LEFT, y + 20.0, Face::Small, RIGHT - LEFT, about);
    canvas.text(
        LEFT,
        y,
        Face::Small,
        Anchor::Start,
        &format!("Made by falter, outage {}", outage.id),
    );
    y + 22.0
}
