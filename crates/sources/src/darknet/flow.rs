//! A flow: all that one victim answers, which may be or become an attack.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;

use falter_model::{Attack, Span, Text, Timestamp};
use falter_wire::backscatter::Backscatter;

/// Moore, Voelker and Savage (USENIX Security 2001) and CAIDA's corsaro (its plugin `dos`) take a flow for
/// an attack from so many packets on ...
const LEAST_PACKETS: u64 = 25;
/// ... that last so long ...
const LEAST_DURATION: Span = Span::from_seconds(60);
/// ... and come at least so fast: packets in the fullest window of a minute.
const LEAST_PPM: u64 = 30;
/// The window of a minute moves on by this (corsaro).
const SLOT: Span = Span::from_seconds(10);
/// Slots of a window.
const SLOTS: i64 = 6;
/// A victim that was silent for so long begins a new flow (Moore, Voelker and Savage).
const EXPIRY: Span = Span::from_seconds(300);
/// Networks of forged sources that are told apart: a /8, the widest darknet there is, has so many.
const MOST_SOURCES: usize = 256;

/// See the module.
#[derive(Debug)]
pub(super) struct Flow {
    first: Timestamp,
    last: Timestamp,
    packets: u64,
    max_ppm: u64,
    /// By what the victim was flooded.
    protocols: BTreeMap<&'static str, u64>,
    /// Slots of the window, by number, and their packets.
    window: VecDeque<(i64, u64)>,
    is_attack: bool,
    /// What was not told yet.
    part: Part,
}

/// A part of a flow: each packet belongs to one.
#[derive(Debug, Default)]
struct Part {
    /// `None` before its first packet.
    from: Option<Timestamp>,
    packets: u64,
    max_ppm: u64,
    sources: BTreeSet<u32>,
}

impl Flow {
    /// Begins with a packet at `at`, which is still to be taken.
    pub(super) fn new(at: Timestamp) -> Self {
        Self {
            first: at,
            last: at,
            packets: 0,
            max_ppm: 0,
            protocols: BTreeMap::new(),
            window: VecDeque::new(),
            is_attack: false,
            part: Part::default(),
        }
    }

    /// Takes an answer, not earlier than the one before. True where the flow is an attack from now on.
    pub(super) fn take(&mut self, at: Timestamp, answer: &Backscatter) -> bool {
        self.last = at;
        self.packets = self.packets.saturating_add(1);
        *self.protocols.entry(answer.protocol).or_default() += 1;
        let ppm = self.count(at);
        self.max_ppm = self.max_ppm.max(ppm);
        self.part.take(at, ppm, answer.forged);
        let was_attack = self.is_attack;
        self.is_attack |= self.packets >= LEAST_PACKETS
            && self.last - self.first >= LEAST_DURATION
            && self.max_ppm >= LEAST_PPM;
        self.is_attack && !was_attack
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

    /// What of an attack was not told yet; `None` of what is no attack, and where no packet came since.
    pub(super) fn tell(&mut self, victim: IpAddr, vantage: &Text) -> Option<Attack> {
        let from = self.part.from.filter(|_| self.is_attack)?;
        let part = std::mem::take(&mut self.part);
        Some(Attack {
            vantage: vantage.clone(),
            victim,
            protocol: self.protocol().into(),
            packets: part.packets,
            sources_16: u32::try_from(part.sources.len()).ok(),
            max_ppm: Some(part.max_ppm),
            from,
            until: self.last,
        })
    }

    /// Whether the next packet would begin a new flow.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now - self.last >= EXPIRY
    }

    /// Whether it is no attack, and silent for so long that it could only become one by beginning anew.
    pub(super) fn is_faint(&self, now: Timestamp) -> bool {
        !self.is_attack && now - self.last >= LEAST_DURATION
    }

    /// What most packets answered; of several, the last in the order of names.
    fn protocol(&self) -> &'static str {
        let most = self.protocols.iter().max_by_key(|(_, packets)| **packets);
        most.map_or("other", |(protocol, _)| *protocol)
    }
}

impl Part {
    fn take(&mut self, at: Timestamp, ppm: u64, forged: IpAddr) {
        self.from.get_or_insert(at);
        self.packets = self.packets.saturating_add(1);
        self.max_ppm = self.max_ppm.max(ppm);
        if self.sources.len() < MOST_SOURCES {
            self.sources.insert(source_network(forged));
        }
    }
}

/// The /16 of a forged source; of IPv6 its /32.
fn source_network(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(address) => address.to_bits() >> 16,
        IpAddr::V6(address) => u32::try_from(address.to_bits() >> 96).unwrap_or(u32::MAX),
    }
}
