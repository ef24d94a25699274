//! One outage as text for a terminal: what a newcomer sees first.

use falter_model::Outage;

/// How text may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextStyle {
    /// Letters only.
    #[default]
    Plain,
    /// With ANSI colors.
    Color,
}

/// The outage as text of at most `width` columns (kept between 60 and 100). `title` is what people
/// call the network.
pub fn outage_text(outage: &Outage, title: &str, width: usize, style: TextStyle) -> String {
    let _ = (width, style);
    format!("{title}: {}\n", outage.state)
}
