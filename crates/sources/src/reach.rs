//! Connecting to an address, and why that fails; where it is this machine that has no way, that is said
//! apart: a fault of one's own is no fact about anybody else.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout};

/// Why somebody gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Silence {
    /// Nothing came in time.
    #[error("timeout")]
    Timeout,
    /// The port is closed, or the connection was reset.
    #[error("refused")]
    Refused,
    /// Somebody on the way said that it can't be reached.
    #[error("unreachable")]
    Unreachable,
    /// What came can't be read, or a connection ended before an answer.
    #[error("malformed")]
    Malformed,
    /// This machine has no route to it: nothing was asked.
    #[error("no route")]
    NoRoute,
    /// This machine could not ask, for want of files, memory or leave.
    #[error("could not ask")]
    Own,
}

impl Silence {
    /// Whether it says something of this machine, and nothing of who was asked.
    pub const fn is_own(self) -> bool {
        matches!(self, Self::NoRoute | Self::Own)
    }
}

impl From<io::Error> for Silence {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => Self::Refused,
            ErrorKind::UnexpectedEof => Self::Malformed,
            ErrorKind::TimedOut => Self::Timeout,
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Self::Unreachable,
            // Linux has words for what others say of an address, and these are all.
            _ => Self::Own,
        }
    }
}

/// A datagram socket that speaks with `server` alone, from a port of its own.
pub(crate) async fn datagrams(server: SocketAddr) -> Result<UdpSocket, Silence> {
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let bound = UdpSocket::bind((any, 0)).await.map_err(|_| Silence::Own)?;
    // No packet goes out; it fails where there is no route.
    bound.connect(server).await.map_err(|_| Silence::NoRoute)?;
    Ok(bound)
}

/// A connection, or why there is none, and how long it took to know.
pub(crate) async fn connection(
    server: SocketAddr,
    patience: Duration,
) -> (Result<TcpStream, Silence>, Duration) {
    let begun = Instant::now();
    let connected = async {
        datagrams(server).await?;
        let stream = timeout(patience, TcpStream::connect(server)).await;
        Ok(stream.map_err(|_| Silence::Timeout)??)
    };
    (connected.await, begun.elapsed())
}

#[cfg(test)]
mod tests {
    use nix::errno::Errno;

    use super::*;

    #[test]
    fn a_machine_that_is_short_of_something_accuses_nobody() {
        let check = |code: Errno, expected: Silence| {
            let found = Silence::from(io::Error::from_raw_os_error(code as i32));
            assert_eq!((found, found.is_own()), (expected, expected == Silence::Own), "{code}");
        };
        for code in
            [Errno::EMFILE, Errno::ENFILE, Errno::ENOBUFS, Errno::EPERM, Errno::EADDRNOTAVAIL]
        {
            check(code, Silence::Own);
        }
        check(Errno::ECONNREFUSED, Silence::Refused);
        check(Errno::ECONNRESET, Silence::Refused);
        check(Errno::EHOSTUNREACH, Silence::Unreachable);
        check(Errno::ENETUNREACH, Silence::Unreachable);
        check(Errno::ETIMEDOUT, Silence::Timeout);
    }
}
