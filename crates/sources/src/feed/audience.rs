//! All networks that listen to a feed, and what they were told of its peers.

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{Fact, Peer, PeerChange, PeerState, RibEnd, Text, Timestamp};

use super::listener::Listener;
use super::{Event, NobodyListens, Subscriber};
use crate::live::TellError;

/// Peers that are believed in, of all collectors. RIS has about 1,500; whoever tells of more than this
/// invents them.
const MOST_PEERS: usize = 16_384;

#[derive(Debug)]
pub(crate) struct Audience {
    listeners: Vec<Listener>,
    /// Every peer that was heard, and whether it was last told as up.
    peers: BTreeMap<Peer, PeerState>,
}

impl Audience {
    pub(crate) fn new(subscribers: Vec<Subscriber>) -> Self {
        let listeners = subscribers.into_iter().map(Listener::new).collect();
        Self { listeners, peers: BTreeMap::new() }
    }

    /// Peers that are up, as far as they were heard.
    pub(crate) fn up(&self) -> BTreeSet<Peer> {
        let up = self.peers.iter().filter(|(_, state)| **state == PeerState::Up);
        up.map(|(peer, _)| peer.clone()).collect()
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
                self.peers.insert(peer.clone(), PeerState::Up);
                self.session(at, &peer, PeerState::Up, None).await
            }
            Event::Down { at, peer, reason } => {
                let known = self.peers.get(&peer).copied();
                let is_too_many = known.is_none() && self.peers.len() >= MOST_PEERS;
                if is_too_many || known == Some(PeerState::Down) {
                    return Ok(());
                }
                self.peers.insert(peer.clone(), PeerState::Down);
                self.session(at, &peer, PeerState::Down, reason).await
            }
            Event::Lost { at, peers, reason } => self.lost(at, peers, &reason).await,
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
        match self.peers.get(peer) {
            Some(PeerState::Up) => return Ok(true),
            None if self.peers.len() >= MOST_PEERS => return Ok(false),
            // Nobody was told that it is down, so that nobody must be told that it is up.
            None => {
                self.peers.insert(peer.clone(), PeerState::Up);
            }
            Some(PeerState::Down) => {
                self.peers.insert(peer.clone(), PeerState::Up);
                self.session(at, peer, PeerState::Up, None).await?;
            }
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
            if self.peers.get(&peer) != Some(&PeerState::Up) {
                continue;
            }
            self.peers.insert(peer.clone(), PeerState::Down);
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
