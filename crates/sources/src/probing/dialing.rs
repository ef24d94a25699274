//! Asking without privileges: TCP connections and questions to name servers, many at a time.
//!
//! A connection that is agreed to is a reply and closed at once; one that is refused is a reset, and
//! the target is up. Each question has a socket of its own, so the kernel matches answers to it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use falter_model::{Method, Outcome, Text, Unreachable};
use nix::errno::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use super::asked::rtt_us;

/// Sockets at a time: more would eat the process's file descriptors (1,024 as a rule).
pub(crate) const MOST: usize = 512;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Dialing {
    calls: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    socket: Socket,
    target: IpAddr,
    sequence: u16,
    method: Method,
    sent: Duration,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) target: IpAddr,
    pub(crate) sequence: u16,
    pub(crate) outcome: Outcome,
}

impl Dialing {
    /// Asks. An error means that nothing left.
    pub(crate) fn ask(
        &mut self,
        target: IpAddr,
        method: Method,
        sequence: u16,
        sent: Duration,
    ) -> io::Result<()> {
        if self.calls.len() >= MOST {
            return Err(Errno::EMFILE.into());
        }
        let domain = if target.is_ipv4() { Domain::IPV4 } else { Domain::IPV6 };
        let socket = match method {
            Method::Udp(port) => {
                let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
                socket.set_nonblocking(true)?;
                socket.connect(&SocketAddr::new(target, port).into())?;
                socket.send(&question(sequence))?;
                socket
            }
            Method::Tcp(port) => {
                let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
                socket.set_nonblocking(true)?;
                match socket.connect(&SocketAddr::new(target, port).into()) {
                    Err(error) if !is_under_way(&error) => return Err(error),
                    _ => socket,
                }
            }
            Method::Icmp => return Err(Errno::EPROTONOSUPPORT.into()),
        };
        self.calls.push(Call { socket, target, sequence, method, sent });
        Ok(())
    }

    /// Sockets to wait for: of connections that they can be written to, of questions that they can be
    /// read from.
    pub(crate) fn sockets(&self) -> impl Iterator<Item = (BorrowedFd<'_>, bool)> {
        self.calls.iter().map(|call| (call.socket.as_fd(), matches!(call.method, Method::Tcp(_))))
    }

    /// What came of calls by `now`; those older than `timeout` are hung up.
    pub(crate) fn take(&mut self, now: Duration, timeout: Duration) -> Vec<Answered> {
        let mut answered = Vec::new();
        self.calls.retain(|call| {
            let outcome = call.outcome(now);
            let over = outcome.is_some() || call.sent + timeout <= now;
            answered.extend(outcome.map(|outcome| Answered {
                target: call.target,
                sequence: call.sequence,
                outcome,
            }));
            !over
        });
        answered
    }
}

impl Call {
    fn outcome(&self, now: Duration) -> Option<Outcome> {
        let rtt_us = rtt_us(now.saturating_sub(self.sent));
        let reply = Outcome::Reply { rtt_us, ttl: None };
        let error = if matches!(self.method, Method::Tcp(_)) {
            match self.socket.take_error() {
                Ok(Some(error)) | Err(error) => error,
                Ok(None) => return self.socket.peer_addr().is_ok().then_some(reply),
            }
        } else {
            let mut octets = [0u8; 12];
            match io::Read::read(&mut &self.socket, &mut octets) {
                Ok(_) => return is_answer(&octets, self.sequence).then_some(reply),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
                Err(error) => error,
            }
        };
        let errno = Errno::from_raw(error.raw_os_error().unwrap_or(0));
        match (errno, self.method) {
            (Errno::ECONNREFUSED | Errno::ECONNRESET, Method::Tcp(_)) => {
                Some(Outcome::Reset { rtt_us })
            }
            (Errno::ECONNREFUSED, _) => Some(unreachable("port")),
            (Errno::EHOSTUNREACH, _) => Some(unreachable("host")),
            (Errno::ENETUNREACH, _) => Some(unreachable("net")),
            (Errno::EACCES | Errno::EPERM, _) => Some(unreachable("admin")),
            _ => None,
        }
    }
}

/// The kernel does not tell who said so.
fn unreachable(code: &str) -> Outcome {
    Outcome::Unreachable(Unreachable { code: Text::from(code), from: None })
}

fn is_under_way(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::EINPROGRESS as i32)
}

/// Asks for the SOA of the root, without recursion (RFC 1035): any server has something short to say,
/// if only that it refuses.
fn question(id: u16) -> [u8; 17] {
    let [high, low] = id.to_be_bytes();
    [high, low, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1]
}

/// True for an answer with this identifier.
fn is_answer(octets: &[u8; 12], id: u16) -> bool {
    let [high, low, flags, ..] = *octets;
    u16::from_be_bytes([high, low]) == id && flags & 0x80 != 0
}
