//! Sockets for ICMP: raw where that is allowed, of the kernel's own ping where not.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};

use falter_model::Family;
use falter_wire::icmp;
use socket2::{Domain, Protocol, Socket, Type};

/// Replies of a tenth of a second at full pace wait in it.
const BUFFER_OCTETS: usize = 1 << 20;

/// By which way echoes may be sent from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Raw sockets: errors of routers are heard too.
    Raw,
    /// Datagram sockets of the kernel's ping: replies alone.
    Datagram,
    /// Neither.
    Nothing,
}

/// What this process may do.
pub fn allowed() -> Allowed {
    match Echoes::open(Family::V4) {
        Ok(Echoes { is_raw: true, .. }) => Allowed::Raw,
        Ok(_) => Allowed::Datagram,
        Err(_) => Allowed::Nothing,
    }
}

/// Sends echoes of one family and hears what comes back.
#[derive(Debug)]
pub(super) struct Echoes {
    socket: UdpSocket,
    family: Family,
    is_raw: bool,
}

impl Echoes {
    /// Raw if that is allowed.
    pub(super) fn open(family: Family) -> io::Result<Self> {
        let (domain, protocol) = match family {
            Family::V4 => (Domain::IPV4, Protocol::ICMPV4),
            Family::V6 => (Domain::IPV6, Protocol::ICMPV6),
        };
        let open = |kind| Socket::new(domain, kind, Some(protocol));
        let (socket, is_raw) = match open(Type::RAW) {
            Ok(socket) => (socket, true),
            Err(_) => (open(Type::DGRAM)?, false),
        };
        socket.set_nonblocking(true)?;
        // The kernel gives as much as it may.
        socket.set_recv_buffer_size(BUFFER_OCTETS)?;
        Ok(Self { socket: socket.into(), family, is_raw })
    }

    pub(super) fn send(&self, target: IpAddr, octets: &[u8]) -> io::Result<()> {
        self.socket.send_to(octets, SocketAddr::new(target, 0)).map(|_| ())
    }

    /// The next message that has come, without IP header, and from whom; `None` where none has.
    pub(super) fn receive<'a>(&self, room: &'a mut [u8]) -> io::Result<Option<(IpAddr, &'a [u8])>> {
        let (length, from) = match self.socket.recv_from(room) {
            Ok(received) => received,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error),
        };
        let packet = room.get(..length).unwrap_or_default();
        let message = if self.is_raw && self.family == Family::V4 {
            icmp::after_ipv4(packet).unwrap_or_default()
        } else {
            packet
        };
        Ok(Some((from.ip(), message)))
    }

    pub(super) const fn family(&self) -> Family {
        self.family
    }
}

impl AsFd for Echoes {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
