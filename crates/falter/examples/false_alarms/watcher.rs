//! Watches a world as a live watcher would: slow rounds when all is well, quick ones when several
//! addresses that usually answer fall silent; replies are known at once, silence three seconds later.

use std::collections::VecDeque;

use falter_model::{
    Control, ControlKind, End, Fact, Interned, Method, Observation, Onset, Outage, Outcome, Probe,
    Profile, Span, Text, Timestamp,
};

use crate::random::Random;
use crate::world::{ADDRESSES, Asked, FAR, NEAR, World};

/// Seconds of a quick round, and after which silence is known.
const QUICK: f64 = 1.05;
const TIMEOUT: f64 = 3.0;
/// Packets a second.
const RATE: f64 = 100.0;
/// So many addresses that change within a slow round, of those that seldom do, are a reason for quick rounds
/// of so many seconds.
const SURPRISES: usize = 2;
const SELDOM: f64 = 0.1;
const QUICK_FOR: f64 = 30.0;

/// Noise hides by so much when something fell or returned.
const TO_A_MINUTE: Span = Span::from_minutes(1);

/// What a run found.
#[derive(Debug)]
pub(crate) struct Found {
    /// All outages, at the end.
    pub(crate) outages: Vec<Outage>,
    /// When `changed` first told of one of the network, in seconds.
    pub(crate) told_at: Option<f64>,
    /// Probes sent.
    pub(crate) probes: u64,
    /// Quick rounds among all.
    pub(crate) quick_rounds: u64,
}

impl Found {
    /// True where an outage of the network or of a block was told that began and ended then, to a minute, in seconds.
    pub(crate) fn tells_of(&self, from: f64, until: f64) -> bool {
        let holds = |truth: f64, good: Option<Timestamp>, bad: Timestamp| {
            let (early, late) = (moment(truth) - TO_A_MINUTE, moment(truth) + TO_A_MINUTE);
            let good = good.unwrap_or(bad);
            good.min(bad) <= late && good.max(bad) >= early
        };
        let holds_both = |began: Onset, ended: Option<End>| {
            holds(from, began.last_good, began.first_bad)
                && ended.is_some_and(|end| holds(until, Some(end.first_good), end.last_bad))
        };
        self.outages.iter().any(|outage| {
            holds_both(outage.from, outage.until)
                || outage.parts.iter().any(|part| holds_both(part.from, part.until))
        })
    }
}

/// The moment `seconds` into a run; all begin at a midnight.
fn moment(seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "some months in microseconds")]
    let micros = (seconds * 1e6).round() as i64;
    Timestamp::from_seconds(1_600_041_600) + Span::from_micros(micros)
}

struct Watcher {
    signals: falter_signals::Engine,
    out: falter_signals::Output,
    detect: falter_detect::Engine,
    interned: Interned,
    /// Silences that are not known yet: when they will be, and what they are.
    silences: VecDeque<(f64, Asked, Observation)>,
    ticked: f64,
    vantage: Text,
    /// How often the answers of each address change, and whether it answered last.
    changes: [f64; ADDRESSES],
    answered: [bool; ADDRESSES],
    slow: f64,
    surprises: VecDeque<f64>,
    quick_until: f64,
    told_at: Option<f64>,
}

/// Watches `world` for so many seconds, in rounds of `slow` seconds when all is well.
pub(crate) fn watch(world: &mut World, slow: f64, seconds: f64) -> Found {
    let mut watcher = Watcher::new(slow);
    let mut random = Random::new(7, 7);
    let (mut probes, mut quick_rounds, mut now) = (0, 0, 1.0);
    while now < seconds {
        let quick = watcher.is_quick(now);
        quick_rounds += u64::from(quick);
        let length = if quick { QUICK } else { slow };
        let gap = (length / (ADDRESSES + FAR + NEAR) as f64).max(1.0 / RATE);
        let began = now;
        for (place, asked) in round(&mut random).into_iter().enumerate() {
            let at = began + gap * place as f64;
            watcher.ask(world, asked, at);
            probes += 1;
            now = at + gap;
            // A slow round is given up as soon as there is reason for a quick one.
            if !quick && watcher.is_quick(at) {
                break;
            }
        }
    }
    watcher.pass_to(seconds);
    watcher.signals.finish(moment(seconds), &watcher.interned, &mut watcher.out);
    watcher.drain();
    let outages = watcher.detect.finish(moment(seconds));
    Found { outages, told_at: watcher.told_at, probes, quick_rounds }
}

/// Controls lie between the addresses, so that each part of a round has its own.
fn round(random: &mut Random) -> Vec<Asked> {
    let mut shuffled: Vec<(f64, usize)> = (0..ADDRESSES).map(|n| (random.share(), n)).collect();
    shuffled.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut round: Vec<Asked> = shuffled.into_iter().map(|(_, n)| Asked::Address(n)).collect();
    for n in 0..FAR {
        round.insert(n * 6, Asked::Far(n));
    }
    for n in 0..NEAR {
        round.insert(3 + n * 12, Asked::Near(n));
    }
    round
}

impl Watcher {
    fn new(slow: f64) -> Self {
        let plan = falter_detect::Plan {
            network: Some(profile()),
            spec_of: |id| falter_signals::spec(id.as_str()).copied(),
            ..falter_detect::Plan::default()
        };
        let signals = falter_signals::Plan { network: Some(profile()), ..Default::default() };
        Self {
            signals: falter_signals::Engine::new(signals),
            out: falter_signals::Output::default(),
            detect: falter_detect::Engine::new(plan),
            interned: Interned::default(),
            silences: VecDeque::new(),
            ticked: 0.0,
            vantage: "sim".into(),
            changes: [0.0; ADDRESSES],
            answered: [false; ADDRESSES],
            slow,
            surprises: VecDeque::new(),
            quick_until: 0.0,
            told_at: None,
        }
    }

    fn ask(&mut self, world: &mut World, asked: Asked, at: f64) {
        self.pass_to(at);
        let answers = world.answers(asked, at);
        let outcome = if answers {
            Outcome::Reply { rtt_us: 180_000, ttl: None }
        } else {
            Outcome::Timeout { after: Span::from_seconds(3) }
        };
        let (vantage, target, method) = (self.vantage.clone(), asked.address(), Method::Icmp);
        let control = |kind| {
            let (vantage, outcome) = (vantage.clone(), outcome.clone());
            Fact::Control(Box::new(Control { vantage, kind, target, method, outcome }))
        };
        let fact = match asked {
            Asked::Far(_) => control(ControlKind::Far),
            Asked::Near(_) => control(ControlKind::Near),
            Asked::Address(_) => {
                let (vantage, outcome) = (vantage.clone(), outcome.clone());
                Fact::Probe(Box::new(Probe { vantage, target, method, outcome }))
            }
        };
        let observation = Observation { at: moment(at), fact };
        if answers {
            self.know(at, asked, true, &observation);
        } else {
            self.silences.push_back((at + TIMEOUT, asked, observation));
        }
    }

    fn is_quick(&self, now: f64) -> bool {
        now < self.quick_until
    }

    /// Notes what an address did; a change of one that seldom changes is a surprise.
    fn note(&mut self, n: usize, answers: bool, now: f64) {
        let (Some(changes), Some(answered)) = (self.changes.get_mut(n), self.answered.get_mut(n))
        else {
            return;
        };
        let is_other = *answered != answers;
        *answered = answers;
        let seldom = *changes < SELDOM;
        *changes += (f64::from(u8::from(is_other)) - *changes) / 20.0;
        if !is_other || !seldom {
            return;
        }
        self.surprises.push_back(now);
        while self.surprises.front().is_some_and(|at| now - at > self.slow) {
            self.surprises.pop_front();
        }
        if self.surprises.len() >= SURPRISES || self.is_quick(now) {
            self.quick_until = now + QUICK_FOR;
        }
    }

    /// Tells what became known up to `now`: silences and ticks, in order.
    fn pass_to(&mut self, now: f64) {
        loop {
            let tick = self.ticked + 1.0;
            let silence = self.silences.front().map_or(f64::INFINITY, |(at, ..)| *at);
            if silence.min(tick) > now {
                return;
            }
            if silence < tick {
                if let Some((at, asked, observation)) = self.silences.pop_front() {
                    self.know(at, asked, false, &observation);
                }
            } else {
                self.ticked = tick;
                self.push(&Observation { at: moment(tick), fact: Fact::Tick });
                if self.detect.is_unsure() {
                    self.quick_until = self.quick_until.max(tick + 2.0);
                }
                let news = self.detect.changed();
                if self.told_at.is_none() && news.iter().any(|outage| outage.entity.is_top()) {
                    self.told_at = Some(tick);
                }
            }
        }
    }

    /// Takes what became known at `now`.
    fn know(&mut self, now: f64, asked: Asked, answers: bool, observation: &Observation) {
        self.push(observation);
        if let Asked::Address(n) = asked {
            self.note(n, answers, now);
        }
    }

    fn push(&mut self, observation: &Observation) {
        self.signals.observe(observation, &self.interned, &mut self.out);
        self.drain();
        self.detect.observe(observation);
    }

    fn drain(&mut self) {
        for blind in self.out.blind.drain(..) {
            self.detect.blind(&blind);
        }
        for reading in self.out.readings.drain(..) {
            self.detect.reading(&reading);
        }
    }
}

fn profile() -> Profile {
    Profile::named("sim", "Simulated")
}
