//! What stands over and under the charts: headline, the facts in words, where it comes from.

use super::canvas::{Canvas, Face};
use super::{LEFT, RIGHT};
use crate::{Picture, words};

/// Profile, configuration and fit, and as many inputs.
const MOST_GROUNDS: usize = 6;

/// Headline and facts below `y`; where they end.
pub(super) fn draw(canvas: &mut Canvas, picture: &Picture<'_>, y: f64) -> f64 {
    let outage = picture.outage;
    let width = RIGHT - LEFT;
    let accent = canvas.palette.state(outage.state);
    canvas.rect(LEFT, y - 10.0, 64.0, 6.0, accent, 1.0);
    let headline = words::headline(outage, picture.title, picture.provenance.nature);
    let mut y = canvas.paragraph(LEFT, y + 32.0, Face::Title, width, &headline) - 14.0;
    if let Some(warning) = picture.provenance.nature.warning() {
        y = canvas.paragraph(LEFT, y, Face::Heading, width, &warning);
    }
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
pub(super) fn footer(canvas: &mut Canvas, picture: &Picture<'_>, y: f64) -> f64 {
    let grid = canvas.palette.grid;
    canvas.line((LEFT, y), (RIGHT, y), grid, 1.0);
    let about = "Shaded: the outage, lighter where its beginning and end are not known exactly. \
                 Hatched: not measured. Reasons carry their weight in natural log-odds towards the first \
                 cause. Causes are mechanisms, not culprits.";
    let y = canvas.paragraph(LEFT, y + 20.0, Face::Small, RIGHT - LEFT, about);
    let made = format!("Made by falter, outage {}{}", picture.outage.id, grounds(picture));
    canvas.paragraph(LEFT, y, Face::Small, RIGHT - LEFT, &made) + 6.0
}

/// `, from profile kp (0123456789ab), ...`: what it rests on, by the beginnings of digests.
fn grounds(picture: &Picture<'_>) -> String {
    let grounds = picture.provenance.grounds;
    let mut shown: Vec<String> = grounds
        .iter()
        .take(MOST_GROUNDS)
        .map(|ground| format!("{} ({})", ground.what, ground.short_digest()))
        .collect();
    if let Some(more) = grounds.len().checked_sub(MOST_GROUNDS).filter(|more| *more > 0) {
        shown.push(format!("{more} more"));
    }
    if shown.is_empty() { String::new() } else { format!(", from {}", shown.join(", ")) }
}
