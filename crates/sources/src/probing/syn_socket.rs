//! Asking for TCP connections that are never made: a SYN, and what is answered to it (half-open probes).
//!
//! Takes a raw socket. What it asks is known again by its sequence number, a keyed hash, so no socket is held
//! for a probe, and whoever runs the service notices nothing: this machine's kernel, which knows of no such
//! connection, resets what is agreed to.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use falter_wire::packet::{ACK, IcmpVersion, RST, SYN, Tcp};
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::sockopt::{Ipv6RecvHopLimit, ReceiveTimestampns};
use nix::sys::socket::{MsgFlags, RecvMsg, SockaddrStorage, recvmsg, sendto, setsockopt};
use socket2::{Domain, Protocol, Socket, Type};

use super::asked::probe_of;
use super::packet_filter;
use super::received::{Header, Received, received};
use super::secret::Secret;

/// More of a segment is not read: nobody answers a SYN with data, and both headers with all options are shorter.
const SEGMENT_OCTETS: usize = 128;
/// Keeps numbers of SYNs apart from other numbers of the secret.
const SYN_NUMBERS: u64 = 1 << 48;

/// See the module.
pub(crate) struct SynSocket {
    raw: Socket,
    /// Holds the port from which it asks: nobody else on this machine may use it, and nobody listens there.
    _held: Socket,
    port: u16,
    version: IcmpVersion,
    secret: Secret,
}

/// An answer to a SYN of ours, proven by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SynAnswer {
    pub(crate) from: IpAddr,
    /// Of the probe.
    pub(crate) sequence: u16,
    /// The port is closed; else it is open.
    pub(crate) is_reset: bool,
    pub(crate) ttl: Option<u8>,
    /// How long it waited to be read, as the kernel's stamp says.
    pub(crate) waited: Duration,
}

/// What arrived at our port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Segment {
    Answer(SynAnswer),
    /// Its number is none that we asked with.
    Unproven,
}

impl SynSocket {
    /// Opens one, where raw sockets are allowed.
    pub(crate) fn open(version: IcmpVersion, secret: Secret) -> io::Result<Self> {
        let (domain, any): (_, SocketAddr) = match version {
            IcmpVersion::V4 => (Domain::IPV4, ([0, 0, 0, 0], 0).into()),
            IcmpVersion::V6 => (Domain::IPV6, ([0_u16; 8], 0).into()),
        };
        let raw = Socket::new(domain, Type::RAW, Some(Protocol::TCP))?;
        raw.set_nonblocking(true)?;
        let held = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        if version == IcmpVersion::V6 {
            held.set_only_v6(true)?;
            setsockopt(&raw, Ipv6RecvHopLimit, &true)?;
        }
        held.bind(&any.into())?;
        let bound = held.local_addr()?.as_socket();
        let port = bound.map(|bound| bound.port()).ok_or(io::ErrorKind::AddrNotAvailable)?;
        setsockopt(&raw, ReceiveTimestampns, &true)?;
        raw.attach_filter(&packet_filter::segments(version, port))?;
        Ok(Self { raw, _held: held, port, version, secret })
    }

    /// Which family it speaks.
    pub(crate) const fn version(&self) -> IcmpVersion {
        self.version
    }

    /// The port that it asks from.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Asks a port of a target for a connection. An error means that nothing left.
    pub(crate) fn ask(&self, target: IpAddr, port: u16, sequence: u16) -> io::Result<()> {
        let syn = Tcp {
            from_port: self.port,
            to_port: port,
            sequence: self.number(target, port, sequence),
            acknowledgment: 0,
            bits: SYN,
        };
        let mut message = Vec::with_capacity(SEGMENT_OCTETS);
        let from = source_towards(target)?;
        syn.encode(from, target, &mut message).ok_or(io::ErrorKind::AddrNotAvailable)?;
        // Of IPv6 the port must be that of nobody: the kernel takes it for a protocol.
        let to = SockaddrStorage::from(SocketAddr::new(target, 0));
        sendto(self.raw.as_raw_fd(), &message, &to, MsgFlags::MSG_DONTWAIT)?;
        Ok(())
    }

    /// Tells all that arrived.
    pub(crate) fn receive(&mut self, mut tell: impl FnMut(Segment)) -> io::Result<()> {
        loop {
            let mut octets = [0; SEGMENT_OCTETS];
            let mut room = nix::cmsg_space!(libc::timespec, libc::c_int);
            let mut slices = [IoSliceMut::new(&mut octets)];
            let (fd, flags) = (self.raw.as_raw_fd(), MsgFlags::MSG_DONTWAIT);
            let message = match recvmsg::<SockaddrStorage>(fd, &mut slices, Some(&mut room), flags)
            {
                Ok(message) => message,
                Err(Errno::EAGAIN | Errno::EINTR) => return Ok(()),
                // What an earlier probe met; routers' word on it arrives as ICMP.
                Err(Errno::EHOSTUNREACH | Errno::ENETUNREACH | Errno::ECONNREFUSED) => continue,
                Err(error) => return Err(error.into()),
            };
            if let Some(segment) = self.read(&message) {
                tell(segment);
            }
        }
    }

    /// What a message is; `None` for what is no answer to a SYN.
    fn read(&self, message: &RecvMsg<'_, '_, SockaddrStorage>) -> Option<Segment> {
        let Received { from, ttl, waited, octets } =
            received(message, self.version, Header::Given)?;
        let tcp = Tcp::decode(octets).ok()?;
        let is_reset = tcp.bits & RST != 0;
        if !is_reset && tcp.bits & (SYN | ACK) != SYN | ACK {
            return None;
        }
        let asked = tcp.acknowledgment.wrapping_sub(1);
        let sequence = probe_of(asked);
        if tcp.bits & ACK == 0 || asked != self.number(from, tcp.from_port, sequence) {
            return Some(Segment::Unproven);
        }
        Some(Segment::Answer(SynAnswer { from, sequence, is_reset, ttl, waited }))
    }

    /// The number of a SYN: the upper half proves that we asked it, the lower is the probe's.
    fn number(&self, target: IpAddr, port: u16, sequence: u16) -> u32 {
        let about = SYN_NUMBERS | u64::from(port) << 16 | u64::from(sequence);
        let [a, b, ..] = self.secret.number(about, target, Duration::ZERO).to_be_bytes();
        let [c, d] = sequence.to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }
}

impl AsFd for SynSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.raw.as_fd()
    }
}

impl std::fmt::Debug for SynSocket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SynSocket").field("port", &self.port).finish_non_exhaustive()
    }
}

/// The address from which the kernel would send to a target, which its checksum covers.
fn source_towards(target: IpAddr) -> io::Result<IpAddr> {
    /// Any port will do: nothing is sent.
    const DISCARD: u16 = 9;
    let any: IpAddr = match target {
        IpAddr::V4(_) => [0; 4].into(),
        IpAddr::V6(_) => [0_u16; 8].into(),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect((target, DISCARD))?;
    Ok(socket.local_addr()?.ip())
}
