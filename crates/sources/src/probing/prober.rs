//! The thread that asks targets and controls, hears them, and tells.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use falter_model::{
    Clock, Control, ControlKind, Fact, Interned, Method, Observation, Outcome, Probe, Text,
    Timestamp, Unreachable,
};
use falter_wire::packet::{Echo, IcmpVersion};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use tokio_util::sync::CancellationToken;

use super::asked::{Asked, Heard, Meaning};
use super::attention::Attention;
use super::dialing::Dialing;
use super::echo_socket::{Arrived, EchoSocket};
use super::pace::Pace;
use super::plan::{Handshake, ProbingError, ProbingPlan};
use super::rounds::{Item, Rounds};
use super::secret::Secret;
use super::status::Shared;
use super::syn_socket::{Segment, SynSocket};
use crate::clock::monotonic;
use crate::live::{TellError, Teller};

/// Who has not answered by then has probably not: the watcher is told only after the time-out, but
/// all are asked again at once (docs/method.md, "Probing").
const OVERDUE: Duration = Duration::from_secs(1);
/// So often it is looked whether to stop.
const STOP_WITHIN: Duration = Duration::from_millis(200);

/// Who is asked, as the item of the same number of the rounds.
#[derive(Debug, Clone)]
struct Whom {
    address: IpAddr,
    method: Method,
    control: Option<ControlKind>,
}

/// See the module.
pub(crate) struct Prober<'a> {
    vantage: Text,
    contact: Text,
    whom: Vec<Whom>,
    /// Far controls are asked too: they tell a fault of our own from one of a target.
    has_witness: bool,
    rounds: Rounds,
    asked: Asked,
    secret: Secret,
    pace: Pace,
    timeout: Duration,
    sockets: Vec<EchoSocket>,
    /// Empty where connections are made whole.
    syn_sockets: Vec<SynSocket>,
    /// What they ask with: identifiers and ports.
    ids: Vec<u16>,
    dialing: Dialing,
    attention: Attention,
    status: Shared,
    clock: &'a dyn Clock,
    tell: &'a Teller,
    interned: Interned,
    began: Instant,
    message: Vec<u8>,
}

impl<'a> Prober<'a> {
    /// Opens its sockets; without any ICMP it asks by TCP and UDP alone.
    pub(crate) fn new(
        plan: &ProbingPlan,
        pps: f64,
        attention: Attention,
        status: Shared,
        clock: &'a dyn Clock,
        tell: &'a Teller,
    ) -> Result<Self, ProbingError> {
        let secret = Secret::new();
        let nowhere = std::net::Ipv4Addr::UNSPECIFIED.into();
        let id = secret.number(0, nowhere, Duration::ZERO).to_be_bytes();
        let id = u16::from_be_bytes([id[0], id[1]]);
        let open = |version| EchoSocket::open(version, id).ok();
        let sockets: Vec<EchoSocket> =
            [IcmpVersion::V4, IcmpVersion::V6].into_iter().filter_map(open).collect();
        let syn_sockets = syn_sockets(plan, secret);
        let (whom, items) = all_asked(plan);
        let mut pace = plan.pace;
        pace.total_pps = pps;
        Ok(Self {
            vantage: plan.vantage.clone(),
            contact: plan.contact.clone(),
            has_witness: whom.iter().any(|whom| whom.control == Some(ControlKind::Far)),
            whom,
            rounds: Rounds::new(items, plan.rounds, pace, secret),
            asked: Asked::new(secret, plan.rounds.timeout, OVERDUE.min(plan.rounds.timeout)),
            secret,
            pace: Pace::new(pps).ok_or(ProbingError::Pace { pps })?,
            timeout: plan.rounds.timeout,
            ids: sockets
                .iter()
                .map(EchoSocket::id)
                .chain(syn_sockets.iter().map(SynSocket::port))
                .collect(),
            sockets,
            syn_sockets,
            dialing: Dialing::default(),
            attention,
            status,
            clock,
            tell,
            interned: Interned::new(),
            began: monotonic(),
            message: Vec::with_capacity(64),
        })
    }

    /// Asks until it is stopped, or nobody listens any more.
    pub(crate) fn run(&mut self, stop: &CancellationToken) -> Result<(), ProbingError> {
        while !stop.is_cancelled() {
            match self.turn() {
                Ok(()) => {}
                Err(Ended::Unheard) => return Ok(()),
                Err(Ended::Failed(error)) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn turn(&mut self) -> Result<(), Ended> {
        let now = self.now();
        self.attend(now);
        for item in self.asked.take_overdue(now) {
            self.rounds.heard(item, false, now);
        }
        for (item, at, outcome) in self.asked.take_silent(now) {
            self.tell(item, at, outcome)?;
        }
        while self.rounds.next_due() <= now && self.pace.take(now, 1) == 1 {
            let Some(item) = self.rounds.take(now) else { break };
            self.ask(item)?;
        }
        self.wait()?;
        self.hear()
    }

    fn now(&self) -> Duration {
        monotonic().duration_since(self.began)
    }

    fn attend(&mut self, now: Duration) {
        self.rounds.set_unsure(self.attention.is_unsure(), now);
        let is_quick = self.rounds.is_quick(now);
        self.status.note(|status| status.is_quick = is_quick);
    }

    fn ask(&mut self, item: usize) -> Result<(), Ended> {
        let Some(whom) = self.whom.get(item).cloned() else { return Ok(()) };
        let (now, at) = (self.now(), self.clock.now());
        // Whole microseconds: so it stands in the probe, and so it is found again.
        let sent = Duration::from_micros(super::secret::micros(now));
        let [.., a, b] = self.secret.number(1, whom.address, sent).to_be_bytes();
        let sequence = u16::from_be_bytes([a, b]);
        let left = match whom.method {
            Method::Icmp => self.echo(whom.address, sequence, sent),
            method => match (method, self.syn_socket(whom.address)) {
                (Method::Tcp(port), Some(socket)) => socket.ask(whom.address, port, sequence),
                _ => self.dialing.ask(whom.address, method, sequence, sent),
            },
        };
        match left {
            Ok(()) => {
                self.asked.sent(item, whom.address, sequence, sent, at);
                self.status.note(|status| {
                    status.sent += 1;
                    status.last_sent = Some(at);
                });
            }
            Err(error) => match no_way(&error).filter(|_| self.has_witness) {
                // Whether that is our own fault, the controls tell, which are asked the same way.
                Some(code) => {
                    self.rounds.heard(item, false, now);
                    let unreachable = Unreachable { code: code.into(), from: None };
                    return self.tell(item, at, Outcome::Unreachable(unreachable));
                }
                None => self.not_sent(at, &error.to_string()),
            },
        }
        Ok(())
    }

    fn syn_socket(&self, target: IpAddr) -> Option<&SynSocket> {
        self.syn_sockets.iter().find(|socket| socket.version() == version_of(target))
    }

    fn echo(&mut self, target: IpAddr, sequence: u16, sent: Duration) -> io::Result<()> {
        let version = version_of(target);
        let Some(socket) = self.sockets.iter().find(|socket| socket.version() == version) else {
            return Err(Errno::EPERM.into());
        };
        let mut payload = Vec::with_capacity(Secret::payload_octets(&self.contact));
        self.secret.stamp(target, sequence, sent, &self.contact, &mut payload);
        self.message.clear();
        Echo { id: socket.id(), sequence, payload: &payload }
            .encode_request(version, &mut self.message);
        socket.send(&self.message, target)
    }

    fn not_sent(&self, at: Timestamp, why: &str) {
        tracing::debug!(why, "Probe not sent.");
        self.status.note(|status| {
            status.not_sent += 1;
            status.last_fault = Some((at, Text::from(why)));
        });
    }

    /// Until something arrives or falls due.
    fn wait(&self) -> Result<(), Ended> {
        let now = self.now();
        let ask = self.rounds.next_due().max(self.pace.next());
        let due = self.asked.next_due().map_or(ask, |due| due.min(ask));
        let wait = due.saturating_sub(now).min(STOP_WITHIN);
        let echoes = self.sockets.iter().map(|socket| (socket.as_fd(), false));
        let syns = self.syn_sockets.iter().map(|socket| (socket.as_fd(), false));
        let mut fds: Vec<PollFd<'_>> = echoes
            .chain(syns)
            .chain(self.dialing.sockets())
            .map(|(fd, writes)| {
                PollFd::new(fd, if writes { PollFlags::POLLOUT } else { PollFlags::POLLIN })
            })
            .collect();
        match ppoll(&mut fds, Some(wait.into()), None) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(Ended::Failed(error.into())),
        }
    }

    fn hear(&mut self) -> Result<(), Ended> {
        let now = self.now();
        let (mut meanings, ids) = (Vec::new(), &self.ids);
        for socket in &mut self.sockets {
            let mut hear = |arrived: &Arrived<'_>| {
                let heard = Heard {
                    from: arrived.from,
                    icmp: arrived.icmp,
                    version: arrived.version,
                    ttl: arrived.ttl,
                    // Nothing waits longer than a turn takes: a clock that was set says otherwise.
                    arrived: now.saturating_sub(arrived.waited.min(STOP_WITHIN)),
                };
                meanings.push(self.asked.heard(&heard, ids));
            };
            socket.receive(&mut hear).map_err(Ended::Failed)?;
        }
        for socket in &mut self.syn_sockets {
            let hear = |segment| {
                meanings.push(match segment {
                    Segment::Answer(answer) => {
                        let arrived = now.saturating_sub(answer.waited.min(STOP_WITHIN));
                        self.asked.answered_syn(&answer, arrived)
                    }
                    Segment::Unproven => Meaning::Spoofed,
                });
            };
            socket.receive(hear).map_err(Ended::Failed)?;
        }
        for answered in self.dialing.take(now, self.timeout) {
            let (target, sequence) = (answered.target, answered.sequence);
            meanings.push(self.asked.answer(target, sequence, None, answered.outcome));
        }
        meanings.into_iter().try_for_each(|meaning| self.take(meaning, now))
    }

    fn take(&mut self, meaning: Meaning, now: Duration) -> Result<(), Ended> {
        match meaning {
            Meaning::Outcome(item, at, outcome) => {
                self.rounds.heard(item, outcome.answered(), now);
                return self.tell(item, at, outcome);
            }
            Meaning::Duplicate => self.status.note(|status| status.duplicate += 1),
            Meaning::Late => self.status.note(|status| status.late += 1),
            Meaning::Spoofed => self.status.note(|status| status.spoofed += 1),
            Meaning::Foreign => {}
        }
        Ok(())
    }

    fn tell(&self, item: usize, at: Timestamp, outcome: Outcome) -> Result<(), Ended> {
        let Some(whom) = self.whom.get(item) else { return Ok(()) };
        self.status.note(|status| match &outcome {
            Outcome::Reply { .. } | Outcome::Reset { .. } => status.answered += 1,
            Outcome::Timeout { .. } => status.silent += 1,
            Outcome::Unreachable(_) => status.unreachable += 1,
        });
        let (vantage, target, method) = (self.vantage.clone(), whom.address, whom.method);
        let fact = match whom.control {
            Some(kind) => {
                Fact::Control(Box::new(Control { vantage, kind, target, method, outcome }))
            }
            None => Fact::Probe(Box::new(Probe { vantage, target, method, outcome })),
        };
        match self.tell.tell_blocking(&Observation { at, fact }, &self.interned) {
            Err(TellError::Gone) => Err(Ended::Unheard),
            Err(TellError::Line(error)) => {
                tracing::error!(%error, "A probe has no recorded form.");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}

fn version_of(target: IpAddr) -> IcmpVersion {
    if target.is_ipv4() { IcmpVersion::V4 } else { IcmpVersion::V6 }
}

/// Where half of a connection is enough, and is allowed.
fn syn_sockets(plan: &ProbingPlan, secret: Secret) -> Vec<SynSocket> {
    if plan.handshake == Handshake::Whole {
        return Vec::new();
    }
    let open = |version| {
        SynSocket::open(version, secret)
            .inspect_err(|error| tracing::warn!(%error, "TCP connections are made whole."))
            .ok()
    };
    [IcmpVersion::V4, IcmpVersion::V6].into_iter().filter_map(open).collect()
}

/// What the kernel says of a target that it has no way to.
fn no_way(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => Some("net"),
        io::ErrorKind::HostUnreachable => Some("host"),
        _ => None,
    }
}

enum Ended {
    Unheard,
    Failed(io::Error),
}

/// Everybody to ask, without those who opted out and without asking anybody twice.
fn all_asked(plan: &ProbingPlan) -> (Vec<Whom>, Vec<Item>) {
    let opted_out = |address| plan.opt_out.iter().any(|prefix| prefix.contains(address));
    let (mut whom, mut items) = (Vec::new(), Vec::new());
    let mut addresses: Vec<IpAddr> = Vec::new();
    let mut seen: BTreeSet<(IpAddr, Method)> = BTreeSet::new();
    let targets = plan.targets.iter().flat_map(|target| {
        let methods = target.methods.iter();
        methods.map(|method| (target.address, *method, None, target.availability))
    });
    let controls = plan
        .controls
        .iter()
        .map(|control| (control.address, control.method, Some(control.kind), 1.0));
    // Controls first: who is both bears witness as a control.
    for (address, method, control, availability) in controls.chain(targets) {
        if opted_out(address) || !seen.insert((address, method)) {
            continue;
        }
        let place = addresses.iter().position(|known| *known == address).unwrap_or_else(|| {
            addresses.push(address);
            addresses.len() - 1
        });
        let before = items.iter().filter(|item: &&Item| item.address == place).count();
        let is_control = control.is_some();
        items.push(Item { address: place, method: before, is_control, availability });
        whom.push(Whom { address, method, control });
    }
    (whom, items)
}
