//! One outage as Markdown.

use crate::Picture;

/// The outage as a Markdown document.
pub fn report_markdown(picture: &Picture<'_>) -> String {
    format!("# {}\n", picture.outage.id)
}
