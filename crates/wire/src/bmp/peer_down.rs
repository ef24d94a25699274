//! Peer Down (RFC 7854, section 4.9; RFC 9069, section 5.3): a session ended, and why.

use std::fmt;

use super::PeerHeader;
use crate::bgp::{
    AddPath, AsnWidth, Context, Message as BgpMessage, Notification, Session, Source,
};
use crate::cursor::Cursor;
use crate::{Cost, Fault, Malformed};

/// A session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerDown {
    /// Whose.
    pub peer: PeerHeader,
    /// Why.
    pub reason: DownReason,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DownReason {
    /// The router ended it and said so to the peer.
    LocalNotification(Notification),
    /// The router ended it without a word: the event of its state machine (RFC 4271, section 8.1), 0
    /// where none is known.
    LocalEvent(u16),
    /// The peer ended it and said so.
    RemoteNotification(Notification),
    /// The peer, or something between, ended it without a word.
    RemoteSilent,
    /// The router will tell no more of this peer, whose session may go on.
    NotMonitored,
    /// The router's own table is told no more.
    LocalSystemClosed,
    /// Anything else, by its number.
    Other(u8),
}

impl PeerDown {
    pub(super) fn read(peer: PeerHeader, mut body: Cursor<'_>) -> Result<Self, Fault> {
        let code = body.u8("reason of Peer Down").map_err(|what| what.costs(Cost::Record))?;
        let reason = match code {
            1 => DownReason::LocalNotification(notification(&mut body)?),
            2 => {
                let event = body.u16("event of the state machine");
                DownReason::LocalEvent(event.map_err(|what| what.costs(Cost::Record))?)
            }
            3 => DownReason::RemoteNotification(notification(&mut body)?),
            4 => DownReason::RemoteSilent,
            5 => DownReason::NotMonitored,
            6 => DownReason::LocalSystemClosed,
            other => DownReason::Other(other),
        };
        Ok(Self { peer, reason })
    }
}

fn notification(body: &mut Cursor<'_>) -> Result<Notification, Fault> {
    let offset = body.offset();
    let session = Session { width: AsnWidth::Four, add_path: AddPath::NONE };
    let message = BgpMessage::read(body, Context { session, source: Source::Update })?;
    if let BgpMessage::Notification(notification) = message {
        return Ok(notification);
    }
    let field = "type of a BGP message";
    let offset = offset.saturating_add(18);
    let expected = "3, a NOTIFICATION";
    Err(Malformed::Value { offset, field, expected, found: message.kind().into() }
        .costs(Cost::Record))
}

/// In words, for the reason of a peer's state.
impl fmt::Display for DownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LocalNotification(notification) => notification.fmt(f),
            Self::RemoteNotification(notification) => {
                write!(f, "{notification}, said by the peer")
            }
            // RFC 4271, section 8.1: what ends sessions.
            Self::LocalEvent(2 | 8) => f.write_str("stopped by the router's operator"),
            Self::LocalEvent(10) => f.write_str("hold timer expired"),
            Self::LocalEvent(18) => f.write_str("connection failed"),
            Self::LocalEvent(0) => f.write_str("ended by the router"),
            Self::LocalEvent(event) => write!(f, "ended by the router, event {event}"),
            Self::RemoteSilent => f.write_str("connection closed"),
            Self::NotMonitored => f.write_str("no longer monitored"),
            Self::LocalSystemClosed => f.write_str("routing of the router ended"),
            Self::Other(code) => write!(f, "reason {code}"),
        }
    }
}
