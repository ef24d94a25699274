//! Attacks from the packets that arrive at a darknet.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use falter_model::{Attack, Fact, Observation, Prefix, Span, Text, Timestamp};
use falter_wire::backscatter::{Heard, heard};
use falter_wire::capture::Captured;

use super::vector::Vector;

/// Victims that are followed at once: some 300 octets each. When there are more, new ones are only counted.
const MOST_VICTIMS: usize = 50_000;
/// How often all victims are looked at for what is to be told or forgotten.
const LOOK_EVERY: Span = Span::from_seconds(10);

/// Infers attacks. Pure: time is that of the packets.
#[derive(Debug)]
pub struct Vectors {
    vantage: Text,
    /// Whose victims are told; `None`: everybody's.
    prefixes: Option<Vec<Prefix>>,
    victims: BTreeMap<IpAddr, Vector>,
    /// When it became known, and what.
    ready: VecDeque<(Timestamp, Observation)>,
    look_at: Timestamp,
    now: Timestamp,
    counts: DarknetCounts,
}

/// What arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DarknetCounts {
    /// Answers of victims inside the network.
    pub inside: u64,
    /// Answers of other victims.
    pub elsewhere: u64,
    /// Packets of somebody who looks for machines.
    pub scans: u64,
    /// Anything else: misdirected packets, questions over UDP.
    pub other: u64,
    /// What is no packet that can be read.
    pub unread: u64,
    /// Answers of victims that could not be followed since there were too many others.
    pub passed_over: u64,
}

impl Vectors {
    /// Attacks on victims in `prefixes`; on all of them if `None`.
    pub fn new(vantage: Text, prefixes: Option<Vec<Prefix>>) -> Self {
        Self {
            vantage,
            prefixes,
            victims: BTreeMap::new(),
            ready: VecDeque::new(),
            look_at: Timestamp::MIN,
            now: Timestamp::MIN,
            counts: DarknetCounts::default(),
        }
    }

    /// Takes a packet, from its IP header on.
    pub fn take(&mut self, at: Timestamp, packet: &[u8]) {
        self.pass(at);
        let Ok(packet) = Captured::decode(packet) else {
            self.counts.unread += 1;
            return;
        };
        let answer = match heard(&packet) {
            Heard::Backscatter(answer) => answer,
            Heard::Scan => {
                self.counts.scans += 1;
                return;
            }
            Heard::Other => {
                self.counts.other += 1;
                return;
            }
        };
        let victim = answer.victim;
        let is_inside = |prefixes: &Vec<Prefix>| prefixes.iter().any(|p| p.contains(victim));
        if !self.prefixes.as_ref().is_none_or(is_inside) {
            self.counts.elsewhere += 1;
            return;
        }
        if self.victims.len() >= MOST_VICTIMS && !self.victims.contains_key(&victim) {
            self.counts.passed_over += 1;
            return;
        }
        self.counts.inside += 1;
        let vector = self.victims.entry(victim).or_insert_with(|| Vector::new(at));
        vector.take(at, &answer);
        if let Some(attack) = vector.tell(at, victim, &self.vantage) {
            self.ready.push_back((self.now, told(attack)));
        }
    }

    /// Time passes, with or without packets.
    pub fn pass(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        // A clock that was set back is followed.
        let is_early = now < self.look_at && self.look_at - now <= LOOK_EVERY;
        if is_early {
            return;
        }
        self.look_at = now + LOOK_EVERY;
        for (victim, vector) in &mut self.victims {
            if let Some(attack) = vector.tell(now, *victim, &self.vantage) {
                self.ready.push_back((self.now, told(attack)));
            }
        }
        self.victims.retain(|_, vector| !vector.is_over(now));
    }

    /// Nothing more comes: tells what is left.
    pub fn finish(&mut self) {
        for (victim, mut vector) in std::mem::take(&mut self.victims) {
            if let Some(attack) = vector.finish(victim, &self.vantage) {
                self.ready.push_back((self.now, told(attack)));
            }
        }
    }

    /// The next attack, or part of one, and when it became known: never earlier than the one before.
    pub fn pop(&mut self) -> Option<(Timestamp, Observation)> {
        self.ready.pop_front()
    }

    /// What arrived so far.
    pub const fn counts(&self) -> DarknetCounts {
        self.counts
    }
}

/// It happened when its last packet came.
fn told(attack: Attack) -> Observation {
    Observation { at: attack.until, fact: Fact::Attack(Box::new(attack)) }
}
