//! Pictures and pages made from one outage: the one place where they are made, for reports, for links
//! and for the terminal.
//!
//! [`outage_svg`] draws a [`Picture`]; [`report_html`] and [`report_markdown`] write a page around it;
//! [`outage_text`] is what a terminal shows. All are pure functions: the same outage gives the same
//! octets. All say of a re-enactment that it is one. Whatever comes from outside (names, sentences, ids) is escaped for the form it goes into,
//! in `escape`.

mod escape;
mod html;
mod markdown;
mod moments;
mod numbers;
mod page;
mod picture;
mod provenance;
#[cfg(test)]
mod sample;
mod svg;
mod text;
mod words;
mod wrap;

pub use html::report_html;
pub use markdown::report_markdown;
pub use picture::{Picture, Theme};
pub use provenance::{Ground, Nature, Provenance};
pub use svg::outage_svg;
pub use text::{TextStyle, outage_text};
pub use wrap::wrapped;

#[cfg(test)]
mod tests;
