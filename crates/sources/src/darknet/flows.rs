//! Attacks from the packets that arrive at a darknet.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use falter_model::{Attack, Fact, Observation, Span, Text, Timestamp};
use falter_wire::backscatter::{Heard, heard};
use falter_wire::packet::Datagram;

use super::flow::Flow;
use super::scope::Scope;

/// Victims that are followed at once: most of them with half a kilobyte. When there are more, new ones are
/// only counted.
const MOST_VICTIMS: usize = 50_000;
/// Time that runs backwards by no more than this stands still: packets that several cores took. By more, the
/// clock was set back, and is followed.
pub(super) const LATE: Span = Span::from_minutes(1);

/// Infers attacks. Pure: time is that of the packets, or what [`pass`](Self::pass) says.
///
/// A flow that becomes an attack is told at once, all of it so far; from then on what came in each minute
/// of the clock, as soon as the minute is over. So what is told of a victim depends on its packets alone.
#[derive(Debug)]
pub struct Flows {
    vantage: Text,
    scope: Scope,
    by_victim: BTreeMap<IpAddr, Flow>,
    ready: VecDeque<Observation>,
    now: Timestamp,
    /// The end of the minute that goes on.
    minute_ends: Timestamp,
    counts: DarknetCounts,
}

/// What arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DarknetCounts {
    /// Answers of victims that are followed.
    pub answers: u64,
    /// Answers of victims elsewhere.
    pub elsewhere: u64,
    /// Packets of somebody who looks for machines.
    pub scans: u64,
    /// Anything else: misdirected packets, questions over UDP, what arrives at addresses in use.
    pub other: u64,
    /// What is no packet that can be read.
    pub unread: u64,
    /// Answers of victims that could not be followed since there were too many others.
    pub passed_over: u64,
    /// Packets that the kernel threw away since nobody took them in time.
    pub lost: u64,
    /// Attacks, or parts of one, that were told.
    pub told: u64,
}

impl Flows {
    /// Attacks within `scope`, told in the name of `vantage`.
    pub fn new(vantage: Text, scope: Scope) -> Self {
        Self {
            vantage,
            scope,
            by_victim: BTreeMap::new(),
            ready: VecDeque::new(),
            now: Timestamp::MIN,
            minute_ends: Timestamp::MIN,
            counts: DarknetCounts::default(),
        }
    }

    /// Takes a packet, from its IP header on.
    pub fn take(&mut self, at: Timestamp, packet: &[u8]) {
        self.pass(at);
        let Ok(packet) = Datagram::decode(packet) else {
            self.counts.unread += 1;
            return;
        };
        let answer = match heard(&packet) {
            _ if !self.scope.is_unused(packet.to) => {
                self.counts.other += 1;
                return;
            }
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
        let (now, victim) = (self.now, answer.victim);
        if !self.scope.is_victim(victim) {
            self.counts.elsewhere += 1;
            return;
        }
        if self.by_victim.len() >= MOST_VICTIMS && !self.by_victim.contains_key(&victim) {
            self.counts.passed_over += 1;
            return;
        }
        self.counts.answers += 1;
        let flow = self.by_victim.entry(victim).or_insert_with(|| Flow::new(now));
        if flow.is_over(now) {
            *flow = Flow::new(now);
        }
        let begins = flow.take(now, &answer);
        if begins && let Some(attack) = flow.tell(victim, &self.vantage) {
            self.ready(attack);
        }
    }

    /// Time passes, with or without packets.
    pub fn pass(&mut self, now: Timestamp) {
        if self.now > now && self.now - now > LATE {
            self.finish();
            self.minute_ends = Timestamp::MIN;
            self.now = now;
        }
        self.now = self.now.max(now);
        if self.now < self.minute_ends {
            return;
        }
        self.minute_ends = end_of_minute(self.now);
        self.tell_all();
        let now = self.now;
        self.by_victim.retain(|_, flow| !flow.is_over(now));
        if self.by_victim.len() >= MOST_VICTIMS {
            self.by_victim.retain(|_, flow| !flow.is_faint(now));
        }
    }

    /// Nothing more comes: tells what is left.
    pub fn finish(&mut self) {
        self.tell_all();
        self.by_victim.clear();
    }

    /// When time must be told to have passed at the latest; `None` while nobody is followed.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        (!self.by_victim.is_empty()).then_some(self.minute_ends)
    }

    /// The next attack, or part of one. It happened when its last packet came.
    pub fn pop(&mut self) -> Option<Observation> {
        self.ready.pop_front()
    }

    /// What arrived so far.
    pub const fn counts(&self) -> DarknetCounts {
        self.counts
    }

    /// So many packets were lost so far.
    pub(super) const fn set_lost(&mut self, lost: u64) {
        self.counts.lost = lost;
    }

    fn tell_all(&mut self) {
        let tell = |(victim, flow): (&IpAddr, &mut Flow)| flow.tell(*victim, &self.vantage);
        let attacks: Vec<Attack> = self.by_victim.iter_mut().filter_map(tell).collect();
        for attack in attacks {
            self.ready(attack);
        }
    }

    fn ready(&mut self, attack: Attack) {
        self.counts.told += 1;
        let (at, fact) = (attack.until, Fact::Attack(Box::new(attack)));
        self.ready.push_back(Observation { at, fact });
    }
}

/// The end of the minute of the clock that `at` lies in.
fn end_of_minute(at: Timestamp) -> Timestamp {
    let minute = Span::from_minutes(1).micros();
    Timestamp::from_micros((at.micros().div_euclid(minute) + 1) * minute)
}
