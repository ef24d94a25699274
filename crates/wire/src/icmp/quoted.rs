//! The packet that an ICMP error quotes: its header and at least eight octets (RFC 792), mostly more
//! (RFC 1812, section 4.3.2.3).

use std::net::IpAddr;

use falter_model::Family;

use crate::Malformed;
use crate::cursor::Cursor;

/// The quoted packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quoted<'a> {
    /// Where it was sent to.
    pub destination: IpAddr,
    /// The protocol that it carries: 1 and 58 are ICMP, 6 TCP, 17 UDP.
    pub protocol: u8,
    /// What follows its header, as far as it is quoted.
    pub payload: &'a [u8],
}

impl<'a> Quoted<'a> {
    pub(crate) fn read(family: Family, cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        let (destination, protocol) = match family {
            Family::V4 => {
                let words = cursor.u8("quoted header")? & 0x0F;
                cursor.take(8, "quoted header")?;
                let protocol = cursor.u8("quoted protocol")?;
                // Checksum (2), source (4).
                cursor.take(6, "quoted header")?;
                let destination = cursor.address(family, "quoted destination")?;
                let options = usize::from(words).saturating_mul(4).saturating_sub(20);
                cursor.take(options, "quoted options")?;
                (destination, protocol)
            }
            Family::V6 => {
                // Version, class and flow label (4), length (2).
                cursor.take(6, "quoted header")?;
                let protocol = cursor.u8("quoted next header")?;
                // Hop limit (1), source (16).
                cursor.take(17, "quoted header")?;
                (cursor.address(family, "quoted destination")?, protocol)
            }
        };
        Ok(Self { destination, protocol, payload: cursor.rest() })
    }

    /// Identifier and sequence number, where it was an echo request.
    pub fn echo(&self) -> Option<(u16, u16)> {
        let header: &[u8; 8] = self.payload.first_chunk()?;
        let [kind, _, _, _, id_high, id_low, high, low] = *header;
        let is_echo = matches!((self.protocol, kind), (1, 8) | (58, 128));
        is_echo.then(|| (u16::from_be_bytes([id_high, id_low]), u16::from_be_bytes([high, low])))
    }
}
