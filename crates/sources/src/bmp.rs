//! Routes as routers tell them themselves, over BMP (RFC 7854): a listener that routers connect to.
//!
//! **Who is a collector.** Each router: by the name it gives itself, by its address where it gives none.
//!
//! **One table a peer.** A router can tell up to five tables of a neighbor. What the neighbor sent is a
//! peer's word: before policy, or after it where only that is told, whichever comes first once its
//! session stands. What the router sends to a neighbor (RFC 8671) is passed over: it is the router's
//! choice, told once more for each neighbor. The router's own choice (RFC 9069) is a peer of its own, with
//! the AS of the router. A neighbor in several VRFs counts once, in the first that is told.
//!
//! **When.** By the time in the message where it is at most 10 seconds old; when a router begins to tell,
//! or its clock is wrong, by the time of arrival.
//!
//! **Full feed.** At the End-of-RIB of a family (RFC 4724) the peer's table is told as complete, with the
//! prefixes counted so far. Not all routers tell one: FRR does when it begins to tell, but not of a session
//! that comes up later. Then the table is told as complete ten minutes after that.
//!
//! **A lost connection** makes its peers unknown: see [`feed`](crate::feed).

mod connection;
mod names;
mod neighbor;
mod router;
mod table_size;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use falter_model::Clock;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::feed::{Audience, FeedStatus, NobodyListens, Subscriber};
use names::Names;

/// How many routers, and how long to wait for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BmpOptions {
    /// Connections at a time; further ones are closed at once. Each may hold a message of 256 KiB.
    pub most_routers: usize,
    /// A router that says nothing for this long is lost. Routers with statistics reports speak every
    /// few minutes, but RFC 7854 has no keepalive and a router of quiet neighbors may rightly be silent:
    /// an hour if not set otherwise. TCP keepalives find a dead one sooner.
    pub silence: Duration,
    /// A message that has begun must be whole after this long: 60 s if not set otherwise.
    pub stall: Duration,
}

impl Default for BmpOptions {
    fn default() -> Self {
        Self { most_routers: 64, silence: Duration::from_hours(1), stall: Duration::from_mins(1) }
    }
}

/// Events that wait for the networks; then routers wait too.
const WAITING: usize = 1024;

/// The listener.
#[derive(Debug)]
pub struct BmpListener<C> {
    socket: TcpListener,
    options: BmpOptions,
    audience: Audience,
    status: FeedStatus,
    clock: Arc<C>,
}

impl<C: Clock + Send + Sync + 'static> BmpListener<C> {
    /// Opens the port.
    pub async fn bind(
        address: SocketAddr,
        options: BmpOptions,
        subscribers: Vec<Subscriber>,
        clock: Arc<C>,
    ) -> std::io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let audience = Audience::new(subscribers);
        Ok(Self { socket, options, audience, status: FeedStatus::default(), clock })
    }

    /// Where it listens.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// How it fares, from any thread.
    pub fn status(&self) -> FeedStatus {
        self.status.clone()
    }

    /// Listens until `stop` is cancelled or nobody is left who is told.
    pub async fn run(self, stop: CancellationToken) -> Result<(), NobodyListens> {
        let Self { socket, options, mut audience, status, clock } = self;
        // Ends the connections too where nobody listens any more.
        let stop = stop.child_token();
        let _ended = stop.clone().drop_guard();
        let (to, mut events) = mpsc::channel(WAITING);
        let places = Arc::new(Semaphore::new(options.most_routers));
        let (names, tracker) = (Arc::new(Names::default()), TaskTracker::new());
        let mut second = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = second.tick() => audience.flush().await?,
                Some(event) = events.recv() => audience.take(event).await?,
                accepted = socket.accept() => {
                    let (stream, from) = match accepted {
                        Ok(accepted) => accepted,
                        Err(error) => {
                            // Out of file descriptors, as a rule: the next second may be better.
                            status.change(|health| health.last_error = Some(error.to_string()));
                            second.tick().await;
                            continue;
                        }
                    };
                    let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                        tracing::warn!(%from, "one router too many was turned away");
                        status.change(|health| health.failures += 1);
                        continue;
                    };
                    let connection = connection::Connection {
                        from,
                        options: options.clone(),
                        events: to.clone(),
                        names: Arc::clone(&names),
                        status: status.clone(),
                        clock: Arc::clone(&clock),
                        stop: stop.child_token(),
                    };
                    tracker.spawn(async move {
                        connection.serve(stream).await;
                        drop(place);
                    });
                }
            }
        }
    }
}
