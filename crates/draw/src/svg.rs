//! One outage as a picture that needs nothing else: headline, what was measured on one time axis with
//! the outage shaded, the order of failure and the parts as bars on the same axis, the verdict.
//!
//! Colors are those of Okabe and Ito (2008), told apart by color-blind readers, and nothing is told by
//! color alone. Values that were not measured are hatched, never drawn as zero.

mod axis;
mod bars;
mod canvas;
mod chart;
mod header;
mod palette;
mod verdict;

use crate::{Picture, words};
use axis::Axis;
use canvas::Canvas;
use palette::Palette;

/// Width of the picture; everything below is in the same units, about a pixel.
const WIDTH: f64 = 1000.0;

/// Left margin.
const LEFT: f64 = 36.0;

/// Where the time axis begins; labels stand left of it.
const PLOT_LEFT: f64 = 236.0;

/// Where the time axis and all text ends.
const RIGHT: f64 = 964.0;

/// The outage as a self-contained SVG document, 1000 units wide.
pub fn outage_svg(picture: &Picture<'_>) -> String {
    let palette = Palette::of(picture.theme);
    let axis = Axis::of(picture);
    let mut over = Canvas::new(palette);
    let mut y = header::draw(&mut over, picture, 30.0) + 18.0;
    let band_top = y;
    y = bars::brackets(&mut over, &axis, picture.outage, y);
    y = bars::states(&mut over, &axis, picture.outage, y);
    y = chart::draw(&mut over, &axis, picture, y);
    y = bars::blind(&mut over, &axis, picture, y);
    y = bars::order(&mut over, &axis, picture, y);
    y = bars::parts(&mut over, &axis, picture.outage, y);
    let band_bottom = y + 4.0;
    y = axis.labels(&mut over, band_bottom);
    y = verdict::draw(&mut over, picture.outage, y + 22.0);
    y = header::footer(&mut over, picture, y + 14.0);

    // What lies under everything needs to know how far everything reaches.
    let mut under = Canvas::new(palette);
    under.rect(0.0, 0.0, WIDTH, y, palette.ground, 1.0);
    axis.shade(&mut under, picture.outage, band_top, band_bottom);
    let title = words::headline(picture.outage, picture.title, picture.provenance.nature);
    under.document(&over, WIDTH, y, &title, &words::period(picture.outage))
}

#[cfg(test)]
mod tests;
