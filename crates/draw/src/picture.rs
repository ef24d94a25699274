//! What a picture or a report is made from.

use falter_model::{Blind, Outage, Series, SignalSpec};

use crate::Provenance;

/// One outage with what is drawn around it.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    /// The outage.
    pub outage: &'a Outage,
    /// What people call the network: the title of its profile, or the entity's text.
    pub title: &'a str,
    /// Whether it was measured, and what it rests on.
    pub provenance: Provenance<'a>,
    /// Values to draw, of the outage's entity or of its parts. Their first and last times set the
    /// span of the time axis, together with the outage's own.
    pub series: &'a [Series],
    /// What is known of signals: titles and units of charts. A signal that is not among them goes by
    /// its id, and its values have no unit.
    pub signals: &'a [SignalSpec],
    /// Times in which we could not tell.
    pub blind: &'a [Blind],
    /// The IANA name of the local time zone; `None` where it is not known: only UTC is shown.
    pub time_zone: Option<&'a str>,
    /// Light or dark ground.
    pub theme: Theme,
}

/// Light or dark ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Dark letters on light ground.
    #[default]
    Light,
    /// Light letters on dark ground.
    Dark,
}
