//! A live interface of a darknet: whatever arrives there, without asking.

use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};

use falter_model::{Clock, Interned};
use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, LinkAddr, SockFlag, SockProtocol, SockType, bind, recvfrom, setsockopt, socket,
    sockopt,
};
use tokio_util::sync::CancellationToken;

use super::vectors::{DarknetCounts, Vectors};
use crate::live::{TellError, Teller};

/// How long it waits for a packet before it looks at the time.
const WAIT_MS: u16 = 250;
/// Of a packet, what is needed: the headers, and those that an ICMP error quotes, with all options.
const SNAP_OCTETS: usize = 512;
/// What the kernel keeps for a reader that is behind: some ten thousand packets of a burst.
const BUFFER_OCTETS: usize = 8 << 20;
/// `PACKET_OUTGOING` of packet(7).
const OUTGOING: u8 = 4;
/// Packets that are taken before the time is looked at again.
const BATCH: usize = 4096;

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
    #[error(
        "listening to an interface takes CAP_NET_RAW: setcap cap_net_raw+ep on the program, or root"
    )]
    NotAllowed,
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
    vectors: Vectors,
    clock: Arc<dyn Clock + Send + Sync>,
    counts: Arc<Mutex<DarknetCounts>>,
}

impl Listener {
    /// Opens an interface for [`Vectors`] that say who is watched.
    pub fn open(
        interface: &str,
        vectors: Vectors,
        clock: Arc<dyn Clock + Send + Sync>,
    ) -> Result<Self, ListenError> {
        let address = address_of(interface)?;
        let (flags, protocol) =
            (SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK, SockProtocol::EthAll);
        // Datagrams: the kernel takes off what the link put before a packet.
        let socket = socket(AddressFamily::Packet, SockType::Datagram, flags, protocol);
        let socket = socket.map_err(|error| match error {
            Errno::EPERM | Errno::EACCES => ListenError::NotAllowed,
            error => ListenError::Failed(error.into()),
        })?;
        // Forced where that is allowed; else as much as anybody may have.
        if setsockopt(&socket, sockopt::RcvBufForce, &BUFFER_OCTETS).is_err() {
            setsockopt(&socket, sockopt::RcvBuf, &BUFFER_OCTETS).map_err(io::Error::from)?;
        }
        bind(socket.as_raw_fd(), &address).map_err(io::Error::from)?;
        Ok(Self { socket, vectors, clock, counts: Arc::default() })
    }

    /// What arrived so far: read by whoever wants to know, while it runs.
    pub fn counts(&self) -> Arc<Mutex<DarknetCounts>> {
        Arc::clone(&self.counts)
    }

    /// Listens on this thread until `stop`, and tells attacks on whom is watched.
    pub fn run(mut self, tell: &Teller, stop: &CancellationToken) -> Result<(), ListenError> {
        let mut packet = [0; SNAP_OCTETS];
        while !stop.is_cancelled() {
            let mut waiting = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
            match poll(&mut waiting, PollTimeout::from(WAIT_MS)) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => return Err(ListenError::Failed(error.into())),
            }
            self.drain(&mut packet)?;
            self.vectors.pass(self.clock.now());
            self.tell(tell)?;
        }
        self.vectors.finish();
        self.tell(tell)
    }

    /// Takes what the kernel has ready.
    fn drain(&mut self, packet: &mut [u8]) -> Result<(), ListenError> {
        for _ in 0..BATCH {
            match recvfrom::<LinkAddr>(self.socket.as_raw_fd(), packet) {
                // What this machine sends itself is no answer to anybody's flood.
                Ok((_, Some(from))) if from.pkttype() == OUTGOING => {}
                Ok((length, _)) => {
                    let at = self.clock.now();
                    self.vectors.take(at, packet.get(..length).unwrap_or_default());
                }
                Err(Errno::EAGAIN) => break,
                // The interface is down: it may come back.
                Err(Errno::EINTR | Errno::ENETDOWN) => {}
                Err(error) => return Err(ListenError::Failed(error.into())),
            }
        }
        Ok(())
    }

    fn tell(&mut self, tell: &Teller) -> Result<(), ListenError> {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = self.vectors.counts();
        while let Some((_, observation)) = self.vectors.pop() {
            tell.tell_blocking(&observation, &Interned::new())?;
        }
        Ok(())
    }
}

/// The address of an interface on its link, which says its number.
fn address_of(interface: &str) -> Result<LinkAddr, ListenError> {
    let all = getifaddrs().map_err(io::Error::from)?;
    let mut found = all.filter(|known| known.interface_name == interface);
    let address = found.find_map(|known| known.address?.as_link_addr().copied());
    address.ok_or_else(|| ListenError::NoInterface { interface: interface.to_owned() })
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("vectors", &self.vectors).finish_non_exhaustive()
    }
}
