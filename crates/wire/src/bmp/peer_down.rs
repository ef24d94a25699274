//! Why a peer's session ended (RFC 7854, section 4.9; RFC 9069, section 5.3).

use std::fmt;

use crate::Malformed;
use crate::bgp::{self, AsnWidth, Notification, Session};
use crate::cursor::Cursor;

/// The reason in a Peer Down message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DownReason {
    /// The router ended it with this notification.
    Local(Notification),
    /// The router ended it without one: the code of the event in its state machine (RFC 4271, section
    /// 8.1), 0 where none is relevant.
    LocalEvent(u16),
    /// The peer ended it with this notification.
    Remote(Notification),
    /// The peer ended it without one: the connection broke off.
    RemoteSilent,
    /// The router tells no more of it, for a reason that is its own.
    Unmonitored,
    /// The router's own table is not there any more.
    LocRib,
    /// A number that is not assigned.
    Other(u8),
}

impl DownReason {
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let reason = cursor.u8("reason of a peer down")?;
        Ok(match reason {
            1 => Self::Local(notification(cursor)?),
            2 => Self::LocalEvent(cursor.u16("event of the state machine")?),
            3 => Self::Remote(notification(cursor)?),
            4 => Self::RemoteSilent,
            5 => Self::Unmonitored,
            6 => Self::LocRib,
            other => Self::Other(other),
        })
    }
}

fn notification(cursor: &mut Cursor<'_>) -> Result<Notification, Malformed> {
    let session = Session { width: AsnWidth::Four, add_path: false };
    let begins = *cursor;
    match bgp::Message::find(cursor, session.into())? {
        bgp::Message::Notification(notification) => Ok(notification),
        _ => Err(begins.value_before(0, "message of a peer down", "a notification", 0)),
    }
}

/// In words, for the reason of a peer's state: `hold timer expired`.
impl fmt::Display for DownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(notification) => write!(f, "{notification}"),
            // Events 10 and 18 of RFC 4271, section 8.1: hold timer, connection failed.
            Self::LocalEvent(10) => f.write_str("hold timer expired"),
            Self::LocalEvent(18) => f.write_str("connection failed"),
            Self::LocalEvent(0) => f.write_str("closed by the router"),
            Self::LocalEvent(event) => write!(f, "closed by the router, event {event}"),
            Self::Remote(notification) => write!(f, "peer said: {notification}"),
            Self::RemoteSilent => f.write_str("connection closed by the peer"),
            Self::Unmonitored => f.write_str("not monitored any more"),
            Self::LocRib => f.write_str("table gone"),
            Self::Other(reason) => write!(f, "reason {reason}"),
        }
    }
}
