//! Signals from what was asked or counted bin by bin: probes, names, pages, traces, attacks,
//! traffic.
//!
//! Samples wait in [`Rounds`] until their bin is over. Those of a vantage point whose far controls
//! failed are dropped; where nothing is left, every signal of the bin is not measured. What was asked
//! from inside the network is counted apart, in [`Inside`].

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use falter_model::{
    Entity, Fact, Method, Observation, Place, Prefix, Profile, SignalId, Span, Step, Text,
    Timestamp, Traffic, VantagePoints,
};

use crate::controls::Controls;
use crate::dns::{self, Question};
use crate::grouped::{grouped, of_address};
use crate::inside::Inside;
use crate::ping::loss::Unanswered;
use crate::ping::{self, Shot};
use crate::rounds::Rounds;
use crate::steps::MINUTE;
use crate::tally::Tally;
use crate::telling::{Known, Tallies, reading, tell};
use crate::trace::{self, TraceHop};
use crate::web::{self, Visit};
use crate::{Output, darknet, tcp, traffic};

/// See the module.
#[derive(Debug)]
pub(crate) struct Active {
    network: Option<Entity>,
    prefixes: Vec<Prefix>,
    aliases: BTreeSet<Entity>,
    vantage_points: VantagePoints,
    inside: Inside,
    controls: Controls,
    pings: Rounds<Shot>,
    connects: Rounds<Shot>,
    questions: Rounds<Question>,
    visits: Rounds<Visit>,
    hops: Rounds<TraceHop>,
    attacks: Rounds<(IpAddr, u64)>,
    traffic: Rounds<Traffic>,
    ping_unanswered: Unanswered,
    tcp_unanswered: Unanswered,
    known: BTreeMap<&'static str, Known>,
    /// Nothing of this was observed yet: archives of routes hold none of it.
    idle: bool,
}

impl Active {
    /// Nothing asked yet.
    pub(crate) fn new(network: Option<&Profile>, vantage_points: VantagePoints) -> Self {
        Self {
            network: network.map(Profile::entity),
            prefixes: network.map(|profile| profile.prefixes.clone()).unwrap_or_default(),
            aliases: network
                .map(|profile| profile.aliases.iter().cloned().collect())
                .unwrap_or_default(),
            vantage_points,
            inside: Inside::new(network.map(Profile::entity)),
            controls: Controls::default(),
            pings: Rounds::new(MINUTE),
            connects: Rounds::new(MINUTE),
            questions: Rounds::new(MINUTE),
            visits: Rounds::new(Step::FIVE_MINUTES),
            hops: Rounds::new(Step::FIVE_MINUTES),
            attacks: Rounds::new(MINUTE),
            traffic: Rounds::new(Step::FIVE_MINUTES),
            ping_unanswered: Unanswered::default(),
            tcp_unanswered: Unanswered::default(),
            known: BTreeMap::new(),
            idle: true,
        }
    }

    /// Takes what was asked or counted.
    pub(crate) fn observe(&mut self, observation: &Observation) {
        let at = observation.at;
        self.idle = false;
        if self.is_asked_inside(&observation.fact) {
            self.inside.observe(observation);
            return;
        }
        match &observation.fact {
            Fact::Probe(probe) => {
                let shot = Shot::new(at, probe.target, &probe.outcome);
                match probe.method {
                    Method::Icmp => self.pings.take(at, &probe.vantage, shot),
                    Method::Tcp(_) => self.connects.take(at, &probe.vantage, shot),
                    // Silence of a UDP port means nothing.
                    Method::Udp(_) => {}
                }
            }
            Fact::Control(control) => self.controls.take(at, control),
            Fact::Name(name) => self.questions.take(at, &name.vantage, Question::new(name)),
            Fact::Page(page) => self.visits.take(at, &page.vantage, Visit::new(page)),
            Fact::Hop(hop) => {
                let answered = hop.from.is_some();
                let sample = TraceHop { target: hop.target, ttl: hop.ttl, answered };
                self.hops.take(at, &hop.vantage, sample);
            }
            Fact::Attack(attack) => {
                let rate = darknet::backscatter::rate(attack);
                self.attacks.take(at, &attack.vantage, (attack.victim, rate));
            }
            Fact::Traffic(traffic) => {
                self.traffic.take(at, &traffic.vantage, Traffic::clone(traffic));
            }
            _ => {}
        }
    }

    /// Tells bins that are over at `now`.
    pub(crate) fn close(&mut self, now: Timestamp, out: &mut Output) {
        if !self.idle {
            self.close_probes(now, out);
            self.close_names(now, out);
            self.close_visits(now, out);
            self.close_hops(now, out);
            self.close_counted(now, out);
            self.inside.close(now, out);
        }
        self.controls.tell(now, self.network.as_ref(), &mut out.blind);
    }

    /// The input ended at `until`: tells what is open, the bin of the end among them.
    pub(crate) fn finish(&mut self, until: Timestamp, out: &mut Output) {
        // The widest bin and its grace.
        self.close(until + Span::from_minutes(6), out);
        self.controls.finish(self.network.as_ref(), &mut out.blind);
    }

    /// Time leapt: what is open is told, what comes starts anew.
    pub(crate) fn leap(&mut self) {
        self.pings.leap();
        self.connects.leap();
        self.questions.leap();
        self.visits.leap();
        self.hops.leap();
        self.attacks.leap();
        self.traffic.leap();
        self.inside.leap();
    }

    /// True for what somebody inside asked; attacks and traffic are counted wherever they are seen.
    fn is_asked_inside(&self, fact: &Fact) -> bool {
        let asks = matches!(
            fact,
            Fact::Probe(_) | Fact::Control(_) | Fact::Hop(_) | Fact::Name(_) | Fact::Page(_)
        );
        let vantage = fact.vantage().filter(|_| asks);
        vantage.is_some_and(|vantage| self.vantage_points.place(vantage) == Place::Inside)
    }

    fn close_probes(&mut self, now: Timestamp, out: &mut Output) {
        for is_ping in [true, false] {
            let (rounds, layer, unanswered, source) = if is_ping {
                (&mut self.pings, &ping::LAYER, &mut self.ping_unanswered, "ping")
            } else {
                (&mut self.connects, &tcp::LAYER, &mut self.tcp_unanswered, "tcp")
            };
            let step = rounds.step();
            for (bin, samples) in rounds.closed(now) {
                let seen = believed(&self.controls, bin, step, samples);
                let network = self.network.as_ref();
                let groups = grouped(seen, |shot| vec![of_address(network, shot.target)]);
                let tallies = groups
                    .into_iter()
                    .map(|(entity, shots)| (entity, layer.tally(&shots, unanswered)))
                    .collect();
                tell(self.known.entry(source).or_default(), bin, step, &tallies, out);
            }
        }
    }

    fn close_names(&mut self, now: Timestamp, out: &mut Output) {
        let step = self.questions.step();
        for (bin, samples) in self.questions.closed(now) {
            let seen = believed(&self.controls, bin, step, samples);
            let serials = dns::serial::by_zone(&seen);
            let network = self.network.as_ref();
            let groups = grouped(seen, |question| {
                network.cloned().into_iter().chain([Entity::Zone(question.zone.clone())]).collect()
            });
            let mut tallies: Tallies = groups
                .into_iter()
                .map(|(entity, questions)| (entity, dns::tally(&questions)))
                .collect();
            for (zone, serial) in serials {
                let tally = Tally { value: Some(f64::from(serial)), n: None };
                let signals = tallies.entry(Entity::Zone(zone)).or_default();
                signals.push((dns::serial::SPEC.id.into(), tally));
            }
            tell(self.known.entry("dns").or_default(), bin, step, &tallies, out);
        }
    }

    fn close_visits(&mut self, now: Timestamp, out: &mut Output) {
        let step = self.visits.step();
        for (bin, samples) in self.visits.closed(now) {
            let seen = believed(&self.controls, bin, step, samples);
            let network = self.network.as_ref();
            let groups = grouped(seen, |visit| {
                network.cloned().into_iter().chain([Entity::Site(visit.host.clone())]).collect()
            });
            let tallies =
                groups.into_iter().map(|(entity, visits)| (entity, web::tally(&visits))).collect();
            tell(self.known.entry("web").or_default(), bin, step, &tallies, out);
        }
    }

    fn close_hops(&mut self, now: Timestamp, out: &mut Output) {
        let step = self.hops.step();
        for (bin, samples) in self.hops.closed(now) {
            let seen = believed(&self.controls, bin, step, samples);
            let network = self.network.as_ref();
            let groups = grouped(seen, |hop| vec![of_address(network, hop.target)]);
            let signal: SignalId = trace::last_hop::SPEC.id.into();
            let tallies = groups
                .into_iter()
                .map(|(entity, hops)| {
                    (entity, vec![(signal.clone(), trace::last_hop::tally(&hops))])
                })
                .collect();
            tell(self.known.entry("trace").or_default(), bin, step, &tallies, out);
        }
    }

    /// Attacks and traffic were counted, not asked for: no control speaks for them.
    fn close_counted(&mut self, now: Timestamp, out: &mut Output) {
        for (bin, samples) in self.attacks.closed(now) {
            let network = self.network.as_ref();
            let inside = |victim: IpAddr| {
                self.prefixes.is_empty() || self.prefixes.iter().any(|own| own.contains(victim))
            };
            let attacks: Vec<_> = samples
                .into_iter()
                .map(|(_, attack)| attack)
                .filter(|(victim, _)| network.is_none() || inside(*victim))
                .collect();
            let groups = grouped(attacks, |(victim, _)| vec![of_address(network, *victim)]);
            let signal: SignalId = darknet::backscatter::SPEC.id.into();
            for (entity, attacks) in groups {
                let rates: Vec<u64> = attacks.iter().map(|(_, rate)| *rate).collect();
                let tally = darknet::backscatter::tally(&rates);
                out.readings.push(reading(&entity, &signal, bin, MINUTE, tally));
            }
        }
        let step = self.traffic.step();
        for (bin, samples) in self.traffic.closed(now) {
            let network = self.network.as_ref();
            let records = samples.into_iter().map(|(_, record)| record).collect();
            let groups = grouped(records, |record: &Traffic| {
                let is_alias = self.aliases.contains(&record.entity);
                let network = network.filter(|_| is_alias).cloned();
                vec![network.unwrap_or_else(|| record.entity.clone())]
            });
            let tallies = groups
                .into_iter()
                .map(|(entity, records)| (entity, traffic::tally(&records)))
                .collect();
            tell(self.known.entry("traffic").or_default(), bin, step, &tallies, out);
        }
    }
}

/// Samples of vantage points that could see in this bin.
fn believed<S>(controls: &Controls, bin: Timestamp, step: Step, samples: Vec<(Text, S)>) -> Vec<S> {
    let vantages = samples.iter().map(|(vantage, _)| vantage);
    let blinded = controls.blinded(vantages, bin, bin + step.width());
    samples
        .into_iter()
        .filter(|(vantage, _)| !blinded.contains(vantage))
        .map(|(_, sample)| sample)
        .collect()
}
