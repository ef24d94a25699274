//! The thread that probes.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use falter_model::{
    Control, ControlKind, Fact, Family, Interned, Method, Observation, Outcome, Prefix, Probe,
    Span, Unreachable,
};
use falter_wire::icmp::{self, Icmp};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use tokio_util::sync::CancellationToken;

use super::ProbingPlan;
use super::pace::Pace;
use super::schedule::Schedule;
use super::sockets::Echoes;
use super::sweep::Sweep;
use super::targets::Found;
use super::tokens::Tokens;
use super::waiting::{Aim, Sent, Waiting};
use crate::clock::monotonic;
use crate::live::TellError;

/// What does not answer within this does not answer: what trinarkular waits.
const TIMEOUT: Duration = Duration::from_secs(3);
/// The sweep takes this share of all packets at most.
const SWEEP_SHARE: f64 = 0.1;
/// Between two questions to a control while all is well.
const CONTROLS_EVERY: Duration = Duration::from_secs(5);
/// What was found is kept this often.
const KEEP_EVERY: Duration = Duration::from_mins(1);
/// A stop is seen after this at the latest.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Longest message that is looked at: what quotes a probe is shorter.
const ROOM: usize = 2048;

/// Why nothing can be probed.
#[derive(Debug, thiserror::Error)]
pub enum ProbingError {
    /// Neither raw sockets nor those of the kernel's ping.
    #[error(
        "echoes can't be sent from here: give the program CAP_NET_RAW (setcap cap_net_raw+ep), or \
         allow its group in net.ipv4.ping_group_range"
    )]
    NotAllowed(#[source] io::Error),
    /// The file of addresses that were found.
    #[error("could not read what an earlier sweep found")]
    Found(#[source] io::Error),
}

/// See the module.
pub struct Prober {
    plan: ProbingPlan,
    echoes: Vec<Echoes>,
    tokens: Tokens,
    begin: Instant,
    sequence: u16,
    pace: Pace,
    sweep_pace: Pace,
    targets: Schedule,
    controls: BTreeMap<IpAddr, (ControlKind, Instant)>,
    sweep: Sweep,
    found: Found,
    kept: Instant,
    waiting: Waiting,
    trouble: Option<io::ErrorKind>,
}

impl std::fmt::Debug for Prober {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prober").field("plan", &self.plan).finish_non_exhaustive()
    }
}

impl Prober {
    /// Opens sockets and reads what an earlier sweep found; nothing is sent yet.
    pub fn new(plan: ProbingPlan) -> Result<Self, ProbingError> {
        let begin = monotonic();
        let mut echoes = vec![Echoes::open(Family::V4).map_err(ProbingError::NotAllowed)?];
        // A machine may have no IPv6.
        echoes.extend(Echoes::open(Family::V6).ok());
        let found = Found::read(&plan.found).map_err(ProbingError::Found)?;
        let allowed = |address: &IpAddr| !is_in(*address, &plan.opt_out);
        let known = plan.targets.iter().copied().chain(found.addresses()).filter(allowed);
        let quick = Duration::from_secs_f64(1.0 / plan.per_target.max(0.001));
        let targets = Schedule::new(quick, known, begin);
        let of = |addresses: &[IpAddr], kind| -> Vec<(IpAddr, (ControlKind, Instant))> {
            addresses.iter().map(|address| (*address, (kind, begin))).collect()
        };
        let controls = of(&plan.controls.far, ControlKind::Far)
            .into_iter()
            .chain(of(&plan.controls.near, ControlKind::Near));
        let controls = controls.filter(|(address, _)| allowed(address)).collect();
        let rate = f64::from(plan.packets_per_second);
        Ok(Self {
            tokens: Tokens::new(&plan.contact),
            sequence: 0,
            pace: Pace::new(rate, begin),
            sweep_pace: Pace::new(rate * SWEEP_SHARE, begin),
            sweep: Sweep::new(&plan.prefixes),
            echoes,
            begin,
            targets,
            controls,
            found,
            kept: begin,
            waiting: Waiting::default(),
            trouble: None,
            plan,
        })
    }

    /// Probes until `stop`, or until nobody watches; to be called on a thread of its own.
    pub fn run(mut self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if self.step().is_err() {
                break;
            }
        }
        self.keep();
    }

    fn step(&mut self) -> Result<(), TellError> {
        self.receive()?;
        let now = monotonic();
        self.time_out(now)?;
        self.send_due(now)?;
        if now.duration_since(self.kept) >= KEEP_EVERY {
            self.kept = now;
            self.keep();
        }
        self.wait(now);
        Ok(())
    }

    /// Sends what is due, as far as the pace allows.
    fn send_due(&mut self, now: Instant) -> Result<(), TellError> {
        while self.pace.next() <= now {
            let Some((address, aim)) = self.next_due(now) else { break };
            // Counted whether it can be sent or not.
            self.pace.allows(now);
            self.send(address, aim, now)?;
        }
        Ok(())
    }

    /// Controls first: without them nothing that targets do counts. The sweep last.
    fn next_due(&mut self, now: Instant) -> Option<(IpAddr, Aim)> {
        let every =
            if self.targets.is_alarmed(now) { self.targets.quick() } else { CONTROLS_EVERY };
        let due = self.controls.iter_mut().find(|(_, (_, next))| *next <= now);
        if let Some((address, (kind, next))) = due {
            *next = now + every;
            return Some((*address, Aim::Control(*kind)));
        }
        if let Some(address) = self.targets.take_due(now) {
            return Some((address, Aim::Target));
        }
        if self.sweep.round() == 0 || !self.sweep_pace.allows(now) {
            return None;
        }
        let address = self.sweep.next()?;
        let is_free = !self.targets.is_target(address) && !is_in(address, &self.plan.opt_out);
        is_free.then_some((address, Aim::Sweep))
    }

    fn send(&mut self, address: IpAddr, aim: Aim, now: Instant) -> Result<(), TellError> {
        let family = if address.is_ipv4() { Family::V4 } else { Family::V6 };
        let Some(echoes) = self.echoes.iter().find(|echoes| echoes.family() == family) else {
            return Ok(());
        };
        self.sequence = self.sequence.wrapping_add(1);
        let clock_us = self.micros(now);
        let payload = self.tokens.payload(address, clock_us);
        // The low octets of the token tell this process's probes from others'.
        let id = payload.first_chunk().map_or(0, |id| u16::from_be_bytes(*id));
        let at = self.plan.clock.now();
        match echoes.send(address, &icmp::echo_request(family, id, self.sequence, &payload)) {
            Ok(()) => {
                let sent = Sent { at, clock_us, aim };
                self.waiting.add(address, self.sequence, sent, now + TIMEOUT);
                self.works_again();
            }
            Err(error) => match no_way(&error) {
                // The kernel knows no way there. Whether that is our own fault, the controls tell.
                Some(code) => {
                    let unreachable = Unreachable { code: code.into(), from: None };
                    let sent = Sent { at, clock_us, aim };
                    return self.came(address, sent, Outcome::Unreachable(unreachable), now);
                }
                None => self.not_sent(&error),
            },
        }
        Ok(())
    }

    /// What was not sent says nothing of its target.
    fn not_sent(&mut self, error: &io::Error) {
        if self.trouble != Some(error.kind()) {
            self.trouble = Some(error.kind());
            (self.plan.listener)(false, &format!("probes can't be sent: {error}"));
        }
    }

    fn works_again(&mut self) {
        if self.trouble.take().is_some() {
            (self.plan.listener)(true, "probes are sent again");
        }
    }

    /// Takes all that has come.
    fn receive(&mut self) -> Result<(), TellError> {
        let mut room = [0; ROOM];
        for place in 0..self.echoes.len() {
            while let Some(echoes) = self.echoes.get(place) {
                let family = echoes.family();
                match echoes.receive(&mut room) {
                    Ok(Some((from, message))) => {
                        let now = monotonic();
                        if let Ok(message) = Icmp::decode(family, message) {
                            self.heard(from, message, now)?;
                        }
                    }
                    // Errors of earlier packets are told here too; they say nothing more.
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Ok(None) | Err(_) => break,
                }
            }
        }
        Ok(())
    }

    fn heard(&mut self, from: IpAddr, message: Icmp<'_>, now: Instant) -> Result<(), TellError> {
        match message {
            Icmp::EchoReply { sequence, payload, .. } => {
                let Some(sent_us) = self.tokens.sent(from, payload) else { return Ok(()) };
                let rtt_us = self.micros(now).saturating_sub(sent_us);
                let rtt_us = u32::try_from(rtt_us).unwrap_or(u32::MAX);
                // What is not waited for any more was answered twice, or too late.
                let Some(sent) = self.waiting.answered(from, sequence, sent_us) else {
                    return Ok(());
                };
                self.came(from, sent, Outcome::Reply { rtt_us, ttl: None }, now)
            }
            Icmp::Unreachable { code, quoted } => {
                let target = quoted.destination;
                let Some((_, sequence)) = quoted.echo() else { return Ok(()) };
                // An error that was forged must guess target and number within the time of a probe.
                let Some(sent) = self.waiting.refused(target, sequence) else { return Ok(()) };
                let unreachable = Unreachable { code: code.into(), from: Some(from) };
                self.came(target, sent, Outcome::Unreachable(unreachable), now)
            }
            Icmp::Other(_) => Ok(()),
        }
    }

    fn time_out(&mut self, now: Instant) -> Result<(), TellError> {
        while let Some((target, sent)) = self.waiting.timed_out(now) {
            let after = Span::from_micros(i64::try_from(TIMEOUT.as_micros()).unwrap_or(i64::MAX));
            self.came(target, sent, Outcome::Timeout { after }, now)?;
        }
        Ok(())
    }

    /// What came of a probe.
    fn came(
        &mut self,
        target: IpAddr,
        sent: Sent,
        outcome: Outcome,
        now: Instant,
    ) -> Result<(), TellError> {
        let (vantage, method) = (self.plan.vantage.clone(), Method::Icmp);
        let answered = outcome.answered();
        let fact = match sent.aim {
            Aim::Sweep => {
                if answered {
                    self.found.answered(target, sent.at);
                    self.targets.add(target, now);
                }
                // Silence of an address where nobody was says nothing.
                return Ok(());
            }
            Aim::Target => {
                if answered {
                    self.found.answered(target, sent.at);
                }
                self.targets.heard(target, answered, now);
                Fact::Probe(Box::new(Probe { vantage, target, method, outcome }))
            }
            Aim::Control(kind) => {
                Fact::Control(Box::new(Control { vantage, kind, target, method, outcome }))
            }
        };
        self.plan.teller.tell_blocking(&Observation { at: sent.at, fact }, &Interned::new())
    }

    fn keep(&mut self) {
        if let Err(error) = self.found.write() {
            (self.plan.listener)(false, &format!("what answers could not be kept: {error}"));
        }
    }

    /// Waits until something comes or is due.
    fn wait(&self, now: Instant) {
        let due = [
            self.targets.next().map(|next| next.max(self.pace.next())),
            self.controls.values().map(|(_, next)| *next).min(),
            self.waiting.next(),
            (self.sweep.round() > 0).then(|| self.sweep_pace.next()),
        ];
        let next = due.into_iter().flatten().min().unwrap_or(now + LOOK_EVERY);
        let left = next.saturating_duration_since(now).min(LOOK_EVERY);
        // Rounded up: a wait of nothing would be one of the processor.
        let millis = u16::try_from(left.as_millis() + 1).unwrap_or(u16::MAX);
        let mut fds: Vec<PollFd<'_>> = self
            .echoes
            .iter()
            .map(|e| PollFd::new(std::os::fd::AsFd::as_fd(e), PollFlags::POLLIN))
            .collect();
        // Interrupted or not: what has come is looked for next.
        _ = poll(&mut fds, PollTimeout::from(millis));
    }

    fn micros(&self, now: Instant) -> u64 {
        u64::try_from(now.duration_since(self.begin).as_micros()).unwrap_or(u64::MAX)
    }
}

/// What the kernel says of a target that it has no route to.
fn no_way(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::NetworkUnreachable => Some("net"),
        io::ErrorKind::HostUnreachable => Some("host"),
        _ => None,
    }
}

fn is_in(address: IpAddr, prefixes: &[Prefix]) -> bool {
    prefixes.iter().any(|prefix| prefix.contains(address))
}
