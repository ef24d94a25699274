//! Routes as the collectors of RIPE RIS hear them, from RIS Live over a WebSocket.
//!
//! **What is asked for.** A withdrawal carries no path, so routes are asked for by prefix, with more and
//! less specific ones. Where a profile has only ASes, announcements are asked for by the origin at the
//! end of the path, and then each prefix that was seen so by itself. Keepalives and states of all peers
//! come besides: a network of four prefixes may change nothing for days, and only by them silence of
//! the feed is told from silence of the network.
//!
//! **Silence.** Over a thousand sessions send a keepalive every 20 to 60 seconds each (RFC 4271 suggests a
//! third of the hold time of 90 or 180 s), so that a minute without any message is no chance but a dead
//! feed. Where the server was never heard to pass on keepalives, answers to pings count as life.
//!
//! **Garbage** costs itself: it is counted, and told in the log now and then.

mod connection;
mod subscription;
mod tables;

use std::sync::Arc;
use std::time::Duration;

use falter_model::Clock;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::bootstrap::Asking;
use crate::feed::{Audience, Event, FeedStatus, NobodyListens, Subscriber};
use connection::{Connection, Ended};
use subscription::Subscriptions;
use tables::{Tables, origin_of};

/// Where RIS Live is, and how long to wait for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RisLiveOptions {
    /// `wss://` or, for tests, `ws://`.
    pub url: String,
    /// Who asks: RIPE wishes to know it.
    pub client: String,
    /// A feed silent for this long is dead: see the module. 60 s if not set otherwise.
    pub silence: Duration,
    /// The first wait before a new connection; each further one is twice as long.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
}

impl Default for RisLiveOptions {
    fn default() -> Self {
        Self {
            url: "wss://ris-live.ripe.net/v1/ws/".to_owned(),
            client: concat!("falter-", env!("CARGO_PKG_VERSION")).to_owned(),
            silence: Duration::from_mins(1),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_mins(2),
        }
    }
}

/// The client. Cancel-safe: it ends soon after it is told to.
#[derive(Debug)]
pub struct RisLive<C> {
    options: RisLiveOptions,
    subscriptions: Subscriptions,
    audience: Audience,
    tables: Tables,
    status: FeedStatus,
    clock: Arc<C>,
}

impl<C: Clock + Send + Sync> RisLive<C> {
    /// For these networks.
    pub fn new(options: RisLiveOptions, subscribers: Vec<Subscriber>, clock: Arc<C>) -> Self {
        let subscriptions = Subscriptions::of(subscribers.iter().map(|one| &one.interest));
        let audience = Audience::new(subscribers);
        let (tables, status) = (Tables::default(), FeedStatus::default());
        Self { options, subscriptions, audience, tables, status, clock }
    }

    /// With tables to begin with, from whoever sits at the other end of the desk.
    #[must_use]
    pub fn with_tables(self, asking: Asking) -> Self {
        Self { tables: Tables::from(asking), ..self }
    }

    /// How it fares, from any thread.
    pub fn status(&self) -> FeedStatus {
        self.status.clone()
    }

    /// Listens until `stop` is cancelled or nobody is left who is told.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), NobodyListens> {
        let mut backoff = Backoff::new(self.options.first_wait, self.options.longest_wait);
        while !stop.is_cancelled() {
            let ended = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                ended = self.listen(&mut backoff) => ended?,
            };
            self.lost(&ended).await?;
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(backoff.wait()) => {}
            }
        }
        Ok(())
    }

    /// One connection, from its beginning to its end.
    async fn listen(&mut self, backoff: &mut Backoff) -> Result<Ended, NobodyListens> {
        let opened = Connection::open(&self.options, &self.subscriptions).await;
        let mut connection = match opened {
            Ok(connection) => connection,
            Err(ended) => return Ok(ended),
        };
        let now = self.clock.now();
        self.status.change(|health| {
            health.connected_since = Some(now);
            health.connections = 1;
        });
        self.tables.connected(now);
        let mut second = tokio::time::interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let heard = tokio::select! {
                _ = second.tick() => {
                    self.audience.flush().await?;
                    if connection.has_keepalives() {
                        self.forget_unheard().await?;
                    }
                    if let Err(ended) = connection.look().await {
                        return Ok(ended);
                    }
                    continue;
                }
                given = self.tables.given() => {
                    self.tables.take(given);
                    if let Err(ended) = self.tell_tables(&mut connection).await? {
                        return Ok(ended);
                    }
                    continue;
                }
                heard = connection.next(&self.status, self.clock.as_ref()) => heard,
            };
            match heard {
                Ok(Some(event)) => {
                    backoff.succeeded();
                    if let Some((collector, at)) = origin_of(&event) {
                        self.tables.heard(collector, at);
                        if let Err(ended) = self.tell_tables(&mut connection).await? {
                            return Ok(ended);
                        }
                    }
                    if let Event::Routes(update) = &event {
                        for subscription in self.subscriptions.learn(update) {
                            if let Err(ended) = connection.send(subscription).await {
                                return Ok(ended);
                            }
                        }
                    }
                    self.audience.take(event).await?;
                }
                Ok(None) => {}
                Err(ended) => return Ok(ended),
            }
        }
    }

    /// Tells the tables whose collectors are heard, and asks for what they show to be a watched AS's.
    async fn tell_tables(
        &mut self,
        connection: &mut Connection,
    ) -> Result<Result<(), Ended>, NobodyListens> {
        while let Some((at, table)) = self.tables.ready(Instant::now()) {
            for subscription in self.subscriptions.learn_table(&table) {
                if let Err(ended) = connection.send(subscription).await {
                    return Ok(Err(ended));
                }
            }
            let (collector, peers) = (table.collector.clone(), table.n_peers());
            tracing::info!(%collector, peers, %at, reached = %table.reached, "Table told.");
            self.audience.take(Event::Table { at, table }).await?;
        }
        Ok(Ok(()))
    }

    /// Peers that only their tables tell of are not believed for ever, where a sign of life can be
    /// expected.
    async fn forget_unheard(&mut self) -> Result<(), NobodyListens> {
        if !self.tables.is_due(Instant::now()) {
            return Ok(());
        }
        let (at, peers) = (self.clock.now(), self.audience.unheard());
        self.audience.take(Event::Lost { at, peers, reason: "not heard".into() }).await
    }

    /// Tells that the feed is lost.
    async fn lost(&mut self, ended: &Ended) -> Result<(), NobodyListens> {
        tracing::warn!(why = %ended, "RIS Live is lost");
        let at = self.clock.now();
        self.status.change(|health| {
            health.connected_since = None;
            health.connections = 0;
            health.failures += 1;
            health.last_error = Some(ended.to_string());
        });
        self.tables.lost();
        let (peers, reason) = (self.audience.peers(), ended.reason().into());
        self.audience.take(Event::Lost { at, peers, reason }).await
    }
}
