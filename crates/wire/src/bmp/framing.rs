//! Finding the messages in a stream, of which a reader holds a window.
//!
//! ```text
//! +-+-+-+-+-+-+-+-+
//! |    Version    |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                        Message Length                         |
//! +---------------+-----------------------------------------------+
//! |   Msg. Type   |
//! +---------------+
//! ```

use crate::cursor::Cursor;
use crate::{Cost, Fault};

/// Octets of the common header (RFC 7854, section 4.1).
pub const HEADER_OCTETS: usize = 6;

/// Octets that a message can have at most: what a reader must be able to hold.
///
/// The longest is a Peer Up with two OPENs, which RFC 8654 keeps at 4,096 octets each, and some text; a
/// Route Monitoring holds one update of at most 65,535. A statistics report or a mirrored message may be
/// somewhat longer.
pub const LONGEST_MESSAGE: u32 = 256 << 10;

/// What stands at the start of a window.
#[derive(Debug, Clone, Copy)]
pub enum Framed<'a> {
    /// A whole message.
    Message(RawMessage<'a>),
    /// Not yet a whole message.
    NeedMore {
        /// Octets that the window needs for the next step, at least.
        octets: usize,
    },
}

/// A message that was found, but not yet read.
#[derive(Debug, Clone, Copy)]
pub struct RawMessage<'a> {
    /// Its type.
    pub kind: u8,
    /// The octets after the common header.
    pub body: &'a [u8],
}

impl RawMessage<'_> {
    /// Octets of header and body: where the next message begins.
    pub const fn octets(&self) -> usize {
        HEADER_OCTETS.saturating_add(self.body.len())
    }
}

/// The message that a window begins with.
///
/// An error means that no message begins here: nothing in a stream tells where the next one does, so
/// the connection is of no use any more.
pub fn frame(window: &[u8]) -> Result<Framed<'_>, Fault> {
    let Some((header, rest)) = window.split_first_chunk::<HEADER_OCTETS>() else {
        check_version(window)?;
        return Ok(Framed::NeedMore { octets: HEADER_OCTETS });
    };
    check_version(header)?;
    let [_, length @ .., kind] = *header;
    let length = u32::from_be_bytes(length);
    let body = usize::try_from(length).ok().and_then(|length| length.checked_sub(HEADER_OCTETS));
    let Some(octets) = body.filter(|_| length <= LONGEST_MESSAGE) else {
        let cursor = Cursor::new(&[], 5);
        let expected = "at least 6, no more than such a message can have";
        let what = cursor.value_before(4, "length of a BMP message", expected, length.into());
        return Err(what.costs(Cost::Framing));
    };
    match rest.get(..octets) {
        Some(body) => Ok(Framed::Message(RawMessage { kind, body })),
        None => Ok(Framed::NeedMore { octets: HEADER_OCTETS.saturating_add(octets) }),
    }
}

fn check_version(window: &[u8]) -> Result<(), Fault> {
    match window.first() {
        None | Some(3) => Ok(()),
        Some(found) => {
            let cursor = Cursor::new(&[], 1);
            let what = cursor.value_before(1, "version of BMP", "3", (*found).into());
            Err(what.costs(Cost::Framing))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_may_arrive_in_pieces() {
        let octets = [3, 0, 0, 0, 8, 4, 1, 2, 3];
        for end in 0..8 {
            let Ok(Framed::NeedMore { octets }) = frame(&octets[..end]) else { panic!("{end}") };
            assert_eq!(octets, if end < 6 { 6 } else { 8 });
        }
        let Ok(Framed::Message(raw)) = frame(&octets) else { panic!("no message") };
        assert_eq!((raw.kind, raw.body, raw.octets()), (4, &[1, 2][..], 8));
    }

    #[test]
    fn what_is_no_message_is_told_at_once() {
        for (octets, told) in [
            (&b"GET / HTTP"[..], "version of BMP at octet 0: expected 3, found 71"),
            (&[2], "version of BMP at octet 0: expected 3, found 2"),
            (&[3, 0, 0, 0, 5, 0], "length of a BMP message at octet 1"),
            (&[3, 255, 255, 255, 255, 0], "length of a BMP message at octet 1"),
        ] {
            let fault = frame(octets).unwrap_err();
            assert_eq!(fault.cost, Cost::Framing);
            assert!(fault.what.to_string().starts_with(told), "{}", fault.what);
        }
    }
}
