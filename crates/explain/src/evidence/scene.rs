//! What a kind of evidence may look at.

use falter_model::{Case, RouteFacts, Span, Timestamp};

use crate::causes::{self, Expects};
use crate::fit::{CauseFit, Fit};

/// A bracket of onset wider than this tells no minute of the hour, no spread and no order (design:
/// "wider than 10 min: minute-of-hour says nothing").
const SHARP: Span = Span::from_minutes(10);

/// Where the profile knows no hold time: RFC 4271 suggests 90 s, the most common default is 180 s.
const USUAL_HOLD_TIME: Span = Span::from_seconds(180);

/// A case, what was fitted, and how much time had passed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) case: &'a Case,
    pub(crate) fit: &'a Fit,
    /// Up to when data were known; only an outage that goes on needs it.
    pub(crate) as_of: Timestamp,
}

impl<'a> Scene<'a> {
    /// What carries names and sites, and whether it fell; `None` where it was not watched. Hosts are
    /// nearer than routes: what they say counts first.
    pub(super) fn carrier(&self) -> Option<(&'static str, bool)> {
        let layers = self.case.layers;
        layers.hosts.map(|fell| ("hosts", fell)).or(layers.routes.map(|fell| ("routes", fell)))
    }

    /// What each cause expects, turned into its likelihood of what was observed.
    pub(crate) fn expected(likelihood: impl Fn(&'static Expects) -> f64) -> [f64; 6] {
        causes::ALL.map(|spec| likelihood(spec.expects()))
    }

    /// The same from what was fitted.
    pub(crate) fn fitted(self, likelihood: impl Fn(&CauseFit) -> f64) -> [f64; 6] {
        self.fit.causes().map(|cause| likelihood(&cause))
    }

    /// Width of the bracket of onset; `None` where nothing good was seen before.
    pub(crate) fn onset_width(self) -> Option<Span> {
        let onset = self.case.outage.from;
        onset.last_good.map(|last_good| onset.first_bad - last_good)
    }

    /// True where the onset is known to within ten minutes.
    pub(crate) fn is_sharp(self) -> bool {
        self.onset_width().is_some_and(|width| width <= SHARP) && self.case.step.width() <= SHARP
    }

    /// What the routes did, where that was measured finely enough to tell minutes apart.
    pub(crate) fn sharp_routes(self) -> Option<&'a RouteFacts> {
        self.case.routes.as_ref().filter(|_| self.is_sharp())
    }

    /// The hold time in use, or the usual one.
    pub(crate) fn hold_time(self) -> Span {
        self.known_hold_time().unwrap_or(USUAL_HOLD_TIME)
    }

    /// The hold time in use, where the profile knows it.
    pub(crate) fn known_hold_time(self) -> Option<Span> {
        self.case
            .routes
            .as_ref()
            .and_then(|routes| routes.hold_time)
            .filter(|hold_time| *hold_time > Span::ZERO)
    }
}

/// A yes or no under a probability of yes.
pub(crate) fn yes_or_no(yes: bool, probability: f64) -> f64 {
    if yes { probability } else { 1.0 - probability }
}
