//! BMP version 3: what a router tells of its peers while it happens (RFC 7854, with RFC 8671 for
//! Adj-RIB-Out and RFC 9069 for Loc-RIB).
//!
//! ```text
//! +-+-+-+-+-+-+-+-+
//! |    Version    |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                        Message Length                         |
//! +---------------+---------------+---------------+---------------+
//! |   Msg. Type   |
//! +---------------+
//! ```
//!
//! A reader keeps what a session brought and asks [`frame`] for the length of the message that begins
//! there, then [`Message::decode`] for what it says.

mod open;
mod peer;
mod peer_down;

use crate::bgp::{self, Session};
use crate::cursor::{AsnWidth, Cursor};
use crate::{Cost, Fault, Malformed};

pub use peer::{PeerHeader, View};
pub use peer_down::DownReason;

/// Version, length, type.
const HEADER: usize = 6;
/// No message is longer: an update has at most 65,535 octets (RFC 8654), two OPENs less, and a router's
/// words of itself are few.
pub const LONGEST_OCTETS: usize = 1 << 18;

/// A message, as far as falter needs it.
#[derive(Debug, Clone)]
pub enum Message<'a> {
    /// A peer's routes change.
    RouteMonitoring(PeerHeader, bgp::Message<'a>),
    /// A peer's session was established, or monitoring began while it was.
    PeerUp(PeerHeader, Session),
    /// A peer's session ended.
    PeerDown(PeerHeader, DownReason),
    /// The router says what it is called.
    Initiation {
        /// Its `sysName`, where it says one in UTF-8.
        name: Option<&'a str>,
    },
    /// The router ends the session.
    Termination,
    /// Statistics, mirrored messages, and types of later days, by their number.
    Other(u8),
}

/// The length in octets of the message that begins here; `None` while its header is not there.
pub fn frame(octets: &[u8]) -> Result<Option<usize>, Malformed> {
    let mut cursor = Cursor::new(octets, 0);
    if octets.len() < HEADER {
        return Ok(None);
    }
    let version = cursor.u8("version of BMP")?;
    if version != 3 {
        return Err(cursor.value_before(1, "version of BMP", "3", version.into()));
    }
    let length = cursor.u32("length of a BMP message")?;
    match usize::try_from(length) {
        Ok(octets @ HEADER..=LONGEST_OCTETS) => Ok(Some(octets)),
        _ => Err(cursor.value_before(4, "length of a BMP message", "6 to 262144", length.into())),
    }
}

impl<'a> Message<'a> {
    /// Reads a whole message. `session` tells what a peer's session agreed on, as its
    /// [`PeerUp`](Self::PeerUp) said; the width of AS numbers stands in each message itself.
    pub fn decode(
        octets: &'a [u8],
        session: impl FnOnce(&PeerHeader) -> Option<Session>,
    ) -> Result<Self, Fault> {
        Self::read(octets, session).map_err(|what| what.costs(Cost::Record))
    }

    fn read(
        octets: &'a [u8],
        session: impl FnOnce(&PeerHeader) -> Option<Session>,
    ) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(octets, 0);
        cursor.take(HEADER - 1, "header of a BMP message")?;
        let kind = cursor.u8("type of a BMP message")?;
        Ok(match kind {
            0 => {
                let peer = PeerHeader::read(&mut cursor)?;
                let width = peer.width;
                let add_path = session(&peer).is_some_and(|session| session.add_path);
                let update = bgp::Message::find(&mut cursor, Session { width, add_path }.into())?;
                Self::RouteMonitoring(peer, update)
            }
            2 => {
                let peer = PeerHeader::read(&mut cursor)?;
                Self::PeerDown(peer, DownReason::read(&mut cursor)?)
            }
            3 => {
                let peer = PeerHeader::read(&mut cursor)?;
                // Local address (16), local and remote port (2 each).
                cursor.take(20, "local end of a session")?;
                let add_path = open::agree_on_paths(&mut cursor)?;
                Self::PeerUp(peer, Session { width: AsnWidth::Four, add_path })
            }
            4 => Self::Initiation { name: name(&mut cursor)? },
            5 => Self::Termination,
            other => Self::Other(other),
        })
    }
}

/// `sysName` of the information TLVs (RFC 7854, section 4.4): type 2.
fn name<'a>(cursor: &mut Cursor<'a>) -> Result<Option<&'a str>, Malformed> {
    let mut found = None;
    while !cursor.is_empty() {
        let kind = cursor.u16("type of information")?;
        let length = cursor.u16("length of information")?;
        let value = cursor.take(length.into(), "information")?;
        if kind == 2 {
            found = std::str::from_utf8(value).ok().map(str::trim).filter(|name| !name.is_empty());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
