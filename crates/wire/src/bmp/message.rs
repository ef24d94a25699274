//! What a message says.

use super::{HEADER_OCTETS, Initiation, PeerDown, PeerHeader, PeerUp, RawMessage, Termination};
use crate::bgp::{AddPath, Context, Message as BgpMessage, Session, Source};
use crate::cursor::Cursor;
use crate::{Cost, Fault, Malformed};

/// A message, as far as falter needs it.
#[derive(Debug, Clone)]
pub enum Message<'a> {
    /// A peer told routes.
    RouteMonitoring(RouteMonitoring<'a>),
    /// Counters of a peer: passed over.
    Statistics(PeerHeader),
    /// A session ended.
    PeerDown(PeerDown),
    /// A session stands.
    PeerUp(PeerUp),
    /// Who speaks.
    Initiation(Initiation<'a>),
    /// Nothing more will be said.
    Termination(Termination<'a>),
    /// Messages as they were received, bad ones too: passed over.
    Mirroring(PeerHeader),
    /// Anything else, by its type.
    Other(u8),
}

/// A BGP message of a peer, not yet read: how depends on what its Peer Up agreed on.
#[derive(Debug, Clone, Copy)]
pub struct RouteMonitoring<'a> {
    /// Whose.
    pub peer: PeerHeader,
    message: Cursor<'a>,
}

impl<'a> RawMessage<'a> {
    /// Reads the message.
    pub fn decode(&self) -> Result<Message<'a>, Fault> {
        let record = |what: Malformed| what.costs(Cost::Record);
        let mut body = Cursor::new(self.body, HEADER_OCTETS);
        match self.kind {
            4 => return Initiation::read(body).map(Message::Initiation).map_err(record),
            5 => return Termination::read(body).map(Message::Termination).map_err(record),
            0..=3 | 6 => {}
            other => return Ok(Message::Other(other)),
        }
        let peer = PeerHeader::read(&mut body).map_err(record)?;
        Ok(match self.kind {
            0 => Message::RouteMonitoring(RouteMonitoring { peer, message: body }),
            1 => Message::Statistics(peer),
            2 => Message::PeerDown(PeerDown::read(peer, body)?),
            3 => Message::PeerUp(PeerUp::read(peer, body)?),
            _ => Message::Mirroring(peer),
        })
    }
}

impl<'a> RouteMonitoring<'a> {
    /// The message, read as the peer's OPENs agreed: see [`PeerUp::add_path`].
    pub fn message(&self, add_path: AddPath) -> Result<BgpMessage<'a>, Fault> {
        let session = Session { width: self.peer.width, add_path };
        let mut message = self.message;
        BgpMessage::read(&mut message, Context { session, source: Source::Update })
    }

    /// Whether it is an update of which every route can be read so.
    pub fn fits(&self, add_path: AddPath) -> bool {
        let Ok(BgpMessage::Update(update)) = self.message(add_path) else { return false };
        let mut fits = true;
        update.visit(|route| fits &= route.is_ok());
        fits
    }
}
