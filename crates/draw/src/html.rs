//! One outage as a page that needs nothing else: the picture inline, no scripts, fit to be printed.

use crate::{Picture, outage_svg};

/// The outage as a self-contained HTML document.
pub fn report_html(picture: &Picture<'_>) -> String {
    format!("<!doctype html>\n{}", outage_svg(picture))
}
