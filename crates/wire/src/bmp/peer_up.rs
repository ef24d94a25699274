//! Peer Up (RFC 7854, section 4.10): a session stands, and what was agreed on when it began.

use crate::bgp::{AddPath, AsnWidth, Message as BgpMessage, Session};
use crate::cursor::Cursor;
use crate::{Cost, Fault, Malformed};

use super::{PeerHeader, View};
use crate::bgp::{Capabilities, Context, Source};

/// A session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerUp {
    /// Whose.
    pub peer: PeerHeader,
    /// What the router offered.
    pub sent: Capabilities,
    /// What the peer offered.
    pub received: Capabilities,
}

impl PeerUp {
    pub(super) fn read(peer: PeerHeader, mut body: Cursor<'_>) -> Result<Self, Fault> {
        // Local address; local and remote port.
        body.take(20, "local address and ports").map_err(|what| what.costs(Cost::Record))?;
        let sent = open(&mut body)?;
        // The router's own table has no peer that sends anything: both are its own (RFC 9069, section
        // 4.4), and some routers leave out the second.
        let received =
            if body.is_empty() && peer.view == View::LocRib { sent } else { open(&mut body)? };
        Ok(Self { peer, sent, received })
    }

    /// Of which families the updates about this peer have path identifiers.
    pub const fn add_path(&self) -> AddPath {
        match self.peer.view {
            View::AdjRibIn | View::AdjRibInPost => {
                AddPath::agreed(self.received.sends_paths, self.sent.receives_paths)
            }
            View::AdjRibOut | View::AdjRibOutPost => {
                AddPath::agreed(self.sent.sends_paths, self.received.receives_paths)
            }
            View::LocRib => AddPath::agreed(self.sent.sends_paths, self.received.receives_paths),
        }
    }
}

fn open(body: &mut Cursor<'_>) -> Result<Capabilities, Fault> {
    let offset = body.offset();
    let session = Session { width: AsnWidth::Four, add_path: AddPath::NONE };
    let message = BgpMessage::read(body, Context { session, source: Source::Update })?;
    let BgpMessage::Open(open) = message else {
        let field = "type of a BGP message";
        let offset = offset.saturating_add(18);
        let found = message.kind().into();
        let what = Malformed::Value { offset, field, expected: "1, an OPEN", found };
        return Err(what.costs(Cost::Record));
    };
    open.capabilities().map_err(|what| what.costs(Cost::Record))
}
