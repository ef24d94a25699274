//! The header of UDP (RFC 768), as far as eight quoted octets show it.

use crate::Malformed;
use crate::cursor::Cursor;

/// A datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// The sender's port.
    pub from_port: u16,
    /// The receiver's port.
    pub to_port: u16,
    /// What follows the header.
    pub payload: &'a [u8],
}

impl<'a> Datagram<'a> {
    /// Reads a datagram, whole or cut after its header.
    pub fn decode(octets: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(octets, 0);
        let from_port = cursor.u16("UDP source port")?;
        let to_port = cursor.u16("UDP destination port")?;
        cursor.u32("UDP length and checksum")?;
        Ok(Self { from_port, to_port, payload: cursor.rest() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_payload_are_read() {
        let octets = [0xC0, 1, 0, 53, 0, 9, 0, 0, 42];
        let read = Datagram { from_port: 0xC001, to_port: 53, payload: &[42] };
        assert_eq!(Datagram::decode(&octets), Ok(read));
        for end in 0..8 {
            assert!(Datagram::decode(&octets[..end]).is_err());
        }
    }
}
