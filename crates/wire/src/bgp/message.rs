//! The header that every BGP message begins with (RFC 4271, section 4.1).
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                     Marker (16 octets of ones)                |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |          Length               |      Type     |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use std::fmt;

use super::{Context, Open, Session, Source, Update};
use crate::cursor::Cursor;
use crate::{Cost, Fault, Malformed};

/// A BGP message, as far as falter needs it.
#[derive(Debug, Clone)]
pub enum Message<'a> {
    /// A session begins.
    Open(Open<'a>),
    /// Routes are announced and withdrawn.
    Update(Update<'a>),
    /// A session ends.
    Notification(Notification),
    /// A session is alive.
    Keepalive,
    /// Anything else, by its type.
    Other(u8),
}

/// Why a session ends (RFC 4271, section 4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notification {
    /// Error code.
    pub code: u8,
    /// Error subcode.
    pub subcode: u8,
}

/// Octets of marker, length and type.
const HEADER: u16 = 19;

impl<'a> Message<'a> {
    /// Reads a message as it went over a session, marker included. What follows it is ignored.
    pub fn decode(octets: &'a [u8], session: Session) -> Result<Self, Fault> {
        Self::read(&mut Cursor::new(octets, 0), Context { session, source: Source::Update })
    }

    /// Its type, by number.
    pub(crate) const fn kind(&self) -> u8 {
        match self {
            Self::Open(_) => 1,
            Self::Update(_) => 2,
            Self::Notification(_) => 3,
            Self::Keepalive => 4,
            Self::Other(kind) => *kind,
        }
    }

    /// Reads the header and finds the parts of the message.
    #[inline]
    pub(crate) fn read(octets: &mut Cursor<'a>, context: Context) -> Result<Self, Fault> {
        Self::find(octets, context).map_err(|what| what.costs(Cost::Record))
    }

    #[inline]
    fn find(octets: &mut Cursor<'a>, context: Context) -> Result<Self, Malformed> {
        let marker: [u8; 16] = octets.array("marker of a BGP message")?;
        if marker != [0xFF; 16] {
            let found = marker.into_iter().find(|octet| *octet != 0xFF).unwrap_or(0).into();
            return Err(octets.value_before(16, "marker of a BGP message", "ones only", found));
        }
        let length = octets.u16("length of a BGP message")?;
        let Some(body) = length.checked_sub(HEADER) else {
            let field = "length of a BGP message";
            return Err(octets.value_before(2, field, "at least 19", length.into()));
        };
        let kind = octets.u8("type of a BGP message")?;
        let mut body = octets.split(body.into(), "BGP message")?;
        Ok(match kind {
            1 => Self::Open(Open::new(body)),
            2 => Self::Update(Update::find(body, context)?),
            3 => Self::Notification(Notification {
                code: body.u8("error code")?,
                subcode: body.u8("error subcode")?,
            }),
            4 => Self::Keepalive,
            _ => Self::Other(kind),
        })
    }
}

/// In words, for the reason of a peer's state: `hold timer expired`.
impl fmt::Display for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self.code {
            1 => "message header error",
            2 => "open message error",
            3 => "update message error",
            4 => "hold timer expired",
            5 => "finite state machine error",
            // RFC 4486 and RFC 8538 name the kinds of cease.
            6 => match self.subcode {
                1 => "cease: maximum number of prefixes reached",
                2 => "cease: administrative shutdown",
                3 => "cease: peer de-configured",
                4 => "cease: administrative reset",
                5 => "cease: connection rejected",
                6 => "cease: other configuration change",
                7 => "cease: connection collision resolution",
                8 => "cease: out of resources",
                9 => "cease: hard reset",
                10 => "cease: BFD down",
                _ => "cease",
            },
            7 => "route refresh message error",
            8 => "send hold timer expired",
            code => return write!(f, "notification {code}/{}", self.subcode),
        };
        f.write_str(words)
    }
}
