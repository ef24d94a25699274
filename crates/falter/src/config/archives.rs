//! `[archives]`: where archives of routes are fetched from, and where they are kept.

use std::path::PathBuf;

use anyhow::Context;
use falter_sources::collectors::Mirrors;
use serde::Deserialize;
use url::Url;

use super::bounds::{self, OutOfBounds};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Archives {
    /// The folder that keeps what was fetched; `None`: the usual place for caches.
    pub(crate) dir: Option<PathBuf>,
    /// It may take so many megabytes (10^6 octets): what was not used for the longest time goes first.
    keep_megabytes: u64,
    /// The root of RIPE RIS's archives.
    ris: String,
    /// The root of RouteViews' archives.
    route_views: String,
}

impl Default for Archives {
    fn default() -> Self {
        Self {
            dir: None,
            keep_megabytes: 20_000,
            ris: "https://data.ris.ripe.net/".to_owned(),
            route_views: "https://archive.routeviews.org/".to_owned(),
        }
    }
}

impl Archives {
    /// Where the archives of collectors are.
    pub(crate) fn mirrors(&self) -> anyhow::Result<Mirrors> {
        let url = |text: &str| text.parse::<Url>().with_context(|| format!("{text:?} is no URL"));
        Ok(Mirrors { ris: url(&self.ris)?, route_views: url(&self.route_views)? })
    }

    /// How much is kept, in octets.
    pub(crate) const fn keep_octets(&self) -> u64 {
        self.keep_megabytes.saturating_mul(1_000_000)
    }

    pub(super) fn check(&self) -> Result<(), OutOfBounds> {
        bounds::number("archives.keep_megabytes", &self.keep_megabytes, &(100..=100_000_000))?;
        let expected = "an http:// or https:// URL that ends with a slash";
        bounds::text("archives.ris", &self.ris, is_root, expected)?;
        bounds::text("archives.route_views", &self.route_views, is_root, expected)
    }
}

fn is_root(text: &str) -> bool {
    is_url(text) && text.ends_with('/')
}

/// True for what can be fetched.
pub(crate) fn is_url(text: &str) -> bool {
    let is_fetched = |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    text.contains("://") && text.parse().is_ok_and(is_fetched)
}
