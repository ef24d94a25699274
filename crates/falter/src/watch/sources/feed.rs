//! What all feeds of routes have in common here: who listens, and how they fare.

use std::future::Future;
use std::time::Duration;

use falter_model::Clock;
use falter_sources::clock::SystemClock;
use falter_sources::feed::{FeedHealth, FeedStatus, NobodyListens, Subscriber};

use super::{Start, Watched};
use crate::replay;
use crate::watch::status::SourceState;

/// A feed is asked this often how it fares.
pub(super) const ASKED_EVERY: Duration = Duration::from_secs(1);

/// All networks, each with what it asks for.
pub(super) fn subscribers(watched: &[Watched]) -> Vec<Subscriber> {
    let subscriber = |(profile, teller): &Watched| Subscriber {
        interest: replay::interest(Some(profile)),
        teller: teller.clone(),
    };
    watched.iter().map(subscriber).collect()
}

/// Runs a feed to its end, and tells meanwhile how it fares.
pub(super) async fn run(
    feed: impl Future<Output = Result<(), NobodyListens>> + Send,
    status: FeedStatus,
    with: Start,
) -> anyhow::Result<()> {
    tokio::pin!(feed);
    loop {
        tokio::select! {
            ended = &mut feed => return Ok(ended?),
            () = tokio::time::sleep(ASKED_EVERY) => {
                with.status.set(state(&status.health()), SystemClock.now());
            }
        }
    }
}

/// Up while anybody is connected.
fn state(health: &FeedHealth) -> SourceState {
    if health.connections > 0 {
        return SourceState::Up;
    }
    match &health.last_error {
        Some(why) => SourceState::Down { why: why.clone() },
        None if health.failures > 0 => SourceState::Down { why: "connection lost".to_owned() },
        None => SourceState::Starting,
    }
}
