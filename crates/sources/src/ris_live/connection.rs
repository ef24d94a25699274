//! One connection to RIS Live: opened, kept alive, read frame by frame.

use std::fmt;
use std::time::Duration;

use falter_model::{Clock, Peer};
use falter_wire::ris_live::{Content, Frame, Message as RisMessage};
use futures_util::{SinkExt, StreamExt};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::{Message as WsMessage, WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::RisLiveOptions;
use super::subscription::Subscriptions;
use crate::dial::{Socket, dial};
use crate::feed::{Event, FeedStatus, Update, clean_name};

/// A message holds one update of 65,535 octets at most, as JSON and perhaps as hexadecimal digits too.
const LONGEST_MESSAGE: usize = 1 << 20;
/// Connecting and sending take this long at most: twice what TCP needs to try a lost segment four times.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pings within a silence that ends a connection: one may be lost.
const PINGS: u32 = 3;

/// See the module.
#[derive(Debug)]
pub(super) struct Connection {
    stream: WebSocketStream<Box<dyn Socket>>,
    silence: Duration,
    /// When anything came.
    last_frame: Instant,
    /// When a message of a collector came.
    last_message: Instant,
    /// Whether the server passes on keepalives, so that messages must come all the time.
    has_keepalives: bool,
    next_ping: Instant,
}

/// Why there is no connection any more.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    /// It could not be made.
    #[error("could not connect: {0}")]
    NotMade(String),
    /// The server ended it, or something between.
    #[error("connection lost: {0}")]
    Lost(String),
    /// Nothing came.
    #[error("nothing was heard for {} s", .0.as_secs())]
    Silent(Duration),
}

impl Ended {
    /// For the peers whose feed is lost.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::NotMade(_) | Self::Lost(_) => "feed disconnected",
            Self::Silent(_) => "feed silent",
        }
    }
}

impl Connection {
    /// Connects and asks for all that is wanted.
    pub(super) async fn open(
        options: &RisLiveOptions,
        subscriptions: &Subscriptions,
    ) -> Result<Self, Ended> {
        let made = timeout(PATIENCE, connect(options)).await;
        let stream = made.map_err(|_| Ended::NotMade("no answer".to_owned()))??;
        let now = Instant::now();
        let mut connection = Self {
            stream,
            silence: options.silence,
            last_frame: now,
            last_message: now,
            has_keepalives: false,
            next_ping: now + options.silence / PINGS,
        };
        for message in subscriptions.messages() {
            connection.send(message).await?;
        }
        Ok(connection)
    }

    /// Whether the server passes on keepalives, as far as it was heard.
    pub(super) const fn has_keepalives(&self) -> bool {
        self.has_keepalives
    }

    /// Sends a message.
    pub(super) async fn send(&mut self, text: String) -> Result<(), Ended> {
        match timeout(PATIENCE, self.stream.send(WsMessage::text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Ended::Lost(error.to_string())),
            Err(_) => Err(Ended::Lost("the server takes nothing".to_owned())),
        }
    }

    /// Asks for a sign of life where one is due, and tells where none came: to be called every second.
    pub(super) async fn look(&mut self) -> Result<(), Ended> {
        let now = Instant::now();
        let last = if self.has_keepalives { self.last_message } else { self.last_frame };
        if now - last >= self.silence {
            return Err(Ended::Silent(self.silence));
        }
        if now < self.next_ping {
            return Ok(());
        }
        self.next_ping = now + self.silence / PINGS;
        self.send(r#"{"type":"ping"}"#.to_owned()).await
    }

    /// What the next frame means; `None` where it is nothing to tell.
    pub(super) async fn next(
        &mut self,
        status: &FeedStatus,
        clock: &impl Clock,
    ) -> Result<Option<Event>, Ended> {
        let frame = match self.stream.next().await {
            None => return Err(Ended::Lost("closed by the server".to_owned())),
            Some(Err(error)) => return Err(Ended::Lost(error.to_string())),
            Some(Ok(frame)) => frame,
        };
        self.last_frame = Instant::now();
        let text = match frame {
            WsMessage::Text(text) => text,
            WsMessage::Close(_) => return Err(Ended::Lost("closed by the server".to_owned())),
            // Pings are answered by the library.
            WsMessage::Ping(_) | WsMessage::Pong(_) | WsMessage::Frame(_) => return Ok(None),
            WsMessage::Binary(octets) => {
                let error = format!("expected text, found {} binary octets", octets.len());
                if status.garbage(&error) {
                    tracing::warn!(%error, "RIS Live sent what can't be read");
                }
                return Ok(None);
            }
        };
        match Frame::decode(text.as_bytes()) {
            Ok(Frame::Message(message)) => {
                status.heard(clock.now());
                self.last_message = self.last_frame;
                self.has_keepalives |= message.content == Content::Keepalive;
                Ok(event(*message, status))
            }
            Ok(Frame::Error(words)) => {
                tracing::warn!(%words, "RIS Live refuses something");
                status.change(|health| health.last_error = Some(words));
                Ok(None)
            }
            Ok(Frame::Pong) => Ok(None),
            Ok(Frame::Other(_)) => {
                status.unknown();
                Ok(None)
            }
            Err(error) => {
                if status.garbage(&error) {
                    tracing::warn!(%error, "RIS Live sent what can't be read");
                }
                Ok(None)
            }
        }
    }
}

async fn connect(options: &RisLiveOptions) -> Result<WebSocketStream<Box<dyn Socket>>, Ended> {
    let not_made = |error: &dyn fmt::Display| Ended::NotMade(error.to_string());
    let url = format!("{}?client={}", options.url, options.client);
    let request = url.into_client_request().map_err(|error| not_made(&error))?;
    let uri = request.uri();
    let host = uri.host().unwrap_or_default().to_owned();
    let is_secure = uri.scheme_str() == Some("wss");
    let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
    let socket = dial(&host, port, is_secure).await.map_err(|error| not_made(&error))?;
    let limits = WebSocketConfig::default()
        .max_message_size(Some(LONGEST_MESSAGE))
        .max_frame_size(Some(LONGEST_MESSAGE));
    let made = client_async_with_config(request, socket, Some(limits)).await;
    made.map(|(stream, _)| stream).map_err(|error| not_made(&error))
}

/// What a message means; `None` where it is nothing to tell.
fn event(message: RisMessage, status: &FeedStatus) -> Option<Event> {
    let RisMessage { at, collector, peer, peer_asn, content } = message;
    let peer = Peer { collector: clean_name(&collector), asn: peer_asn, address: peer };
    match content {
        Content::Update(update) => {
            if update.bad_prefixes > 0 {
                let error = format!("{} prefixes of an update can't be read", update.bad_prefixes);
                if status.garbage(&error) {
                    tracing::warn!(%error, "RIS Live sent what can't be read");
                }
            }
            Some(Event::Routes(Update {
                at,
                peer,
                path: update.path,
                origin: update.origin,
                blackholed: update.blackholed,
                announced: update.announced.into_iter().map(|(prefix, _)| (prefix, None)).collect(),
                withdrawn: update.withdrawn.into_iter().map(|prefix| (prefix, None)).collect(),
            }))
        }
        Content::Keepalive => Some(Event::Alive { at, peer }),
        // Somebody wishes for a session: whether it comes to stand is told by a state.
        Content::Open => None,
        Content::Notification(notification) => {
            Some(Event::Down { at, peer, reason: Some(notification.to_string().into()) })
        }
        Content::PeerState(Some(true)) => Some(Event::Up { at, peer }),
        Content::PeerState(Some(false)) => Some(Event::Down { at, peer, reason: None }),
        Content::PeerState(None) | Content::Other(_) => {
            status.unknown();
            None
        }
    }
}
