//! `[routes]`: where routes come from while they change.

use std::net::SocketAddr;

use falter_model::Span;
use falter_sources::collectors::Collector;
use serde::Deserialize;

use super::bounds::{self, OutOfBounds};

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Routes {
    /// The stream of RIPE RIS.
    pub(crate) ris_live: RisLive,
    /// Routers of one's own.
    pub(crate) bmp: Bmp,
    /// The table to begin with.
    pub(crate) bootstrap: Bootstrap,
}

/// `[routes.ris_live]`: the stream of RIPE RIS over a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RisLive {
    /// Whether it is asked.
    pub(crate) enabled: bool,
    /// Where it is: `wss://`, or `ws://` for one on this machine.
    pub(crate) url: String,
    /// A feed that says nothing for so long is down.
    pub(crate) silence: Span,
}

impl Default for RisLive {
    fn default() -> Self {
        Self {
            enabled: true,
            url: "wss://ris-live.ripe.net/v1/ws/".to_owned(),
            silence: Span::from_minutes(1),
        }
    }
}

/// `[routes.bmp]`: routers send what they hear by BMP (RFC 7854).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Bmp {
    /// Address and port to listen on; none by default: nothing listens.
    pub(crate) listen: Option<SocketAddr>,
}

/// `[routes.bootstrap]`: what the peers of `routes.ris_live` carry when it is connected, so that already the
/// first withdrawal counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Bootstrap {
    /// Collectors of RIPE RIS whose latest table dump and updates since are fetched.
    pub(crate) collectors: Vec<String>,
    /// Table dumps and what changed since: files, folders, URLs.
    pub(crate) inputs: Vec<String>,
    /// Archives that end longer ago than this when the feed begins are not used.
    pub(crate) max_age: Span,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { collectors: Vec::new(), inputs: Vec::new(), max_age: Span::from_days(1) }
    }
}

impl Bootstrap {
    fn check(&self) -> Result<(), OutOfBounds> {
        for collector in &self.collectors {
            // RouteViews has no feed that a table of it could begin.
            let is_one = |text: &str| text.starts_with("rrc") && text.parse::<Collector>().is_ok();
            let expected = "collectors of RIPE RIS such as rrc00";
            bounds::text("routes.bootstrap.collectors", collector, is_one, expected)?;
        }
        let ages = Span::from_minutes(5)..=Span::from_days(365);
        bounds::span("routes.bootstrap.max_age", self.max_age, &ages)
    }
}

impl Routes {
    pub(super) fn check(&self) -> Result<(), OutOfBounds> {
        let is_good = |url: &str| url.starts_with("wss://") || url.starts_with("ws://");
        let ris = &self.ris_live;
        bounds::text("routes.ris_live.url", &ris.url, is_good, "a wss:// or ws:// URL")?;
        let silence = Span::from_seconds(10)..=Span::from_hours(1);
        bounds::span("routes.ris_live.silence", ris.silence, &silence)?;
        let bootstrap = &self.bootstrap;
        let is_used = ris.enabled || bootstrap.collectors.is_empty() && bootstrap.inputs.is_empty();
        let found = "routes.ris_live.enabled = false";
        bounds::text("routes.bootstrap", found, |_| is_used, "left out where RIS Live is")?;
        bootstrap.check()
    }
}
