//! All networks that listen to a feed, and what they were told of its peers.

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{Fact, Peer, PeerChange, PeerState, RibEnd, Text, Timestamp};

use super::listener::Listener;
use super::{Event, NobodyListens, Subscriber};
use crate::bootstrap::CollectorTable;
use crate::live::TellError;

/// Peers that are believed in, of all collectors. RIS has about 1,500; whoever tells of more than this
/// invents them.
const MOST_PEERS: usize = 16_384;

#[derive(Debug)]
pub(crate) struct Audience {
    listeners: Vec<Listener>,
    /// Every peer that was heard or had a table.
    peers: BTreeMap<Peer, Known>,
}

/// What is known of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    /// As it was told last.
    state: PeerState,
    /// It was heard since the feed of it began.
    is_heard: bool,
}

impl Known {
    const fn heard(state: PeerState) -> Self {
        Self { state, is_heard: true }
    }

    const fn is_up(self) -> bool {
        matches!(self.state, PeerState::Up)
    }
}

impl Audience {
    pub(crate) fn new(subscribers: Vec<Subscriber>) -> Self {
        let listeners = subscribers.into_iter().map(Listener::new).collect();
        Self { listeners, peers: BTreeMap::new() }
    }

    /// All peers that are known.
    pub(crate) fn peers(&self) -> BTreeSet<Peer> {
        self.peers.keys().cloned().collect()
    }

    /// Peers that are held to be up since their tables say so, but gave no sign of life since the feed of
    /// them began.
    pub(crate) fn unheard(&self) -> BTreeSet<Peer> {
        let unheard = self.peers.iter().filter(|(_, known)| known.is_up() && !known.is_heard);
        unheard.map(|(peer, _)| peer.clone()).collect()
    }

    /// Tells everybody what concerns them.
    pub(crate) async fn take(&mut self, event: Event) -> Result<(), NobodyListens> {
        match event {
            Event::Routes(update) => {
                if !self.heard(update.at, &update.peer).await? {
                    return Ok(());
                }
                let mut gone = Vec::new();
                for (n, listener) in self.listeners.iter_mut().enumerate() {
                    note(n, listener.routes(&update).await, &mut gone);
                }
                self.leave(&gone)
            }
            Event::Alive { at, peer } => {
                if self.heard(at, &peer).await? {
                    self.listeners.iter_mut().for_each(|listener| listener.alive(at, &peer));
                }
                Ok(())
            }
            Event::Up { at, peer } => {
                let known = self.peers.get(&peer).copied();
                if known.is_none() && self.peers.len() >= MOST_PEERS {
                    return Ok(());
                }
                self.peers.insert(peer.clone(), Known::heard(PeerState::Up));
                self.session(at, &peer, PeerState::Up, None).await
            }
            Event::Down { at, peer, reason } => {
                let known = self.peers.get(&peer).copied();
                let is_too_many = known.is_none() && self.peers.len() >= MOST_PEERS;
                if is_too_many {
                    return Ok(());
                }
                self.peers.insert(peer.clone(), Known::heard(PeerState::Down));
                if known.is_some_and(|known| !known.is_up()) {
                    return Ok(());
                }
                self.session(at, &peer, PeerState::Down, reason).await
            }
            Event::Lost { at, peers, reason } => self.lost(at, peers, &reason).await,
            Event::Table { at, table } => self.table(at, &table).await,
            Event::TableEnd { at, from, peer, v4, v6 } => {
                let collector = peer.collector.clone();
                self.fact(at, |interned| {
                    let peers = vec![(interned.peer_id(&peer), v4, v6)];
                    Fact::RibEnd(Box::new(RibEnd { collector: collector.clone(), from, peers }))
                })
                .await
            }
        }
    }

    /// Tells the signs of life since the last call: to be called once a second.
    pub(crate) async fn flush(&mut self) -> Result<(), NobodyListens> {
        let mut gone = Vec::new();
        for (n, listener) in self.listeners.iter_mut().enumerate() {
            note(n, listener.flush().await, &mut gone);
        }
        self.leave(&gone)
    }

    /// A peer was heard: it is up, which is told where it was told as down. False where it is one too
    /// many.
    async fn heard(&mut self, at: Timestamp, peer: &Peer) -> Result<bool, NobodyListens> {
        let before = self.peers.get(peer).copied();
        if before.is_none() && self.peers.len() >= MOST_PEERS {
            return Ok(false);
        }
        if before != Some(Known::heard(PeerState::Up)) {
            self.peers.insert(peer.clone(), Known::heard(PeerState::Up));
        }
        // Of whom nobody was told that it is down nobody must be told that it is up.
        if before.is_some_and(|known| !known.is_up()) {
            self.session(at, peer, PeerState::Up, None).await?;
        }
        Ok(true)
    }

    async fn session(
        &mut self,
        at: Timestamp,
        peer: &Peer,
        state: PeerState,
        reason: Option<Text>,
    ) -> Result<(), NobodyListens> {
        self.listeners.iter_mut().for_each(|listener| listener.forget(peer));
        self.fact(at, |interned| {
            let (peer, reason) = (interned.peer_id(peer), reason.clone());
            Fact::Peer(PeerChange { peer, state, reason })
        })
        .await
    }

    /// The feed of these peers is lost: down, and of their tables nothing is known.
    async fn lost(
        &mut self,
        at: Timestamp,
        peers: BTreeSet<Peer>,
        reason: &Text,
    ) -> Result<(), NobodyListens> {
        let mut tables: BTreeMap<Text, Vec<Peer>> = BTreeMap::new();
        for peer in peers {
            let Some(known) = self.peers.get_mut(&peer) else { continue };
            let was_up = known.is_up();
            *known = Known { state: PeerState::Down, is_heard: false };
            if !was_up {
                continue;
            }
            self.session(at, &peer, PeerState::Down, Some(reason.clone())).await?;
            tables.entry(peer.collector.clone()).or_default().push(peer);
        }
        for (collector, peers) in tables {
            self.fact(at, |interned| {
                let peers = peers.iter().map(|peer| (interned.peer_id(peer), 0, 0)).collect();
                let (collector, from) = (collector.clone(), at);
                Fact::RibEnd(Box::new(RibEnd { collector, from, peers }))
            })
            .await?;
        }
        Ok(())
    }

    /// The table of a collector as of `at`. Of a peer that the feed told as down since it began, nothing
    /// is known from elsewhere.
    async fn table(&mut self, at: Timestamp, table: &CollectorTable) -> Result<(), NobodyListens> {
        let mut stand = Vec::with_capacity(table.peers.len());
        for of_peer in &table.peers {
            let peer = &of_peer.peer;
            match self.peers.get(peer).copied() {
                Some(known) if known.is_up() => {}
                Some(known) if known.is_heard => continue,
                None if self.peers.len() >= MOST_PEERS => continue,
                known => {
                    let up = Known { state: PeerState::Up, is_heard: false };
                    self.peers.insert(peer.clone(), up);
                    if known.is_some() {
                        self.session(at, peer, PeerState::Up, None).await?;
                    }
                }
            }
            stand.push(of_peer);
        }
        let mut gone = Vec::new();
        for (n, listener) in self.listeners.iter_mut().enumerate() {
            note(n, listener.table(at, &table.collector, &stand).await, &mut gone);
        }
        self.leave(&gone)
    }

    async fn fact(
        &mut self,
        at: Timestamp,
        make: impl Fn(&mut falter_model::Interned) -> Fact,
    ) -> Result<(), NobodyListens> {
        let mut gone = Vec::new();
        for (n, listener) in self.listeners.iter_mut().enumerate() {
            note(n, listener.fact(at, &make).await, &mut gone);
        }
        self.leave(&gone)
    }

    fn leave(&mut self, gone: &[usize]) -> Result<(), NobodyListens> {
        let mut n = 0;
        self.listeners.retain(|_| {
            let stays = !gone.contains(&n);
            n += 1;
            stays
        });
        if self.listeners.is_empty() { Err(NobodyListens) } else { Ok(()) }
    }
}

/// Remembers a listener that is gone.
fn note(n: usize, told: Result<(), TellError>, gone: &mut Vec<usize>) {
    match told {
        Ok(()) => {}
        Err(TellError::Gone) => gone.push(n),
        Err(TellError::Line(error)) => tracing::error!(%error, "a fact has no recorded form"),
    }
}
