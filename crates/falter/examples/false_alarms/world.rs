//! What is watched: twenty addresses on eight machines, the ways to them, and controls.
//!
//! Nothing here is an outage. Machines answer with availabilities of 0.5 to 0.99, half of them by chance
//! each time, half by being on and off for hours; two are switched off at night; each reboots once in
//! ten days; ICMP is answered a few times a second at most. Packets are lost in bursts, on the
//! observer's own way, which controls share, and on the network's, which near controls share.

use std::net::IpAddr;
use std::ops::Range;

use crate::random::Random;

/// Addresses that are watched.
pub(crate) const ADDRESSES: usize = 20;
/// Machines that they are on.
pub(crate) const MACHINES: usize = 8;
/// Far controls, then near ones.
pub(crate) const FAR: usize = 4;
/// See [`FAR`].
pub(crate) const NEAR: usize = 2;
/// Long-run chance that a machine answers.
const AVAILABILITY: [f64; MACHINES] = [0.99, 0.95, 0.5, 0.6, 0.8, 0.9, 0.97, 0.99];
/// Every second machine is on and off for times that add up to this on average, in seconds.
const CYCLE: f64 = 6.0 * 3_600.0;
/// The others fail to answer a single probe.
const BY_CHANCE: [bool; MACHINES] = [true, false, true, false, true, false, true, true];
/// Switched off at night.
const SLEEPERS: [usize; 2] = [5, 6];
/// Seconds between reboots of a machine, and the longest that one takes.
const REBOOTS: (f64, f64) = (10.0 * 86_400.0, 300.0);
/// Echo requests that a machine answers in a second; more in a row, up to the second number (judged:
/// as home routers are set).
const RATE_LIMIT: (f64, f64) = (2.0, 4.0);

/// A way that loses packets in bursts (Gilbert 1960, Elliott 1963), in the time of the clock.
#[derive(Debug)]
struct Way {
    random: Random,
    is_bad: bool,
    until: f64,
}

impl Way {
    /// Mean seconds between bursts, and of a burst.
    const GOOD: f64 = 600.0;
    const BAD: f64 = 5.0;
    /// Loss outside of bursts and in them.
    const LOSS: (f64, f64) = (0.005, 0.5);

    fn new(seed: u64, stream: u64) -> Self {
        Self { random: Random::new(seed, stream), is_bad: true, until: 0.0 }
    }

    fn loses(&mut self, at: f64) -> bool {
        while self.until <= at {
            self.is_bad = !self.is_bad;
            self.until += self.random.wait(if self.is_bad { Self::BAD } else { Self::GOOD });
        }
        let (good, bad) = Self::LOSS;
        self.random.chance(if self.is_bad { bad } else { good })
    }
}

/// A machine.
#[derive(Debug)]
struct Machine {
    random: Random,
    number: usize,
    is_on: bool,
    until: f64,
    reboot: f64,
    booted: f64,
    tokens: f64,
    asked: f64,
}

impl Machine {
    fn new(seed: u64, number: usize) -> Self {
        let mut random = Random::new(seed, 100 + number as u64);
        let reboot = random.wait(REBOOTS.0);
        Self {
            random,
            number,
            is_on: false,
            until: 0.0,
            reboot,
            booted: 0.0,
            tokens: RATE_LIMIT.1,
            asked: 0.0,
        }
    }

    fn answers(&mut self, at: f64) -> bool {
        let availability = AVAILABILITY.get(self.number).copied().unwrap_or(1.0);
        while self.until <= at {
            self.is_on = !self.is_on;
            let share = if self.is_on { availability } else { 1.0 - availability };
            self.until += self.random.wait(CYCLE * share);
        }
        while self.reboot <= at {
            self.booted = self.reboot + self.random.share() * REBOOTS.1;
            self.reboot += self.random.wait(REBOOTS.0);
        }
        let hour = (at / 3_600.0) % 24.0;
        let sleeps = SLEEPERS.contains(&self.number) && !(7.0..22.0).contains(&hour);
        let (rate, most) = RATE_LIMIT;
        self.tokens = (self.tokens + (at - self.asked) * rate).min(most);
        self.asked = at;
        if sleeps || at < self.booted || self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        if BY_CHANCE.get(self.number) == Some(&true) {
            self.random.chance(availability)
        } else {
            self.is_on
        }
    }
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Address(usize),
    Far(usize),
    Near(usize),
}

impl Asked {
    /// Where it is.
    pub(crate) fn address(self) -> IpAddr {
        let octet = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
        match self {
            // Two blocks: every machine has addresses in one of them alone.
            Self::Address(n) => {
                IpAddr::from([198, 51, 100 + octet(machine_of(n) / 4), 1 + octet(n)])
            }
            Self::Far(n) => IpAddr::from([192, 0, 2, 1 + octet(n)]),
            Self::Near(n) => IpAddr::from([203, 0, 113, 1 + octet(n)]),
        }
    }
}

fn machine_of(address: usize) -> usize {
    address % MACHINES
}

/// What truly goes wrong.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trouble {
    /// The observer reaches nothing.
    pub(crate) uplink_cut: Vec<Range<f64>>,
    /// These machines can't be reached.
    pub(crate) dark: Vec<(Range<f64>, Range<usize>)>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct World {
    machines: Vec<Machine>,
    own_way: Way,
    their_way: Way,
    random: Random,
    trouble: Trouble,
}

impl World {
    /// A world that begins at midnight, second 0.
    pub(crate) fn new(seed: u64, trouble: Trouble) -> Self {
        Self {
            machines: (0..MACHINES).map(|number| Machine::new(seed, number)).collect(),
            own_way: Way::new(seed, 1),
            their_way: Way::new(seed, 2),
            random: Random::new(seed, 3),
            trouble,
        }
    }

    /// Whether it answers a probe sent `at`; times never run backwards.
    pub(crate) fn answers(&mut self, asked: Asked, at: f64) -> bool {
        let lost_near = self.own_way.loses(at);
        let cut = self.trouble.uplink_cut.iter().any(|cut| cut.contains(&at));
        if cut || lost_near {
            return false;
        }
        if let Asked::Far(_) = asked {
            return !self.random.chance(0.002);
        }
        if self.their_way.loses(at) {
            return false;
        }
        let Asked::Address(n) = asked else { return !self.random.chance(0.002) };
        let number = machine_of(n);
        let dark = &self.trouble.dark;
        !dark.iter().any(|(time, which)| time.contains(&at) && which.contains(&number))
            && self.machines.get_mut(number).is_some_and(|machine| machine.answers(at))
    }
}
