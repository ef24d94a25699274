//! A live interface of a darknet: whatever arrives there, without asking.
//!
//! The kernel stamps what arrives; the stamp is used for how long a packet waited to be read.

use std::collections::BTreeSet;
use std::io::{self, IoSliceMut};
use std::net::IpAddr;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};

use falter_model::{Clock, Interned, Span, Text};
use nix::errno::Errno;
use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, LinkAddr, MsgFlags, MultiHeaders, RecvMsg, SockFlag,
    SockProtocol, SockType, SockaddrStorage, bind, recvmmsg, setsockopt, socket, sockopt,
};
use nix::sys::time::TimeSpec;
use tokio_util::sync::CancellationToken;

use super::flows::{DarknetCounts, Flows};
use super::packets::SNAP_OCTETS;
use super::scope::Scope;
use crate::clock::SystemClock;
use crate::live::{TellError, Teller};

/// How long it waits for a packet before it looks at the time.
const WAIT_MS: u16 = 250;
/// What the kernel keeps for a reader that is behind: some ten thousand packets of a burst.
const BUFFER_OCTETS: usize = 8 << 20;
/// `PACKET_OUTGOING` of packet(7).
const OUTGOING: u8 = 4;
/// Types of Ethernet that are packets (IEEE 802 numbers).
const PACKETS: [u16; 2] = [0x0800, 0x86DD];
/// Packets that are read in one call.
const BATCH: usize = 128;
/// Calls after which the time is looked at again, however much is left.
const MOST_BATCHES: usize = 64;

/// Why an interface can't be listened to, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// There is no such interface.
    #[error("there is no interface {interface}")]
    NoInterface {
        /// As it was named.
        interface: String,
    },
    /// It takes the capability to open raw sockets.
    #[error("listening to an interface takes CAP_NET_RAW")]
    NotAllowed,
    /// It was there, and is not any more, or was switched off.
    #[error("the interface is down")]
    Down,
    /// Something else.
    #[error("could not listen to the interface")]
    Failed(#[from] io::Error),
    /// What was found could not be told.
    #[error(transparent)]
    Tell(#[from] TellError),
}

/// Listens to an interface.
pub struct Listener {
    socket: OwnedFd,
    index: usize,
    flows: Flows,
    clock: Arc<dyn Clock + Send + Sync>,
    counts: Arc<Mutex<DarknetCounts>>,
}

/// Where packets are read into; it belongs to one thread.
struct Room {
    headers: MultiHeaders<LinkAddr>,
    octets: Vec<u8>,
}

/// Whether an interface can be listened to by whoever asks.
pub fn can_listen(interface: &str) -> Result<(), ListenError> {
    open(&addresses()?, interface).map(drop)
}

impl Listener {
    /// Opens an interface. What arrives at addresses of this machine itself does not count, whatever the
    /// scope says; attacks are told in the name of `vantage`.
    pub fn open(
        interface: &str,
        vantage: Text,
        scope: Scope,
        clock: Arc<dyn Clock + Send + Sync>,
    ) -> Result<Self, ListenError> {
        let addresses = addresses()?;
        let (socket, index) = open(&addresses, interface)?;
        let own: BTreeSet<IpAddr> =
            addresses.iter().filter_map(|known| ip(known.address?)).collect();
        Ok(Self {
            socket,
            index,
            flows: Flows::new(vantage, scope.but_for(own)),
            clock,
            counts: Arc::default(),
        })
    }

    /// What arrived so far: read by whoever wants to know, while it runs.
    pub fn counts(&self) -> Arc<Mutex<DarknetCounts>> {
        Arc::clone(&self.counts)
    }

    /// Listens on this thread until `stop`, and tells attacks on whom is watched.
    pub fn run(mut self, tell: &Teller, stop: &CancellationToken) -> Result<(), ListenError> {
        let ended = self.listen(tell, stop);
        self.flows.finish();
        self.tell(tell)?;
        ended
    }

    fn listen(&mut self, tell: &Teller, stop: &CancellationToken) -> Result<(), ListenError> {
        let mut room = Room::new();
        while !stop.is_cancelled() {
            let mut waiting = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
            match poll(&mut waiting, PollTimeout::from(WAIT_MS)) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => return Err(ListenError::Failed(error.into())),
            }
            // What came before this moment is read before it has passed.
            let now = self.clock.now();
            self.drain(&mut room)?;
            self.flows.pass(now);
            self.tell(tell)?;
        }
        Ok(())
    }

    /// Takes what the kernel has ready.
    fn drain(&mut self, room: &mut Room) -> Result<(), ListenError> {
        let Self { socket, index, flows, clock, .. } = self;
        let Room { headers, octets } = room;
        for _ in 0..MOST_BATCHES {
            let mut slices: Vec<[IoSliceMut<'_>; 1]> =
                octets.chunks_mut(SNAP_OCTETS).map(|part| [IoSliceMut::new(part)]).collect();
            let (fd, flags) = (socket.as_raw_fd(), MsgFlags::MSG_DONTWAIT);
            let messages = match recvmmsg(fd, headers, slices.iter_mut(), flags, None) {
                Ok(messages) => messages,
                Err(Errno::EAGAIN | Errno::EINTR) => return Ok(()),
                Err(Errno::ENETDOWN) => return Err(ListenError::Down),
                Err(error) => return Err(ListenError::Failed(error.into())),
            };
            let (now, stamped) = (clock.now(), SystemClock.now());
            let mut count = 0;
            for message in messages {
                count += 1;
                let Some(from) = message.address.filter(|from| is_ours(from, *index)) else {
                    continue;
                };
                let waited = waited(&message, stamped, flows);
                if let Some(packet) = message.iovs().next()
                    && PACKETS.contains(&u16::from_be(from.protocol()))
                {
                    flows.take(now - waited, packet);
                }
            }
            if count < BATCH {
                return Ok(());
            }
        }
        Ok(())
    }

    fn tell(&mut self, tell: &Teller) -> Result<(), ListenError> {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = self.flows.counts();
        while let Some(observation) = self.flows.pop() {
            tell.tell_blocking(&observation, &Interned::new())?;
        }
        Ok(())
    }
}

impl Room {
    fn new() -> Self {
        let of_controls = Some(nix::cmsg_space!(TimeSpec, u32));
        let headers = MultiHeaders::preallocate(BATCH, of_controls);
        Self { headers, octets: vec![0; BATCH * SNAP_OCTETS] }
    }
}

/// Not what this machine sends itself, which is no answer to anybody's flood; nor what came from another
/// interface before the socket was bound.
fn is_ours(from: &LinkAddr, index: usize) -> bool {
    from.pkttype() != OUTGOING && from.ifindex() == index
}

/// How long a packet waited to be read at `now` of the kernel's clock; takes note of how many were lost.
fn waited(
    message: &RecvMsg<'_, '_, LinkAddr>,
    now: falter_model::Timestamp,
    flows: &mut Flows,
) -> Span {
    let mut waited = Span::ZERO;
    for control in message.cmsgs().into_iter().flatten() {
        match control {
            ControlMessageOwned::ScmTimestampns(stamp) => {
                let stamp = stamp.tv_sec() * 1_000_000 + stamp.tv_nsec() / 1_000;
                waited = Span::from_micros((now.micros() - stamp).max(0));
            }
            ControlMessageOwned::RxqOvfl(lost) => flows.set_lost(lost.into()),
            _ => {}
        }
    }
    waited
}

fn addresses() -> Result<Vec<InterfaceAddress>, ListenError> {
    Ok(getifaddrs().map_err(io::Error::from)?.collect())
}

fn ip(address: SockaddrStorage) -> Option<IpAddr> {
    let v4 = address.as_sockaddr_in().map(|address| IpAddr::from(address.ip()));
    v4.or_else(|| address.as_sockaddr_in6().map(|address| IpAddr::from(address.ip())))
}

/// A socket that is given what passes an interface, and the number of the interface.
fn open(addresses: &[InterfaceAddress], interface: &str) -> Result<(OwnedFd, usize), ListenError> {
    let mut of_it = addresses.iter().filter(|known| known.interface_name == interface);
    let address = of_it.find_map(|known| known.address.as_ref()?.as_link_addr().copied());
    let Some(address) = address else {
        return Err(ListenError::NoInterface { interface: interface.to_owned() });
    };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    // Datagrams: the kernel takes off what the link put before a packet.
    let kind = SockType::Datagram;
    let socket = socket(AddressFamily::Packet, kind, flags, SockProtocol::EthAll);
    let socket = socket.map_err(|error| match error {
        Errno::EPERM | Errno::EACCES => ListenError::NotAllowed,
        error => ListenError::Failed(error.into()),
    })?;
    let failed = |error: Errno| ListenError::Failed(error.into());
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true).map_err(failed)?;
    setsockopt(&socket, sockopt::RxqOvfl, &1).map_err(failed)?;
    // Forced where that is allowed; else as much as anybody may have.
    if setsockopt(&socket, sockopt::RcvBufForce, &BUFFER_OCTETS).is_err() {
        setsockopt(&socket, sockopt::RcvBuf, &BUFFER_OCTETS).map_err(failed)?;
    }
    bind(socket.as_raw_fd(), &address).map_err(failed)?;
    Ok((socket, address.ifindex()))
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("flows", &self.flows).finish_non_exhaustive()
    }
}
