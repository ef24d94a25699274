//! How long each stage of a visit may take.

use std::time::Duration;

/// Bounds of a visit, after the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection, to each address.
    pub connect: Duration,
    /// For a handshake of TLS.
    pub handshake: Duration,
    /// For the answer with all its body.
    pub response: Duration,
    /// Until the last redirect is followed.
    pub redirects: Duration,
    /// For one's turn at an address, where sites are visited one after the other.
    pub turn: Duration,
}

/// Half of the visitors of a page leave after some seconds; in ten seconds a site that lives
/// shows it (Nah, "A study on tolerable waiting time", 2004; curl and browsers wait longer).
impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            handshake: Duration::from_secs(5),
            response: Duration::from_secs(10),
            redirects: Duration::from_secs(30),
            turn: Duration::from_mins(1),
        }
    }
}
