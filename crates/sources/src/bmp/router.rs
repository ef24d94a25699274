//! One router's session.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use falter_model::{Asn, Clock, Peer, Timestamp};
use falter_wire::bgp;
use falter_wire::bmp::{self, Message, PeerHeader};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::views::Views;
use super::{Ended, Listener};
use crate::routes::{RouteTold, Routes, Subscriber, Told};

/// Octets that are asked for at once.
const CHUNK: usize = 1 << 16;
/// So many messages that can't be read are told one by one.
const MOST_TOLD: u32 = 10;

/// See the module.
pub(super) struct Router {
    stream: TcpStream,
    /// As it calls itself, else its address.
    name: String,
    /// Until it has said its name, nothing is told of its peers.
    subscribers: Option<Vec<Subscriber>>,
    routes: Option<Routes>,
    views: Views,
    clock: Arc<dyn Clock + Send + Sync>,
    listener: Listener,
    unread: u32,
}

impl Router {
    pub(super) fn new(
        stream: TcpStream,
        from: SocketAddr,
        subscribers: Vec<Subscriber>,
        clock: Arc<dyn Clock + Send + Sync>,
        listener: Listener,
    ) -> Self {
        Self {
            stream,
            name: from.ip().to_string(),
            subscribers: Some(subscribers),
            routes: None,
            views: Views::default(),
            clock,
            listener,
            unread: 0,
        }
    }

    /// Reads until the session ends; what was known of the router's peers ends with it.
    pub(super) async fn run(mut self) -> Option<()> {
        (self.listener)(&self.name, true, "session taken");
        let ended = match self.read().await {
            Ok(()) => Ended::Closed,
            Err(ended) => ended,
        };
        (self.listener)(&self.name, false, &ended.to_string());
        let at = self.clock.now();
        let routes = self.routes.as_mut()?;
        routes.all_down(at, "BMP session lost").await.ok()
    }

    async fn read(&mut self) -> Result<(), Ended> {
        let mut seconds = interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut octets: Vec<u8> = Vec::new();
        loop {
            if self.fill(&mut octets, &mut seconds).await? == 0 {
                return Ok(());
            }
            let mut read = 0;
            while let Some(length) = bmp::frame(octets.get(read..).unwrap_or_default())?
                && let Some(message) = octets.get(read..read + length)
            {
                self.message(message).await?;
                read += length;
            }
            octets.drain(..read);
        }
    }

    /// Reads what comes; seconds pass meanwhile.
    async fn fill(&mut self, octets: &mut Vec<u8>, seconds: &mut Interval) -> Result<usize, Ended> {
        octets.reserve(CHUNK);
        loop {
            tokio::select! {
                read = self.stream.read_buf(octets) => return Ok(read?),
                _ = seconds.tick() => {
                    let at = self.clock.now();
                    if let Some(routes) = &mut self.routes {
                        routes.second(at).await?;
                    }
                }
            }
        }
    }

    async fn message(&mut self, octets: &[u8]) -> Result<(), Ended> {
        let message = match Message::decode(octets, |header| self.views.session(header)) {
            Ok(message) => message,
            Err(fault) => {
                self.bad(&fault);
                return Ok(());
            }
        };
        let at = self.clock.now();
        match message {
            Message::Initiation { name } => {
                if let (Some(name), None) = (name, &self.routes) {
                    name.clone_into(&mut self.name);
                }
            }
            Message::PeerUp(header, session) => self.peer_up(&header, session, at).await?,
            Message::PeerDown(header, reason) => {
                if self.views.counts(&header).0 {
                    self.views.down(&header);
                    let (routes, peer) = self.routes_of(&header);
                    routes.down(&peer, at, &reason.to_string()).await?;
                }
            }
            Message::RouteMonitoring(header, bgp::Message::Update(update)) => {
                self.update(&header, &update, at).await?;
            }
            Message::Termination => return Err(Ended::Terminated),
            Message::RouteMonitoring(..) | Message::Other(_) => {}
        }
        Ok(())
    }

    async fn peer_up(
        &mut self,
        header: &PeerHeader,
        session: bgp::Session,
        at: Timestamp,
    ) -> Result<(), Ended> {
        let (counts, is_better) = self.views.counts(header);
        if !counts {
            return Ok(());
        }
        self.views.up(header, session);
        let (routes, peer) = self.routes_of(header);
        // Each table of a peer has its own message; a better one replaces what was told.
        if routes.is_up(&peer) && is_better {
            routes.down(&peer, at, "a table nearer to the peer is told").await?;
        }
        if !routes.is_up(&peer) {
            routes.up(&peer, at, true).await?;
        }
        Ok(())
    }

    async fn update(
        &mut self,
        header: &PeerHeader,
        update: &bgp::Update<'_>,
        at: Timestamp,
    ) -> Result<(), Ended> {
        let (counts, is_better) = self.views.counts(header);
        if !counts {
            return Ok(());
        }
        let mut changes = Vec::new();
        let mut fault = None;
        let mut shared: Option<(Option<Asn>, Vec<Asn>, bool)> = None;
        update.visit(|route| match route {
            Ok(route) => {
                let told = route.attributes.map_or(Told::Withdrawn, |attributes| {
                    let (origin, path, blackholed) = shared
                        .get_or_insert_with(|| {
                            let mut path = Vec::new();
                            attributes.path(&mut path);
                            (attributes.origin_asn(), path, attributes.is_blackholed())
                        })
                        .clone();
                    Told::Announced { origin, path, blackholed }
                });
                changes.push(RouteTold { prefix: route.prefix, path_id: route.path_id, told });
            }
            Err(found) => fault = Some(found),
        });
        if let Some(fault) = fault {
            self.bad(&fault);
        }
        let (routes, peer) = self.routes_of(header);
        if is_better && routes.is_up(&peer) {
            routes.down(&peer, at, "a table nearer to the peer is told").await?;
        }
        // A router that begins with routes has left out that the peer is up.
        if !routes.is_up(&peer) {
            routes.up(&peer, at, true).await?;
        }
        routes.changes(&peer, at, &changes).await?;
        Ok(())
    }

    /// The routes of this router, which begin once its name must be known, and a peer of it.
    fn routes_of(&mut self, header: &PeerHeader) -> (&mut Routes, Peer) {
        let (name, subscribers) = (&self.name, &mut self.subscribers);
        let routes = self.routes.get_or_insert_with(|| {
            Routes::new(name.as_str().into(), subscribers.take().unwrap_or_default())
        });
        let peer = routes.peer(header.asn, header.address);
        (routes, peer)
    }

    fn bad(&mut self, fault: &falter_wire::Fault) {
        self.unread = self.unread.saturating_add(1);
        if self.unread <= MOST_TOLD {
            (self.listener)(&self.name, false, &format!("a message was not understood: {fault}"));
        }
    }
}
