//! One router's connection: read in pieces, message by message.

use std::net::SocketAddr;
use std::sync::Arc;

use falter_model::Clock;
use falter_wire::bmp::{self, Framed, Message};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::BmpOptions;
use super::names::{Name, Names};
use super::neighbor::LOOKED_AT_EVERY;
use super::router::Router;
use crate::feed::{Event, FeedStatus};

/// Octets that are read at a time.
const PIECE: usize = 16 << 10;

pub(super) struct Connection<C> {
    pub(super) from: SocketAddr,
    pub(super) options: BmpOptions,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) names: Arc<Names>,
    pub(super) status: FeedStatus,
    pub(super) clock: Arc<C>,
    pub(super) stop: CancellationToken,
}

/// What a router is once it has said its first word.
struct Known {
    router: Router,
    _name: Name,
}

impl<C: Clock> Connection<C> {
    /// Reads until the connection ends, then tells its peers as lost.
    pub(super) async fn serve(self, mut stream: TcpStream) {
        // A router that is gone without a word is found by TCP itself, in some hours at most.
        if let Err(error) = socket2::SockRef::from(&stream).set_keepalive(true) {
            tracing::debug!(%error, "TCP keepalives were refused");
        }
        let at = self.clock.now();
        self.status.change(|health| {
            health.connections += 1;
            health.connected_since = Some(at);
        });
        let mut known = None;
        let stop = self.stop.clone();
        let why = tokio::select! {
            () = stop.cancelled() => "stopped".to_owned(),
            why = self.read(&mut stream, &mut known) => why,
        };
        tracing::info!(router = %self.from, %why, "BMP session ended");
        self.status.change(|health| {
            health.connections = health.connections.saturating_sub(1);
            health.failures += 1;
            if health.connections == 0 {
                health.connected_since = None;
            }
            health.last_error = Some(why);
        });
        if let Some(Known { router, _name }) = known {
            let lost = router.lost(self.clock.now(), "bmp session lost");
            // Nobody takes it where the listener has ended.
            if self.events.send(lost).await.is_err() {
                tracing::debug!("the listener has ended");
            }
        }
    }

    /// Reads until the connection can't be read any more: says why.
    async fn read(&self, stream: &mut TcpStream, known: &mut Option<Known>) -> String {
        let mut window: Vec<u8> = Vec::with_capacity(PIECE);
        let mut looked = tokio::time::interval(LOOKED_AT_EVERY);
        loop {
            let mut used = 0;
            let needs = loop {
                match bmp::frame(window.get(used..).unwrap_or_default()) {
                    Err(fault) => return fault.to_string(),
                    Ok(Framed::NeedMore { octets }) => break octets,
                    Ok(Framed::Message(raw)) => {
                        used += raw.octets();
                        if let Err(why) = self.take(&raw, known).await {
                            return why;
                        }
                    }
                }
            };
            window.drain(..used);
            let patience =
                if window.is_empty() { self.options.silence } else { self.options.stall };
            let deadline = Instant::now() + patience;
            loop {
                let seen = tokio::select! {
                    filled = fill(stream, &mut window, needs, deadline) => match filled {
                        Ok(()) => break,
                        Err(why) => Err(why),
                    },
                    _ = looked.tick() => self.look(known).await,
                };
                if let Err(why) = seen {
                    return why;
                }
            }
        }
    }

    /// Looks at the time.
    async fn look(&self, known: &mut Option<Known>) -> Result<(), String> {
        let Some(known) = known else { return Ok(()) };
        self.tell(known.router.look(self.clock.now())).await
    }

    /// Takes one message. An error ends the connection.
    async fn take(
        &self,
        raw: &bmp::RawMessage<'_>,
        known: &mut Option<Known>,
    ) -> Result<(), String> {
        let now = self.clock.now();
        let message = match raw.decode() {
            Ok(message) => message,
            Err(fault) => {
                if self.status.garbage(&fault) {
                    tracing::warn!(router = %self.from, %fault, "a BMP message can't be read");
                }
                return Ok(());
            }
        };
        self.status.heard(now);
        if let Message::Termination(termination) = &message {
            return Err(termination.to_string());
        }
        if known.is_none() {
            let wanted = match &message {
                Message::Initiation(initiation) => initiation.name.as_ref(),
                _ => "",
            };
            let name = self.names.take(wanted, self.from.ip(), self.stop.clone()).await;
            let router = Router::new(name.name.clone(), self.from.ip());
            *known = Some(Known { router, _name: name });
        }
        let Some(known) = known else { return Ok(()) };
        let mut events = Vec::new();
        known.router.take(&message, now, &self.status, &mut events);
        self.tell(events).await
    }

    async fn tell(&self, events: Vec<Event>) -> Result<(), String> {
        for event in events {
            self.events.send(event).await.map_err(|_| "the listener has ended".to_owned())?;
        }
        Ok(())
    }
}

/// Reads until the window has at least `needs` octets, or says why it can't. What was read stays where this
/// is given up.
async fn fill(
    stream: &mut TcpStream,
    window: &mut Vec<u8>,
    needs: usize,
    deadline: Instant,
) -> Result<(), String> {
    while window.len() < needs {
        window.reserve(PIECE);
        match timeout_at(deadline, stream.read_buf(window)).await {
            Err(_) if window.is_empty() => return Err("the router fell silent".to_owned()),
            Err(_) => return Err("a message did not arrive whole".to_owned()),
            Ok(Err(error)) => return Err(error.to_string()),
            Ok(Ok(0)) => return Err("closed by the router".to_owned()),
            Ok(Ok(_)) => {}
        }
    }
    Ok(())
}
