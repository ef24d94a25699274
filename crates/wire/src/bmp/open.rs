//! What two OPEN messages agreed on (RFC 4271, section 4.2; capabilities of RFC 5492).

use crate::Malformed;
use crate::cursor::Cursor;

/// Marker, length and type of a BGP message.
const HEADER: usize = 19;
/// The kind of optional parameter that holds capabilities.
const CAPABILITIES: u8 = 2;
/// The capability to send or take several paths to a prefix (RFC 7911, section 4).
const ADD_PATH: u8 = 69;
/// Of its values, the bit of who takes them; the other is of who sends them.
const TAKES: u8 = 1;
/// See [`TAKES`].
const SENDS: u8 = 2;

/// Whether the peer sends several paths: it says that it does, and the router that it takes them. Reads
/// the OPEN that the router sent, then the one that it got.
pub(super) fn agree_on_paths(cursor: &mut Cursor<'_>) -> Result<bool, Malformed> {
    let sent = paths(cursor)?;
    let received = paths(cursor)?;
    Ok(sent & TAKES != 0 && received & SENDS != 0)
}

/// What an OPEN says of several paths, of any family of addresses.
fn paths(cursor: &mut Cursor<'_>) -> Result<u8, Malformed> {
    cursor.take(16, "marker of an OPEN")?;
    let length = cursor.u16("length of an OPEN")?;
    let kind = cursor.u8("type of an OPEN")?;
    let body = usize::from(length).checked_sub(HEADER).filter(|_| kind == 1);
    let Some(body) = body else {
        return Err(cursor.value_before(1, "message of a peer up", "an OPEN", kind.into()));
    };
    let mut body = cursor.split(body, "OPEN")?;
    // Version (1), AS (2), hold time (2), BGP id (4).
    body.take(9, "OPEN")?;
    let length = body.u8("length of optional parameters")?;
    let mut parameters = if length == u8::MAX && body.rest().first() == Some(&u8::MAX) {
        // Longer than 255 octets (RFC 9072): each parameter's length has two octets.
        body.u8("type of long parameters")?;
        let length = body.u16("length of long parameters")?;
        let mut long = body.split(length.into(), "optional parameters")?;
        return read(&mut long, |cursor| cursor.u16("length of a parameter").map(usize::from));
    } else {
        body.split(length.into(), "optional parameters")?
    };
    read(&mut parameters, |cursor| cursor.u8("length of a parameter").map(usize::from))
}

fn read(
    parameters: &mut Cursor<'_>,
    length: impl Fn(&mut Cursor<'_>) -> Result<usize, Malformed>,
) -> Result<u8, Malformed> {
    let mut said = 0;
    while !parameters.is_empty() {
        let kind = parameters.u8("type of a parameter")?;
        let octets = length(parameters)?;
        let mut parameter = parameters.split(octets, "parameter")?;
        while kind == CAPABILITIES && !parameter.is_empty() {
            let code = parameter.u8("code of a capability")?;
            let length = parameter.u8("length of a capability")?;
            let value = parameter.take(length.into(), "capability")?;
            if code == ADD_PATH {
                // Family (2), subsequent family (1), what (1).
                said |= value.chunks_exact(4).filter_map(|one| one.last()).fold(0, |a, b| a | b);
            }
        }
    }
    Ok(said)
}
