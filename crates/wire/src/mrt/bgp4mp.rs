//! BGP4MP and `BGP4MP_ET`: messages as a collector got them, and changes of sessions' states
//! (RFC 6396, sections 4.4 and 4.5; RFC 8050, section 3).
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |         Peer AS Number        |        Local AS Number        |   4 octets each with AS4
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |        Interface Index        |        Address Family         |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                      Peer IP Address (variable)               |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                      Local IP Address (variable)              |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |     Old State, New State (2 octets each) or a BGP Message
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use falter_model::{Asn, Family, Timestamp};

use super::record::{Record, Skipped};
use super::{Elem, ElemChange, ElemPeer};
use crate::bgp::{AddPath, Context, Message, Session, Source};
use crate::cursor::{AsnWidth, Cursor};
use crate::{Cost, Fault, Malformed};

/// A BGP message as a collector got it from a peer.
#[derive(Debug, Clone)]
pub struct MessageRecord<'a> {
    /// When the collector got it.
    pub at: Timestamp,
    /// The peer's AS.
    pub peer_asn: Asn,
    /// The peer's address.
    pub peer_address: IpAddr,
    /// Whether the collector itself sent it (RFC 6396's LOCAL subtypes): no word of the peer.
    pub is_local: bool,
    /// The message.
    pub message: Message<'a>,
    /// Where octets follow the message, which should end the record.
    pub(crate) after: Option<Malformed>,
}

/// A session of a collector changed its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateChange {
    /// When.
    pub at: Timestamp,
    /// The peer's AS.
    pub peer_asn: Asn,
    /// The peer's address; unspecified where an old Zebra left it out.
    pub peer_address: IpAddr,
    /// The state before.
    pub old: SessionState,
    /// The state now.
    pub new: SessionState,
}

/// The state of a session, by its number: 1 idle, 2 connect, 3 active, 4 open sent, 5 open confirm,
/// 6 established (RFC 4271, section 8.2.2); Quagga adds 7 clearing, 8 deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionState(pub u16);

impl SessionState {
    /// Idle: no session, and none is sought.
    pub const IDLE: Self = Self(1);
    /// Established: routes are exchanged.
    pub const ESTABLISHED: Self = Self(6);

    /// Whether routes are exchanged.
    pub const fn is_established(self) -> bool {
        self.0 == Self::ESTABLISHED.0
    }
}

impl fmt::Display for SessionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            1 => "idle",
            2 => "connect",
            3 => "active",
            4 => "open sent",
            5 => "open confirm",
            6 => "established",
            7 => "clearing",
            8 => "deleted",
            number => return write!(f, "state {number}"),
        })
    }
}

/// What a subtype says.
#[derive(Clone, Copy)]
struct Form {
    width: AsnWidth,
    content: Content,
}

#[derive(Clone, Copy)]
enum Content {
    State,
    Message { is_local: bool, add_path: bool },
}

/// `None` for `BGP4MP_ENTRY` and `BGP4MP_SNAPSHOT`, which RFC 6396 deprecates and no peer reads, and for
/// subtypes that are not assigned.
const fn form(subtype: u16) -> Option<Form> {
    let (width, content) = match subtype {
        0 => (AsnWidth::Two, Content::State),
        5 => (AsnWidth::Four, Content::State),
        1 => (AsnWidth::Two, Content::Message { is_local: false, add_path: false }),
        4 => (AsnWidth::Four, Content::Message { is_local: false, add_path: false }),
        6 => (AsnWidth::Two, Content::Message { is_local: true, add_path: false }),
        7 => (AsnWidth::Four, Content::Message { is_local: true, add_path: false }),
        8 => (AsnWidth::Two, Content::Message { is_local: false, add_path: true }),
        9 => (AsnWidth::Four, Content::Message { is_local: false, add_path: true }),
        10 => (AsnWidth::Two, Content::Message { is_local: true, add_path: true }),
        11 => (AsnWidth::Four, Content::Message { is_local: true, add_path: true }),
        _ => return None,
    };
    Some(Form { width, content })
}

/// Reads the body after the microseconds.
#[inline]
pub(super) fn read(at: Timestamp, subtype: u16, mut body: Cursor<'_>) -> Result<Record<'_>, Fault> {
    let Some(Form { width, content }) = form(subtype) else {
        return Ok(Record::Skipped(Skipped::Subtype));
    };
    match content {
        Content::State => {
            state(at, width, &mut body).map(Record::State).map_err(|what| what.costs(Cost::Record))
        }
        Content::Message { is_local, add_path } => {
            let session = Session { width, add_path: AddPath::of_all(add_path) };
            let context = Context { session, source: Source::Update };
            message(at, is_local, context, &mut body).map(Record::Message)
        }
    }
}

fn state(at: Timestamp, width: AsnWidth, body: &mut Cursor<'_>) -> Result<StateChange, Malformed> {
    // Old Zebras wrote nothing but AS numbers and states.
    let is_short = body.remaining() == 8 && width == AsnWidth::Two;
    let (peer_asn, peer_address) = if is_short {
        let peer_asn = body.asn(width, "peer AS")?;
        body.asn(width, "local AS")?;
        (peer_asn, Ipv4Addr::UNSPECIFIED.into())
    } else {
        session(width, body)?
    };
    let old = SessionState(body.u16("old state")?);
    let new = SessionState(body.u16("new state")?);
    Ok(StateChange { at, peer_asn, peer_address, old, new })
}

#[inline]
fn message<'a>(
    at: Timestamp,
    is_local: bool,
    context: Context,
    body: &mut Cursor<'a>,
) -> Result<MessageRecord<'a>, Fault> {
    let session = session_of_message(context.session.width, body);
    let (peer_asn, peer_address) = session.map_err(|what| what.costs(Cost::Record))?;
    let message = Message::read(body, context)?;
    let after = (!body.is_empty()).then(|| {
        let found = u64::try_from(body.remaining()).unwrap_or(u64::MAX);
        body.value_before(0, "octets after the BGP message", "none", found)
    });
    Ok(MessageRecord { at, peer_asn, peer_address, is_local, message, after })
}

/// As [`session`]; old Zebras left out all but the AS numbers before an OPEN, so that the marker
/// follows at once.
fn session_of_message(width: AsnWidth, body: &mut Cursor<'_>) -> Result<(Asn, IpAddr), Malformed> {
    let mut short = *body;
    if width == AsnWidth::Two
        && let Ok(peer_asn) = short.asn(width, "peer AS")
        && short.asn(width, "local AS").is_ok()
        && short.rest().first_chunk() == Some(&[0xFF; 16])
    {
        *body = short;
        return Ok((peer_asn, Ipv4Addr::UNSPECIFIED.into()));
    }
    session(width, body)
}

/// The peer's AS and address; our own and the interface are of no use.
#[inline]
fn session(width: AsnWidth, body: &mut Cursor<'_>) -> Result<(Asn, IpAddr), Malformed> {
    let peer_asn = body.asn(width, "peer AS")?;
    body.asn(width, "local AS")?;
    body.u16("interface index")?;
    let family = match body.u16("address family")? {
        1 => Family::V4,
        2 => Family::V6,
        found => {
            return Err(body.value_before(2, "address family", "1 or 2", found.into()));
        }
    };
    let peer_address = body.address(family, "peer address")?;
    body.address(family, "local address")?;
    Ok((peer_asn, peer_address))
}

impl MessageRecord<'_> {
    /// Tells the elems of an update, and every fault where it occurs.
    #[inline]
    pub fn visit(&self, mut tell: impl FnMut(Result<Elem<'_>, Fault>)) {
        if let Message::Update(update) = &self.message {
            let peer = ElemPeer { asn: self.peer_asn, address: self.peer_address, number: None };
            update.visit(|route| {
                tell(route.map(|route| Elem {
                    at: self.at,
                    peer,
                    prefix: route.prefix,
                    path_id: route.path_id,
                    change: route.attributes.map_or(ElemChange::Withdrawn, ElemChange::Announced),
                }));
            });
        }
        if let Some(what) = self.after {
            tell(Err(what.costs(Cost::Rest)));
        }
    }
}
