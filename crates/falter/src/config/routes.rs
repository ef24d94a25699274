//! `[routes]`: where routes come from as they change.

use std::net::SocketAddr;

use falter_model::Span;
use serde::Deserialize;

/// See the module.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Routes {
    /// RIPE RIS Live.
    pub(crate) ris_live: RisLive,
    /// Routers that send BMP.
    pub(crate) bmp: Bmp,
}

/// `[routes.ris_live]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RisLive {
    /// Whether it is asked.
    pub(crate) enabled: bool,
    /// Where it is.
    pub(crate) url: String,
    /// A feed that says nothing for so long is down.
    pub(crate) silence: Span,
}

/// `[routes.bmp]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Bmp {
    /// Address and port where routers' sessions are taken; none where it is not set.
    pub(crate) listen: Option<SocketAddr>,
}

impl Default for RisLive {
    fn default() -> Self {
        Self {
            enabled: true,
            url: "wss://ris-live.ripe.net/v1/ws/".to_owned(),
            silence: Span::from_seconds(60),
        }
    }
}
