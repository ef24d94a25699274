//! Routes from routers that send BMP, for all networks at once.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use falter_sources::bmp::{BmpListener, BmpOptions};
use falter_sources::clock::SystemClock;

use super::feed::{self, subscribers};
use super::{Source, Start, Watched};

/// Takes routers' sessions on `on`.
pub(super) fn source(on: SocketAddr, watched: &[Watched]) -> Source {
    let watched: Arc<[Watched]> = watched.into();
    Source::new(format!("bmp {on}"), move |with: Start| run(on, Arc::clone(&watched), with))
}

async fn run(on: SocketAddr, watched: Arc<[Watched]>, with: Start) -> anyhow::Result<()> {
    let clock = Arc::new(SystemClock);
    let listener = BmpListener::bind(on, BmpOptions::default(), subscribers(&watched), clock)
        .await
        .with_context(|| format!("could not listen for BMP on {on}"))?;
    let health = listener.status();
    let stop = with.stop.clone();
    feed::run(listener.run(stop), health, with).await
}
