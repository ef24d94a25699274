//! Traces: which hops lie on the way to a target, the last that answers among them.

use std::net::IpAddr;
use std::os::fd::AsFd;
use std::time::Duration;

use falter_model::{Clock, Fact, Hop, Interned, Observation, Text};
use falter_wire::packet::{Echo, Icmp, IcmpVersion, QuotedProbe};
use nix::poll::{PollFd, PollFlags, ppoll};
use tokio_util::sync::CancellationToken;

use super::asked::rtt_us;
use super::echo_socket::EchoSocket;
use super::plan::ProbingError;
use super::secret::{Secret, micros};
use crate::clock::monotonic;
use crate::live::{TellError, Teller};

/// A hop that has not answered by then is silent.
const PATIENCE: Duration = Duration::from_secs(1);
/// After so many silent hops in a row nothing more is to be expected.
const SILENT_HOPS: u8 = 5;

/// What a trace needs.
pub(crate) struct Tracer<'a> {
    pub(crate) vantage: Text,
    pub(crate) contact: Text,
    pub(crate) most_hops: u8,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) tell: &'a Teller,
    pub(crate) stop: &'a CancellationToken,
}

/// What came of one hop.
struct HopHeard {
    from: IpAddr,
    rtt_us: u32,
    is_target: bool,
}

impl Tracer<'_> {
    /// Traces one target, a packet at a time. False where nobody listens any more.
    pub(crate) fn trace(&self, target: IpAddr) -> Result<bool, ProbingError> {
        let version = if target.is_ipv4() { IcmpVersion::V4 } else { IcmpVersion::V6 };
        let secret = Secret::new();
        let [a, b, ..] = secret.number(3, target, Duration::ZERO).to_be_bytes();
        let mut socket = EchoSocket::open(version, u16::from_be_bytes([a, b]))
            .map_err(|source| ProbingError::Socket { what: "a trace", source })?;
        let mut silent = 0;
        for ttl in 1..=self.most_hops {
            if self.stop.is_cancelled() {
                break;
            }
            let at = self.clock.now();
            let Ok(heard) = self.hop(&mut socket, &secret, target, ttl) else { break };
            silent = if heard.is_some() { 0 } else { silent + 1 };
            let (from, rtt_us) = heard.as_ref().map(|heard| (heard.from, heard.rtt_us)).unzip();
            let hop = Hop { vantage: self.vantage.clone(), target, ttl, from, rtt_us };
            let observation = Observation { at, fact: Fact::Hop(Box::new(hop)) };
            match self.tell.tell_blocking(&observation, &Interned::new()) {
                Err(TellError::Gone) => return Ok(false),
                Err(TellError::Line(error)) => tracing::error!(%error, "A hop was not told."),
                Ok(()) => {}
            }
            if silent >= SILENT_HOPS || heard.is_some_and(|heard| heard.is_target) {
                break;
            }
        }
        Ok(true)
    }

    /// An error means that nothing left the machine: no hop is at fault.
    fn hop(
        &self,
        socket: &mut EchoSocket,
        secret: &Secret,
        target: IpAddr,
        ttl: u8,
    ) -> std::io::Result<Option<HopHeard>> {
        let began = monotonic();
        let sequence = u16::from(ttl);
        let (mut payload, mut message) = (Vec::new(), Vec::new());
        let sent = Duration::from_micros(micros(Duration::from_secs(ttl.into())));
        secret.stamp(target, sequence, sent, &self.contact, &mut payload);
        Echo { id: socket.id(), sequence, payload: &payload }
            .encode_request(socket.version(), &mut message);
        socket.set_hops(ttl)?;
        socket.send(&message, target)?;
        let (id, mut heard) = (socket.id(), None);
        loop {
            let waited = monotonic().duration_since(began);
            if heard.is_some() || waited >= PATIENCE || self.stop.is_cancelled() {
                return Ok(heard);
            }
            let mut fds = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
            let wait = PATIENCE.saturating_sub(waited).min(Duration::from_millis(200));
            ppoll(&mut fds, Some(wait.into()), None)?;
            let rtt = monotonic().duration_since(began);
            socket.receive(|arrived| {
                let is_target = match arrived.icmp {
                    Icmp::Reply(echo) => {
                        let ours = echo.id == id && echo.sequence == sequence;
                        let proven = secret.sent(target, sequence, echo.payload).is_some();
                        (ours && proven && arrived.from == target).then_some(true)
                    }
                    Icmp::Trouble(trouble) => trouble.quoted.and_then(|quoted| {
                        let QuotedProbe::Echo { id: asked, sequence: which, .. } = quoted.probe
                        else {
                            return None;
                        };
                        let ours = asked == id && which == sequence && quoted.to == target;
                        let by_us = quoted.from == arrived.from;
                        (ours && !by_us).then_some(arrived.from == target)
                    }),
                    _ => None,
                };
                if let Some(is_target) = is_target {
                    let rtt_us = rtt_us(rtt.saturating_sub(arrived.waited.min(rtt)));
                    heard.get_or_insert(HopHeard { from: arrived.from, rtt_us, is_target });
                }
            })?;
        }
    }
}
