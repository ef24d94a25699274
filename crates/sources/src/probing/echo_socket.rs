//! A socket that sends echo requests and hears what comes back: raw where allowed, datagram where not.
//!
//! The kernel stamps what arrives, so that a busy prober does not lengthen round trips. The stamp is of
//! the wall's clock and used only for how long a message waited to be read, which can't be longer than
//! the time since the socket was last found empty.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use falter_wire::packet::{Icmp, IcmpVersion, Quoted, QuotedProbe, Trouble};
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::sockopt::{
    Ipv4RecvErr, Ipv6RecvErr, Ipv6RecvHopLimit, Ipv6Ttl, RcvBuf, ReceiveTimestampns,
};
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, MultiHeaders, RecvMsg, SockaddrStorage, recvmmsg, recvmsg,
    sendmmsg, sendto, setsockopt,
};
use socket2::{Domain, Protocol, Socket, Type};

use super::packet_filter;
use super::received::{Header, Received, address, received};

/// Messages that are sent or read in one call.
pub(crate) const BATCH: usize = 128;
/// More of a message is not read: an echo of ours is shorter, and so is what quotes it.
const MESSAGE_OCTETS: usize = 256;
/// Room for replies that arrive while the prober does something else: a sweep's of a tenth of a
/// second and more. The kernel grants what `net.core.rmem_max` allows.
const RECEIVE_OCTETS: usize = 4 << 20;

/// See the module.
pub(crate) struct EchoSocket {
    socket: Socket,
    version: IcmpVersion,
    kind: Kind,
    id: u16,
    headers: MultiHeaders<SockaddrStorage>,
    send_headers: MultiHeaders<SockaddrStorage>,
    buffer: Vec<u8>,
}

/// How it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Sees all ICMP that arrives; the identifier is ours to choose.
    Raw,
    /// Sees answers to its own echoes alone; the kernel chooses the identifier.
    Datagram,
}

/// A message that arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrived<'a> {
    pub(crate) from: IpAddr,
    pub(crate) icmp: Icmp<'a>,
    pub(crate) version: IcmpVersion,
    pub(crate) ttl: Option<u8>,
    /// How long it waited to be read, as the kernel's stamp says.
    pub(crate) waited: Duration,
}

impl EchoSocket {
    /// Opens one: raw if that is allowed, else datagram. A raw one asks with this identifier.
    pub(crate) fn open(version: IcmpVersion, id: u16) -> io::Result<Self> {
        Self::open_as(version, Kind::Raw, id)
            .or_else(|_| Self::open_as(version, Kind::Datagram, id))
    }

    /// Opens one of this kind.
    pub(crate) fn open_as(version: IcmpVersion, kind: Kind, id: u16) -> io::Result<Self> {
        let (domain, protocol) = match version {
            IcmpVersion::V4 => (Domain::IPV4, Protocol::ICMPV4),
            IcmpVersion::V6 => (Domain::IPV6, Protocol::ICMPV6),
        };
        let of = match kind {
            Kind::Raw => Type::RAW,
            Kind::Datagram => Type::DGRAM,
        };
        let socket = Socket::new(domain, of, Some(protocol))?;
        socket.set_nonblocking(true)?;
        setsockopt(&socket, ReceiveTimestampns, &true)?;
        // A smaller buffer than wished for does as well at an ordinary pace.
        setsockopt(&socket, RcvBuf, &RECEIVE_OCTETS).unwrap_or_default();
        if version == IcmpVersion::V6 {
            setsockopt(&socket, Ipv6RecvHopLimit, &true)?;
        }
        let id = match kind {
            Kind::Raw => {
                socket.attach_filter(&packet_filter::echoes(version, id))?;
                id
            }
            Kind::Datagram => bind(&socket, version)?,
        };
        let room = Some(nix::cmsg_space!(libc::timespec, libc::c_int, [u8; 64]));
        Ok(Self {
            socket,
            version,
            kind,
            id,
            headers: MultiHeaders::preallocate(BATCH, room),
            send_headers: MultiHeaders::preallocate(BATCH, None),
            buffer: vec![0; BATCH * MESSAGE_OCTETS],
        })
    }

    /// The identifier that it asks with.
    pub(crate) const fn id(&self) -> u16 {
        self.id
    }

    /// Which ICMP it speaks.
    pub(crate) const fn version(&self) -> IcmpVersion {
        self.version
    }

    /// Lets what is sent from here on go no further than so many hops.
    pub(crate) fn set_hops(&self, hops: u8) -> io::Result<()> {
        match self.version {
            IcmpVersion::V4 => self.socket.set_ttl_v4(hops.into()),
            IcmpVersion::V6 => Ok(setsockopt(&self.socket, Ipv6Ttl, &i32::from(hops))?),
        }
    }

    /// Sends one message. An error means that it never left.
    pub(crate) fn send(&self, message: &[u8], to: IpAddr) -> io::Result<()> {
        let address = SockaddrStorage::from(SocketAddr::new(to, 0));
        // An error that an earlier probe met may be told by the next call: it is read from the error
        // queue elsewhere, and this probe is sent again.
        for _ in 0..2 {
            match sendto(self.socket.as_raw_fd(), message, &address, MsgFlags::MSG_DONTWAIT) {
                Err(Errno::EHOSTUNREACH | Errno::ECONNREFUSED | Errno::EPROTO)
                    if self.kind == Kind::Datagram => {}
                sent => return Ok(sent.map(drop)?),
            }
        }
        Err(Errno::EHOSTUNREACH.into())
    }

    /// Sends messages in one call, each to its address; gives how many left. At most [`BATCH`].
    pub(crate) fn send_all(&mut self, messages: &[(Vec<u8>, IpAddr)]) -> io::Result<usize> {
        let slices: Vec<[IoSlice<'_>; 1]> =
            messages.iter().map(|(message, _)| [IoSlice::new(message)]).collect();
        let addresses: Vec<Option<SockaddrStorage>> = messages
            .iter()
            .map(|(_, to)| Some(SockaddrStorage::from(SocketAddr::new(*to, 0))))
            .collect();
        let (fd, flags) = (self.socket.as_raw_fd(), MsgFlags::MSG_DONTWAIT);
        let sent = sendmmsg(fd, &mut self.send_headers, &slices, addresses, [], flags);
        Ok(sent?.count())
    }

    /// Tells all that arrived.
    pub(crate) fn receive(&mut self, mut tell: impl FnMut(&Arrived<'_>)) -> io::Result<()> {
        if self.kind == Kind::Datagram {
            self.receive_errors(&mut tell)?;
        }
        loop {
            let (fd, flags) = (self.socket.as_raw_fd(), MsgFlags::MSG_DONTWAIT);
            let mut slices: Vec<[IoSliceMut<'_>; 1]> = self
                .buffer
                .chunks_mut(MESSAGE_OCTETS)
                .map(|part| [IoSliceMut::new(part)])
                .collect();
            let received = recvmmsg(fd, &mut self.headers, slices.iter_mut(), flags, None);
            let messages = match received {
                Ok(messages) => messages,
                Err(Errno::EAGAIN | Errno::EINTR) => return Ok(()),
                // What an earlier probe met: the error queue tells more.
                Err(Errno::EHOSTUNREACH | Errno::ENETUNREACH | Errno::ECONNREFUSED) => continue,
                Err(error) => return Err(error.into()),
            };
            let mut count = 0;
            for message in messages {
                count += 1;
                if let Some(arrived) = read(&message, self.version, self.kind) {
                    tell(&arrived);
                }
            }
            if count < BATCH {
                return Ok(());
            }
        }
    }

    /// Of a datagram socket, troubles are in its error queue.
    fn receive_errors(&mut self, tell: &mut impl FnMut(&Arrived<'_>)) -> io::Result<()> {
        loop {
            let mut room = nix::cmsg_space!(libc::timespec, libc::c_int, [u8; 64]);
            let Some(part) = self.buffer.get_mut(..MESSAGE_OCTETS) else { return Ok(()) };
            let mut slices = [IoSliceMut::new(part)];
            let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
            let fd = self.socket.as_raw_fd();
            let message = match recvmsg::<SockaddrStorage>(fd, &mut slices, Some(&mut room), flags)
            {
                Ok(message) => message,
                Err(Errno::EAGAIN | Errno::EINTR) => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            if let Some(arrived) = read_error(&message, self.version) {
                tell(&arrived);
            }
        }
    }
}

impl AsFd for EchoSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl std::fmt::Debug for EchoSocket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EchoSocket")
            .field("kind", &self.kind)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

fn bind(socket: &Socket, version: IcmpVersion) -> io::Result<u16> {
    let any: SocketAddr = match version {
        IcmpVersion::V4 => {
            setsockopt(socket, Ipv4RecvErr, &true)?;
            ([0, 0, 0, 0], 0).into()
        }
        IcmpVersion::V6 => {
            setsockopt(socket, Ipv6RecvErr, &true)?;
            ([0u16; 8], 0).into()
        }
    };
    socket.bind(&any.into())?;
    let bound = socket.local_addr()?.as_socket();
    bound.map(|bound| bound.port()).ok_or_else(|| io::ErrorKind::AddrNotAvailable.into())
}

fn read<'a>(
    message: &RecvMsg<'a, 'a, SockaddrStorage>,
    version: IcmpVersion,
    kind: Kind,
) -> Option<Arrived<'a>> {
    let header = match kind {
        Kind::Raw => Header::Given,
        Kind::Datagram => Header::TakenOff,
    };
    let Received { from, ttl, waited, octets } = received(message, version, header)?;
    let icmp = Icmp::decode(octets, version).ok()?;
    Some(Arrived { from, icmp, version, ttl, waited })
}

/// A trouble as the error queue tells it: the message that we sent, to whom, what is said of it and by
/// whom.
fn read_error<'a>(
    message: &RecvMsg<'_, 'a, SockaddrStorage>,
    version: IcmpVersion,
) -> Option<Arrived<'a>> {
    let to = address(message)?;
    for control in message.cmsgs().ok()? {
        let (error, from) = match control {
            ControlMessageOwned::Ipv4RecvErr(error, from) => (
                error,
                from.map(|from| IpAddr::from(u32::from_be(from.sin_addr.s_addr).to_be_bytes())),
            ),
            ControlMessageOwned::Ipv6RecvErr(error, from) => {
                (error, from.map(|from| IpAddr::from(from.sin6_addr.s6_addr)))
            }
            _ => continue,
        };
        let from_icmp = [libc::SO_EE_ORIGIN_ICMP, libc::SO_EE_ORIGIN_ICMP6];
        let ours = !from_icmp.contains(&error.ee_origin);
        let (kind, code) = (error.ee_type, error.ee_code);
        let from = from?;
        let octets = message.iovs().next()?;
        let protocol = match version {
            IcmpVersion::V4 => 1,
            IcmpVersion::V6 => 58,
        };
        let probe = QuotedProbe::decode(protocol, octets, version).ok()?;
        // What our own machine says is told as from the sender itself.
        let sender = if ours { from } else { IpAddr::from([0, 0, 0, 0]) };
        let quoted = Some(Quoted { from: sender, to, probe });
        let icmp = Icmp::Trouble(Trouble { version, kind, code, quoted });
        return Some(Arrived { from, icmp, version, ttl: None, waited: Duration::ZERO });
    }
    None
}
