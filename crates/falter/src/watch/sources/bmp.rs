//! Routes from routers that send BMP, for all networks at once.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use falter_model::Clock;
use falter_sources::bmp::Station;
use falter_sources::clock::SystemClock;
use falter_sources::routes::Subscriber;

use super::{Source, Start, Watched};
use crate::replay;
use crate::watch::status::SourceState;

/// Takes routers' sessions on `on`.
pub(super) fn source(on: SocketAddr, watched: &[Watched]) -> Source {
    let watched: Arc<[Watched]> = watched.into();
    Source::new(format!("bmp {on}"), move |with: Start| run(on, Arc::clone(&watched), with))
}

async fn run(on: SocketAddr, watched: Arc<[Watched]>, with: Start) -> anyhow::Result<()> {
    let subscribers = watched.iter().map(|(profile, teller)| Subscriber {
        interest: replay::interest(Some(profile)),
        teller: teller.clone(),
    });
    let status = with.status.clone();
    let listener = Arc::new(move |router: &str, works: bool, says: &str| {
        let says = format!("{router}: {says}");
        status.hears(works, says, SystemClock.now());
    });
    let station = Station::listen(on, subscribers.collect(), Arc::new(SystemClock), listener)
        .await
        .with_context(|| format!("could not listen for BMP on {on}"))?;
    with.status.set(SourceState::Up, SystemClock.now());
    station.run(with.stop).await;
    Ok(())
}
