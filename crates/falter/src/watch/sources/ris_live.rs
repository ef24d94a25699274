//! Routes from RIPE RIS Live, for all networks at once.

use std::sync::Arc;
use std::time::Duration;

use falter_sources::clock::SystemClock;
use falter_sources::ris_live::{RisLive, RisLiveOptions};

use super::feed::{self, subscribers};
use super::{Source, Start, Watched};
use crate::config::RisLiveConfig;

/// Asks RIS Live for the routes of all networks.
pub(super) fn source(config: &RisLiveConfig, watched: &[Watched]) -> Source {
    let watched: Arc<[Watched]> = watched.into();
    let options = RisLiveOptions {
        url: config.url.clone(),
        silence: Duration::from_micros(config.silence.micros().unsigned_abs()),
        ..RisLiveOptions::default()
    };
    Source::new("ris-live", move |with: Start| {
        let feed = RisLive::new(options.clone(), subscribers(&watched), Arc::new(SystemClock));
        let (health, stop) = (feed.status(), with.stop.clone());
        feed::run(feed.run(stop), health, with)
    })
}
