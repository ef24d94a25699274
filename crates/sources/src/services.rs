//! Other services than web sites: whether a port takes connections, and whether somebody speaks there.
//!
//! A connection that is made shows that the host lives and that its kernel takes connections: that is
//! told as a probe over TCP. Whether the program behind it lives shows its greeting, which mail,
//! file transfer and remote shells send before they are asked: that is told as a visit, which ends at
//! the request where none came.

mod watch;

use std::net::SocketAddr;
use std::time::Duration;

use falter_model::Text;
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;

use crate::reach::{self, Silence};

pub use watch::{ServiceWatch, ServicesPlan};

/// Ports whose services greet first: FTP (RFC 959), SSH (RFC 4253), SMTP and submission (RFC 5321,
/// RFC 6409), POP3 (RFC 1939), IMAP (RFC 9051).
const GREETING: [u16; 6] = [21, 22, 25, 110, 143, 587];
/// Octets of a greeting that are read (RFC 5321, section 4.5.3.1.5: a line of a reply has 512).
const GREETING_OCTETS: usize = 512;

/// How long somebody is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For a greeting.
    pub greeting: Duration,
}

/// Servers that look up who asks take seconds for it; RFC 5321 (section 4.5.3.2.1) lets a client wait
/// five minutes, which nobody does.
impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), greeting: Duration::from_secs(5) }
    }
}

/// What came of a call at a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// Whether there is a connection, or why not.
    pub connected: Result<(), Silence>,
    /// How long it took to know.
    pub took: Duration,
    /// How long the greeting took from then on, or why none came; `None` where none is expected or
    /// there is no connection.
    pub greeted: Option<Result<Duration, Text>>,
}

/// Connects, and waits for a greeting where `greets` says so.
pub async fn call(server: SocketAddr, greets: Greets, patience: Patience) -> Called {
    let (connected, took) = reach::connection(server, patience.connect).await;
    let mut stream = match connected {
        Ok(stream) => stream,
        Err(silence) => return Called { connected: Err(silence), took, greeted: None },
    };
    let greeted = match greets {
        Greets::No => None,
        Greets::First => {
            let begun = tokio::time::Instant::now();
            let mut greeting = [0; GREETING_OCTETS];
            let read = timeout(patience.greeting, stream.read(&mut greeting)).await;
            Some(match read {
                Err(_) => Err("timeout".into()),
                Ok(Ok(0)) => Err("closed".into()),
                Ok(Ok(_)) => Ok(begun.elapsed()),
                Ok(Err(_)) => Err("reset".into()),
            })
        }
    };
    Called { connected: Ok(()), took, greeted }
}

/// Who speaks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Greets {
    /// The service.
    First,
    /// Whoever connects.
    No,
}

impl Greets {
    /// By the port, as services are wont.
    pub fn of(port: u16) -> Self {
        if GREETING.contains(&port) { Self::First } else { Self::No }
    }
}
