//! A sweep: every address of some prefixes is asked once, those that are silent again.
//!
//! No state a target but a bit: the hash in the reply proves that it was asked (as `ZMap` does it).

use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::AsFd;
use std::time::Duration;

use falter_model::Prefix;
use falter_wire::packet::{Echo, Icmp, IcmpVersion};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use tokio_util::sync::CancellationToken;

use super::asked::rtt_us;
use super::cursor::{Addresses, Order};
use super::echo_socket::{BATCH, EchoSocket};
use super::pace::Pace;
use super::plan::ProbingError;
use super::secret::{Secret, micros};
use crate::clock::monotonic;

/// So often it is looked whether to stop.
const STOP_WITHIN: Duration = Duration::from_millis(200);
/// Before silent addresses are asked again, it is waited for this many times the longest round trip
/// seen, and at least so long: a lost packet costs no more. After the last time it is waited in full.
const WAIT_RTTS: u32 = 4;
const LEAST_WAIT: Duration = Duration::from_millis(50);

/// How to sweep.
#[derive(Debug, Clone)]
pub struct SweepOptions {
    /// Packets a second, more than 0.
    pub pps: f64,
    /// Silent addresses are asked so many times more.
    pub retries: u32,
    /// After each pass it is waited at most this long for answers.
    pub wait: Duration,
    /// Whom to write to; every probe carries it. Must not be empty.
    pub contact: String,
    /// Who wants to be left alone.
    pub opt_out: Vec<Prefix>,
}

/// What a sweep found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Addresses that answered, in order.
    pub found: Vec<Found>,
    /// Addresses that were asked.
    pub asked: usize,
    /// Packets that left.
    pub sent: u64,
    /// Answers to what was answered before.
    pub duplicate: u64,
    /// Answers to what was not asked.
    pub spoofed: u64,
    /// Packets that could not be sent.
    pub not_sent: u64,
}

/// An address that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Its address.
    pub address: Ipv4Addr,
    /// Round trip, in microseconds.
    pub rtt_us: u32,
}

/// Sweeps the prefixes of IPv4; ends early, with what it has, when it is stopped.
pub fn sweep(
    prefixes: &[Prefix],
    options: &SweepOptions,
    stop: &CancellationToken,
) -> Result<Swept, ProbingError> {
    if options.contact.trim().is_empty() {
        return Err(ProbingError::NoContact);
    }
    let pps = options.pps;
    let pace = Pace::new(pps).ok_or(ProbingError::Pace { pps })?;
    let secret = Secret::new();
    let [a, b, ..] = secret.number(0, Ipv4Addr::UNSPECIFIED.into(), Duration::ZERO).to_be_bytes();
    let socket = EchoSocket::open(IcmpVersion::V4, u16::from_be_bytes([a, b]))
        .map_err(|source| ProbingError::Socket { what: "ICMP echo", source })?;
    let addresses = Addresses::new(prefixes);
    let rtts = vec![None; addresses.count()];
    let (swept, messages) = (Swept::default(), vec![Vec::new(); BATCH]);
    let mut sweep = Sweep {
        addresses,
        options,
        secret,
        pace,
        socket,
        rtts,
        swept,
        messages,
        began: monotonic(),
    };
    for pass in 0..=options.retries {
        if stop.is_cancelled() || !sweep.pass(pass, stop)? {
            break;
        }
    }
    Ok(sweep.finish())
}

struct Sweep<'a> {
    addresses: Addresses,
    options: &'a SweepOptions,
    secret: Secret,
    pace: Pace,
    socket: EchoSocket,
    /// By number of the address.
    rtts: Vec<Option<u32>>,
    swept: Swept,
    /// Kept for their memory.
    messages: Vec<Vec<u8>>,
    began: std::time::Instant,
}

impl Sweep<'_> {
    /// Asks all that are silent; false where none are left.
    fn pass(&mut self, pass: u32, stop: &CancellationToken) -> Result<bool, ProbingError> {
        let random = self.secret.number(2, Ipv4Addr::UNSPECIFIED.into(), self.now());
        let mut order = Order::new(self.addresses.count(), random).fuse();
        let mut batch: Vec<(Vec<u8>, IpAddr)> = Vec::with_capacity(BATCH);
        loop {
            if stop.is_cancelled() {
                return Ok(false);
            }
            let now = self.now();
            let allowed = self.pace.take(now, BATCH);
            while batch.len() < allowed {
                let Some(number) = order.next() else { break };
                if let Some(target) = self.silent(number) {
                    let message = self.message(target, now);
                    batch.push((message, target.into()));
                }
            }
            if allowed > 0 && batch.is_empty() {
                break;
            }
            if pass == 0 {
                self.swept.asked += batch.len();
            }
            self.send(&mut batch)?;
            self.hear()?;
            let wait = self.pace.next_batch().saturating_sub(self.now());
            self.wait(wait.min(STOP_WITHIN))?;
        }
        let wait = if pass < self.options.retries { self.short_wait() } else { self.options.wait };
        self.listen(wait, stop)
    }

    fn short_wait(&self) -> Duration {
        let longest = self.swept.found.iter().map(|found| found.rtt_us).max();
        longest.map_or(self.options.wait, |longest| {
            let wait = Duration::from_micros(longest.into()) * WAIT_RTTS;
            wait.max(LEAST_WAIT).min(self.options.wait)
        })
    }

    /// Hears what still comes; false once all have answered.
    fn listen(&mut self, wait: Duration, stop: &CancellationToken) -> Result<bool, ProbingError> {
        let until = self.now() + wait;
        loop {
            self.hear()?;
            if self.swept.found.len() >= self.swept.asked {
                return Ok(false);
            }
            let left = until.saturating_sub(self.now());
            if left.is_zero() || stop.is_cancelled() {
                return Ok(true);
            }
            self.wait(left.min(STOP_WITHIN))?;
        }
    }

    fn silent(&self, number: usize) -> Option<Ipv4Addr> {
        let address = self.addresses.address(number)?;
        let silent = self.rtts.get(number).is_some_and(Option::is_none);
        let opted_out = self.options.opt_out.iter().any(|prefix| prefix.contains(address.into()));
        (silent && !opted_out).then_some(address)
    }

    fn message(&mut self, target: Ipv4Addr, now: Duration) -> Vec<u8> {
        let mut message = self.messages.pop().unwrap_or_default();
        let sent = Duration::from_micros(micros(now));
        let [.., a, b] = self.secret.number(1, target.into(), sent).to_be_bytes();
        let (id, sequence) = (self.socket.id(), u16::from_be_bytes([a, b]));
        let mut payload = Vec::with_capacity(Secret::payload_octets(&self.options.contact));
        self.secret.stamp(target.into(), sequence, sent, &self.options.contact, &mut payload);
        message.clear();
        Echo { id, sequence, payload: &payload }.encode_request(IcmpVersion::V4, &mut message);
        message
    }

    fn send(&mut self, batch: &mut Vec<(Vec<u8>, IpAddr)>) -> Result<(), ProbingError> {
        let mut place = 0;
        while let Some(rest) = batch.get(place..).filter(|rest| !rest.is_empty()) {
            match self.socket.send_all(rest) {
                Ok(sent) => {
                    place += sent;
                    self.swept.sent += sent as u64;
                }
                // The way out is full: when there is room, the rest goes.
                Err(error) if is_full(&error) => self.hear_a_moment()?,
                Err(_) => {
                    place += 1;
                    self.swept.not_sent += 1;
                }
            }
        }
        self.messages.extend(batch.drain(..).map(|(message, _)| message));
        Ok(())
    }

    fn hear_a_moment(&mut self) -> Result<(), ProbingError> {
        self.wait(Duration::from_millis(1))?;
        self.hear()
    }

    fn hear(&mut self) -> Result<(), ProbingError> {
        let now = self.now();
        let Self { socket, secret, addresses, rtts, swept, .. } = self;
        let id = socket.id();
        socket.receive(|arrived| {
            let (Icmp::Reply(echo), IpAddr::V4(from)) = (arrived.icmp, arrived.from) else {
                return;
            };
            if echo.id != id {
                return;
            }
            let sent = secret.sent(arrived.from, echo.sequence, echo.payload);
            let number = addresses.number(from);
            let Some((sent, rtt)) = sent.zip(number.and_then(|number| rtts.get_mut(number))) else {
                swept.spoofed += 1;
                return;
            };
            if rtt.is_some() {
                swept.duplicate += 1;
                return;
            }
            let arrived_at = now.saturating_sub(arrived.waited.min(STOP_WITHIN));
            let rtt_us = rtt_us(arrived_at.saturating_sub(sent));
            *rtt = Some(rtt_us);
            swept.found.push(Found { address: from, rtt_us });
        })?;
        Ok(())
    }

    fn wait(&self, wait: Duration) -> Result<(), ProbingError> {
        if wait.is_zero() {
            return Ok(());
        }
        let mut fds = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
        match ppoll(&mut fds, Some(wait.into()), None) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(ProbingError::Io(error.into())),
        }
    }

    fn now(&self) -> Duration {
        monotonic().duration_since(self.began)
    }

    fn finish(mut self) -> Swept {
        self.swept.found.sort_unstable();
        self.swept
    }
}

fn is_full(error: &std::io::Error) -> bool {
    let errno = error.raw_os_error().map(Errno::from_raw);
    matches!(errno, Some(Errno::EAGAIN | Errno::ENOBUFS | Errno::EINTR))
}
