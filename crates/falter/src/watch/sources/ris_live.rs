//! Routes from RIPE RIS Live, for all networks at once.

use std::sync::Arc;
use std::time::Duration;

use falter_sources::bootstrap::{self, Bootstrap, BootstrapPlan};
use falter_sources::clock::SystemClock;
use falter_sources::ris_live::{RisLive, RisLiveOptions};

use super::feed::{self, subscribers};
use super::{Source, Start, Watched};
use crate::config::RisLiveConfig;

/// Asks RIS Live for the routes of all networks.
pub(super) fn source(
    config: &RisLiveConfig,
    bootstrap: Option<BootstrapPlan>,
    watched: &[Watched],
) -> Source {
    let watched: Arc<[Watched]> = watched.into();
    let options = RisLiveOptions {
        url: config.url.clone(),
        silence: Duration::from_micros(config.silence.micros().unsigned_abs()),
        ..RisLiveOptions::default()
    };
    Source::new("ris-live", move |with: Start| {
        let feed = RisLive::new(options.clone(), subscribers(&watched), Arc::new(SystemClock));
        run(feed, bootstrap.clone(), with)
    })
}

/// The feed, and beside it whoever reads the tables that it begins with.
async fn run(
    feed: RisLive<SystemClock>,
    bootstrap: Option<BootstrapPlan>,
    with: Start,
) -> anyhow::Result<()> {
    let (health, stop) = (feed.status(), with.stop.clone());
    let Some(plan) = bootstrap else {
        return feed::run(feed.run(stop), health, with).await;
    };
    let (asking, desk) = bootstrap::desk();
    let tables = Bootstrap::new(plan, Arc::new(SystemClock));
    let (lacking, told) = (tables.status(), with.status.clone());
    let tables = tables.run(desk, stop.clone());
    let feed = feed::run(feed.with_tables(asking).run(stop), health, with);
    tokio::pin!(tables, feed);
    let mut second = tokio::time::interval(feed::ASKED_EVERY);
    loop {
        tokio::select! {
            ended = &mut feed => return ended,
            // It ends with the feed or when it is told to.
            () = &mut tables => return feed.await,
            _ = second.tick() => told.set_lack(lacking.lacks()),
        }
    }
}
