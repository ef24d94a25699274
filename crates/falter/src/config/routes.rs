//! `[routes]`: where routes come from while they change.

use std::net::SocketAddr;

use falter_model::Span;
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

impl Routes {
    pub(super) fn check(&self) -> Result<(), OutOfBounds> {
        let is_good = |url: &str| url.starts_with("wss://") || url.starts_with("ws://");
        let ris = &self.ris_live;
        bounds::text("routes.ris_live.url", &ris.url, is_good, "a wss:// or ws:// URL")?;
        let silence = Span::from_seconds(10)..=Span::from_hours(1);
        bounds::span("routes.ris_live.silence", ris.silence, &silence)
    }
}
