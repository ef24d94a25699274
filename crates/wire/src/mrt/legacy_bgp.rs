//! The deprecated type 5, BGP as `MRTd` wrote it (RFC 6396, appendix B.2.1): no BGP header, IPv4 and
//! two-octet AS numbers only.

use falter_model::{Family, Timestamp};

use super::bgp4mp::{MessageRecord, SessionState, StateChange};
use super::record::{Record, Skipped};
use crate::bgp::{AddPath, Context, Message, Session, Source, Update};
use crate::cursor::{AsnWidth, Cursor};
use crate::{Cost, Fault, Malformed};

const UPDATE: u16 = 1;
const STATE_CHANGE: u16 = 3;

/// Reads the body.
pub(super) fn read(at: Timestamp, subtype: u16, mut body: Cursor<'_>) -> Result<Record<'_>, Fault> {
    let read = match subtype {
        UPDATE => update(at, &mut body).map(Record::Message),
        STATE_CHANGE => state(at, &mut body).map(Record::State),
        _ => return Ok(Record::Skipped(Skipped::Subtype)),
    };
    read.map_err(|what| what.costs(Cost::Record))
}

fn update<'a>(at: Timestamp, body: &mut Cursor<'a>) -> Result<MessageRecord<'a>, Malformed> {
    let peer_asn = body.asn(AsnWidth::Two, "peer AS")?;
    let peer_address = body.address(Family::V4, "peer address")?;
    body.asn(AsnWidth::Two, "local AS")?;
    body.address(Family::V4, "local address")?;
    let session = Session { width: AsnWidth::Two, add_path: AddPath::NONE };
    let context = Context { session, source: Source::Update };
    let message = Message::Update(Update::find(*body, context)?);
    Ok(MessageRecord { at, peer_asn, peer_address, is_local: false, message, after: None })
}

fn state(at: Timestamp, body: &mut Cursor<'_>) -> Result<StateChange, Malformed> {
    Ok(StateChange {
        at,
        peer_asn: body.asn(AsnWidth::Two, "peer AS")?,
        peer_address: body.address(Family::V4, "peer address")?,
        old: SessionState(body.u16("old state")?),
        new: SessionState(body.u16("new state")?),
    })
}
