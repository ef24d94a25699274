//! Routes from routers that send BMP.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use falter_model::Clock;
use falter_sources::bmp::Station;
use falter_sources::clock::SystemClock;
use falter_sources::routes::Subscriber;
use tokio_util::sync::CancellationToken;

use super::Watched;
use crate::exit::Failure;
use crate::replay;
use crate::watch::{Event, Events};

/// Takes routers' sessions on `on`, for all networks.
pub(super) async fn start(
    on: SocketAddr,
    watched: &[Watched],
    stop: &CancellationToken,
    events: &Events,
) -> Result<(), Failure> {
    let subscribers = watched.iter().map(|(profile, teller)| Subscriber {
        interest: replay::interest(Some(profile)),
        teller: teller.clone(),
    });
    let events = events.clone();
    let listener = Arc::new(move |router: &str, ok: bool, says: &str| {
        let says = format!("{router}: {says}");
        events.tell(SystemClock.now(), None, &Event::Health { source: "bmp", ok, says: &says });
    });
    let station = Station::listen(on, subscribers.collect(), Arc::new(SystemClock), listener).await;
    let station = station.with_context(|| format!("could not listen for BMP on {on}"));
    tokio::spawn(station.map_err(Failure::failed)?.run(stop.clone()));
    Ok(())
}
