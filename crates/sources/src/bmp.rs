//! Where routers send BMP to: each tells of its peers, their routes and why sessions end.
//!
//! A router's name is the collector of its peers: `sysName` as it says, else its address. Where a router
//! tells a peer's routes before and after its own policy, those before count (RFC 7854, section 5); its
//! own choice counts only for itself (RFC 9069), what it says to others does not (RFC 8671). Times are
//! those of arrival: routers' clocks may be off, and gobgpd tells whole seconds.

mod router;
mod views;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use falter_model::Clock;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::live::TellError;
use crate::routes::Subscriber;

/// So many routers at once: each may take up to [`falter_wire::bmp::LONGEST_OCTETS`] twice.
const MOST_ROUTERS: usize = 256;

/// Whoever is told how routers' sessions go, in words: the router, whether it works, and what happened.
pub type Listener = Arc<dyn Fn(&str, bool, &str) + Send + Sync>;

/// A place where routers' sessions are taken.
pub struct Station {
    socket: TcpListener,
    subscribers: Vec<Subscriber>,
    clock: Arc<dyn Clock + Send + Sync>,
    listener: Listener,
}

impl std::fmt::Debug for Station {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Station").field("socket", &self.socket).finish_non_exhaustive()
    }
}

impl Station {
    /// Listens on an address.
    pub async fn listen(
        on: SocketAddr,
        subscribers: Vec<Subscriber>,
        clock: Arc<dyn Clock + Send + Sync>,
        listener: Listener,
    ) -> io::Result<Self> {
        Ok(Self { socket: TcpListener::bind(on).await?, subscribers, clock, listener })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Takes sessions until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(MOST_ROUTERS));
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = self.socket.accept() => accepted,
            };
            let (stream, from) = match accepted {
                Ok(accepted) => accepted,
                // Too many open files, or a router that went away at once.
                Err(error) => {
                    tracing::warn!(%error, "A router's session was not taken.");
                    continue;
                }
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                (self.listener)(&from.ip().to_string(), false, "too many routers: not taken");
                continue;
            };
            let session = self.session(stream, from);
            let stop = stop.clone();
            tokio::spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    _ = session.run() => {}
                }
                drop(place);
            });
        }
    }

    fn session(&self, stream: TcpStream, from: SocketAddr) -> router::Router {
        let subscribers = self.subscribers.iter().map(|subscriber| Subscriber {
            interest: subscriber.interest.clone(),
            teller: subscriber.teller.clone(),
        });
        let (clock, listener) = (Arc::clone(&self.clock), Arc::clone(&self.listener));
        router::Router::new(stream, from, subscribers.collect(), clock, listener)
    }
}

/// Why a router's session ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("session closed")]
    Closed,
    #[error("session closed by the router")]
    Terminated,
    #[error("session lost: {0}")]
    Io(#[from] io::Error),
    #[error("what it sends is no BMP: {0}")]
    Malformed(#[from] falter_wire::Malformed),
    #[error(transparent)]
    Gone(#[from] TellError),
}
