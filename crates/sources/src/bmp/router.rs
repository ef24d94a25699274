//! What a router has told of its peers: from messages to events, without a socket.

use std::collections::BTreeMap;
use std::net::IpAddr;

use falter_model::{Asn, Peer, Span, Text, Timestamp};
use falter_wire::bgp::Message as BgpMessage;
use falter_wire::bmp::{Message, PeerDown, PeerHeader, PeerKind, PeerUp, RouteMonitoring, View};

use super::neighbor::Neighbor;
use crate::feed::{Event, FeedStatus, Update};

/// A time in a message that is at most this old is when it happened; see the module above.
const FRESH: Span = Span::from_seconds(10);
/// Peers of one router: the largest route servers have about a thousand.
const MOST_PEERS: usize = 4096;

#[derive(Debug)]
pub(super) struct Router {
    name: Text,
    address: IpAddr,
    peers: BTreeMap<(Asn, IpAddr), Neighbor>,
}

impl Router {
    pub(super) const fn new(name: Text, address: IpAddr) -> Self {
        Self { name, address, peers: BTreeMap::new() }
    }

    /// Everything it told of is unknown.
    pub(super) fn lost(&self, at: Timestamp, reason: &str) -> Event {
        let up = self.peers.iter().filter(|(_, neighbor)| neighbor.is_up);
        let peers = up.map(|((asn, address), _)| self.peer(*asn, *address)).collect();
        Event::Lost { at, peers, reason: reason.into() }
    }

    /// Takes one message.
    pub(super) fn take(
        &mut self,
        message: &Message<'_>,
        now: Timestamp,
        status: &FeedStatus,
        events: &mut Vec<Event>,
    ) {
        match message {
            Message::PeerUp(up) => events.extend(self.up(up, now)),
            Message::PeerDown(down) => events.extend(self.down(down, now)),
            Message::RouteMonitoring(routes) => self.routes(*routes, now, status, events),
            // The counters of a peer whose session stands.
            Message::Statistics(header) => {
                if let Some((key, neighbor)) = self.neighbor(header)
                    && neighbor.is_up
                {
                    events.push(Event::Alive { at: now, peer: self.peer(key.0, key.1) });
                }
            }
            Message::Other(_) => status.unknown(),
            Message::Initiation(_) | Message::Termination(_) | Message::Mirroring(_) => {}
        }
    }

    /// Looks at the time: tables that should have been told by now. To be called now and then.
    pub(super) fn look(&mut self, now: Timestamp) -> Vec<Event> {
        let mut events = Vec::new();
        for ((asn, address), neighbor) in &mut self.peers {
            let Some((v4, v6)) = neighbor.look(now) else { continue };
            let peer = Peer { collector: self.name.clone(), asn: *asn, address: *address };
            events.push(Event::TableEnd { at: now, from: neighbor.from, peer, v4, v6 });
        }
        events
    }

    fn up(&mut self, up: &PeerUp, now: Timestamp) -> Option<Event> {
        if is_passed_over(up.peer.view) {
            return None;
        }
        let key = self.key(&up.peer);
        let is_others = self.peers.get(&key).is_some_and(|known| known.is_not(&up.peer));
        if is_others || (self.peers.len() >= MOST_PEERS && !self.peers.contains_key(&key)) {
            return None;
        }
        let at = time(&up.peer, now);
        self.peers.insert(key, Neighbor::new(up, at));
        Some(Event::Up { at, peer: self.peer(key.0, key.1) })
    }

    fn down(&mut self, down: &PeerDown, now: Timestamp) -> Option<Event> {
        let (key, neighbor) = self.neighbor(&down.peer)?;
        if !neighbor.is_up || is_passed_over(down.peer.view) {
            return None;
        }
        neighbor.is_up = false;
        let reason = Some(down.reason.to_string().into());
        Some(Event::Down { at: time(&down.peer, now), peer: self.peer(key.0, key.1), reason })
    }

    fn routes(
        &mut self,
        routes: RouteMonitoring<'_>,
        now: Timestamp,
        status: &FeedStatus,
        events: &mut Vec<Event>,
    ) {
        let header = routes.peer;
        let collector = self.name.clone();
        // Routes of a peer whose Peer Up never came, or that is down, are nobody's.
        let Some((key, neighbor)) = self.neighbor(&header) else { return };
        if !neighbor.is_up || is_passed_over(header.view) {
            return;
        }
        if !neighbor.tells(header.view) {
            return;
        }
        // Never before the table that it is part of.
        let at = time(&header, now).max(neighbor.from);
        let update = match neighbor.read(&routes) {
            Ok(BgpMessage::Update(update)) => update,
            Ok(_) => return,
            Err(fault) => {
                told(&fault, status);
                return;
            }
        };
        if let Some(family) = update.end_of_rib() {
            let (from, whole) = (neighbor.from, neighbor.whole(family));
            let peer = self.peer(key.0, key.1);
            events.push(Event::Alive { at, peer: peer.clone() });
            events.extend(whole.map(|(v4, v6)| Event::TableEnd { at, from, peer, v4, v6 }));
            return;
        }
        let mut all = Update {
            at,
            peer: Peer { collector, asn: key.0, address: key.1 },
            path: Vec::new(),
            origin: None,
            blackholed: false,
            announced: Vec::new(),
            withdrawn: Vec::new(),
        };
        update.visit(|route| match route {
            Ok(route) => match route.attributes {
                Some(attributes) => {
                    if all.announced.is_empty() {
                        attributes.path(&mut all.path);
                        neighbor.told(&mut all.path, key.0);
                        all.origin = attributes.origin_asn();
                        all.blackholed = attributes.is_blackholed();
                    }
                    all.announced.push((route.prefix, route.path_id));
                }
                None => all.withdrawn.push((route.prefix, route.path_id)),
            },
            Err(fault) => told(&fault, status),
        });
        neighbor.count(&all);
        events.push(Event::Routes(all));
    }

    fn neighbor(&mut self, header: &PeerHeader) -> Option<((Asn, IpAddr), &mut Neighbor)> {
        let key = self.key(header);
        let neighbor = self.peers.get_mut(&key)?;
        (!neighbor.is_not(header)).then_some((key, neighbor))
    }

    /// The router's own table is a peer with the router's address.
    fn key(&self, header: &PeerHeader) -> (Asn, IpAddr) {
        let is_own = header.kind == PeerKind::LocRib;
        (header.asn, if is_own { self.address } else { header.address })
    }

    fn peer(&self, asn: Asn, address: IpAddr) -> Peer {
        Peer { collector: self.name.clone(), asn, address }
    }
}

/// Tables of which nothing is told: what is sent to a neighbor.
const fn is_passed_over(view: View) -> bool {
    matches!(view, View::AdjRibOut | View::AdjRibOutPost)
}

fn time(header: &PeerHeader, now: Timestamp) -> Timestamp {
    header.at.filter(|at| *at <= now && now - *at <= FRESH).unwrap_or(now)
}

fn told(fault: &falter_wire::Fault, status: &FeedStatus) {
    if status.garbage(fault) {
        tracing::warn!(%fault, "a BMP message can't be read");
    }
}
