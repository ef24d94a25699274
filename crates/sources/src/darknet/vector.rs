//! One attack, or what may become one: the answers of one victim.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;

use falter_model::{Attack, Span, Text, Timestamp};
use falter_wire::backscatter::Backscatter;

/// Moore, Voelker and Savage (USENIX Security 2001) and CAIDA's corsaro (its plugin `dos`) take a victim's
/// packets for an attack from so many on ...
const LEAST_PACKETS: u64 = 25;
/// ... that last so long ...
const LEAST_DURATION: Span = Span::from_seconds(60);
/// ... and come at least so fast: packets in the fullest window of a minute.
const LEAST_PPM: u64 = 30;
/// The window of a minute moves on by this: six slots are one window (corsaro).
const SLOT: Span = Span::from_seconds(10);
/// See [`SLOT`].
const SLOTS: i64 = 6;
/// An attack that goes on is told so often.
const TELL_EVERY: Span = Span::from_seconds(60);
/// A victim that was silent for so long is forgotten (the expiry of Moore, Voelker and Savage).
const EXPIRY: Span = Span::from_seconds(300);
/// Forged sources that are told apart: a darknet is rarely wider than a /8, which has 256.
const MOST_SOURCES: usize = 4096;

/// The answers of one victim.
#[derive(Debug)]
pub(super) struct Vector {
    first: Timestamp,
    last: Timestamp,
    packets: u64,
    max_ppm: u64,
    /// By what it was flooded.
    protocols: BTreeMap<&'static str, u64>,
    /// Slots of the window, by number, and their packets.
    window: VecDeque<(i64, u64)>,
    /// When it was last told; `None` while it is no attack.
    told: Option<Timestamp>,
    /// What was not told yet.
    piece: Piece,
}

/// A part of an attack: each packet belongs to one.
#[derive(Debug)]
struct Piece {
    from: Timestamp,
    packets: u64,
    max_ppm: u64,
    sources: BTreeSet<u32>,
}

impl Piece {
    const fn new(from: Timestamp) -> Self {
        Self { from, packets: 0, max_ppm: 0, sources: BTreeSet::new() }
    }
}

impl Vector {
    /// Begins with a packet at `at`, which is still to be taken.
    pub(super) const fn new(at: Timestamp) -> Self {
        Self {
            first: at,
            last: at,
            packets: 0,
            max_ppm: 0,
            protocols: BTreeMap::new(),
            window: VecDeque::new(),
            told: None,
            piece: Piece::new(at),
        }
    }

    /// Takes an answer. Time that runs backwards stands still.
    pub(super) fn take(&mut self, at: Timestamp, answer: &Backscatter) {
        let at = at.max(self.last);
        self.last = at;
        self.packets = self.packets.saturating_add(1);
        *self.protocols.entry(answer.protocol).or_default() += 1;
        let ppm = self.count(at);
        self.max_ppm = self.max_ppm.max(ppm);
        if self.piece.packets == 0 {
            self.piece = Piece::new(at);
        }
        self.piece.packets = self.piece.packets.saturating_add(1);
        self.piece.max_ppm = self.piece.max_ppm.max(ppm);
        if self.piece.sources.len() < MOST_SOURCES {
            self.piece.sources.insert(source_network(answer.forged));
        }
    }

    /// Counts a packet; how many there are in the window that ends with its slot.
    fn count(&mut self, at: Timestamp) -> u64 {
        let slot = at.micros().div_euclid(SLOT.micros());
        match self.window.back_mut() {
            Some((last, packets)) if *last == slot => *packets = packets.saturating_add(1),
            _ => self.window.push_back((slot, 1)),
        }
        while self.window.front().is_some_and(|(first, _)| *first <= slot - SLOTS) {
            self.window.pop_front();
        }
        self.window.iter().fold(0, |sum, (_, packets)| sum.saturating_add(*packets))
    }

    /// What is to be told at `now`: once when it becomes an attack, all of it so far; then each
    /// minute in which packets came, those since.
    pub(super) fn tell(
        &mut self,
        now: Timestamp,
        victim: IpAddr,
        vantage: &Text,
    ) -> Option<Attack> {
        let is_due = match self.told {
            Some(told) => now - told >= TELL_EVERY && self.piece.packets > 0,
            None => self.is_attack(),
        };
        is_due.then(|| self.tell_piece(now, victim, vantage))
    }

    /// What is left to be told at the end.
    pub(super) fn finish(&mut self, victim: IpAddr, vantage: &Text) -> Option<Attack> {
        let has_more = self.told.is_some() && self.piece.packets > 0;
        has_more.then(|| self.tell_piece(self.last, victim, vantage))
    }

    /// Whether nothing more is to be expected of it.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now - self.last >= EXPIRY
    }

    fn is_attack(&self) -> bool {
        self.packets >= LEAST_PACKETS
            && self.last - self.first >= LEAST_DURATION
            && self.max_ppm >= LEAST_PPM
    }

    fn tell_piece(&mut self, now: Timestamp, victim: IpAddr, vantage: &Text) -> Attack {
        self.told = Some(now);
        let piece = std::mem::replace(&mut self.piece, Piece::new(self.last));
        Attack {
            vantage: vantage.clone(),
            victim,
            protocol: self.protocol().into(),
            packets: piece.packets,
            sources_16: u32::try_from(piece.sources.len()).ok(),
            max_ppm: Some(piece.max_ppm),
            from: piece.from,
            until: self.last,
        }
    }

    /// What most packets answered.
    fn protocol(&self) -> &'static str {
        let most = self.protocols.iter().max_by_key(|(_, packets)| **packets);
        most.map_or("other", |(protocol, _)| *protocol)
    }
}

/// The /16 of a forged source; of IPv6 its /32.
fn source_network(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(address) => address.to_bits() >> 16,
        IpAddr::V6(address) => u32::try_from(address.to_bits() >> 96).unwrap_or(u32::MAX),
    }
}
