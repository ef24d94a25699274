//! The OPEN message (RFC 4271, section 4.2), as far as it decides how updates are read: the
//! capabilities in it (RFC 5492), among optional parameters of either length (RFC 9072).

use falter_model::{Asn, Family};

use super::{AddPath, unicast};
use crate::Malformed;
use crate::cursor::Cursor;

/// An OPEN whose parts are not yet read.
#[derive(Debug, Clone, Copy)]
pub struct Open<'a> {
    body: Cursor<'a>,
}

/// What a speaker offers when a session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// Its AS.
    pub asn: Asn,
    /// Knows AS numbers of four octets (RFC 6793).
    pub four_octets: bool,
    /// Would receive path identifiers (RFC 7911).
    pub receives_paths: AddPath,
    /// Would send path identifiers.
    pub sends_paths: AddPath,
}

/// The type of the optional parameter that holds capabilities, RFC 5492.
const CAPABILITIES: u8 = 2;
/// What stands for type and length of the parameters where those have two octets of length, RFC 9072.
const EXTENDED: u8 = 255;
/// Codes of capabilities.
const FOUR_OCTETS: u8 = 65;
const ADD_PATH: u8 = 69;

impl<'a> Open<'a> {
    pub(crate) const fn new(body: Cursor<'a>) -> Self {
        Self { body }
    }

    /// Reads the capabilities. Parameters and capabilities that falter does not need are passed over.
    pub fn capabilities(&self) -> Result<Capabilities, Malformed> {
        let mut body = self.body;
        body.u8("version of an OPEN")?;
        let asn = Asn(body.u16("AS of an OPEN")?.into());
        // Hold time, identifier.
        body.take(6, "OPEN message")?;
        let mut length = usize::from(body.u8("length of optional parameters")?);
        let mut is_extended = false;
        if body.rest().first() == Some(&EXTENDED) && length > 0 {
            body.u8("type of extended parameters")?;
            length = body.u16("extended length of optional parameters")?.into();
            is_extended = true;
        }
        let mut parameters = body.split(length, "optional parameters")?;
        let mut found = Capabilities { asn, ..Capabilities::default() };
        while !parameters.is_empty() {
            let kind = parameters.u8("type of an optional parameter")?;
            let length = if is_extended {
                parameters.u16("length of an optional parameter")?.into()
            } else {
                parameters.u8("length of an optional parameter")?.into()
            };
            let parameter = parameters.split(length, "optional parameter")?;
            if kind == CAPABILITIES {
                found.read(parameter)?;
            }
        }
        Ok(found)
    }
}

impl Capabilities {
    fn read(&mut self, mut list: Cursor<'_>) -> Result<(), Malformed> {
        while !list.is_empty() {
            let code = list.u8("code of a capability")?;
            let length = list.u8("length of a capability")?;
            let mut value = list.split(length.into(), "capability")?;
            match code {
                FOUR_OCTETS => {
                    self.four_octets = true;
                    // One of another length says nothing: the AS of the message counts.
                    self.asn = value.u32("AS of four octets").map_or(self.asn, Asn);
                }
                ADD_PATH => self.paths(&mut value)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// RFC 7911, section 4: a family, and 1 for receive, 2 for send, 3 for both.
    fn paths(&mut self, value: &mut Cursor<'_>) -> Result<(), Malformed> {
        while !value.is_empty() {
            let afi = value.u16("address family of ADD-PATH")?;
            let safi = value.u8("subsequent address family of ADD-PATH")?;
            let direction = value.u8("direction of ADD-PATH")?;
            let (receives, sends) = match unicast(afi, safi) {
                Some(Family::V4) => (&mut self.receives_paths.v4, &mut self.sends_paths.v4),
                Some(Family::V6) => (&mut self.receives_paths.v6, &mut self.sends_paths.v6),
                None => continue,
            };
            // Other values are to be ignored.
            *receives |= matches!(direction, 1 | 3);
            *sends |= matches!(direction, 2 | 3);
        }
        Ok(())
    }
}

impl AddPath {
    /// Of which families identifiers are sent where one offers to send and the other to receive.
    pub(crate) const fn agreed(sends: Self, receives: Self) -> Self {
        Self { v4: sends.v4 && receives.v4, v6: sends.v6 && receives.v6 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An OPEN of AS 64500 with these optional parameters, length included.
    fn capabilities(parameters: &[u8]) -> Result<Capabilities, Malformed> {
        let head = [4, 0xFB, 0xF4, 0, 180, 192, 0, 2, 1];
        let body = [&head[..], parameters].concat();
        Open::new(Cursor::new(&body, 0)).capabilities()
    }

    #[test]
    fn capabilities_are_found_among_others() {
        let add_path = [69, 8, 0, 1, 1, 3, 0, 2, 1, 1];
        let list = [&[1, 4, 0, 1, 0, 1, 65, 4, 0, 0, 0xFB, 0xF4][..], &add_path].concat();
        let length = u8::try_from(list.len()).unwrap();
        let expected = Capabilities {
            asn: Asn(64500),
            four_octets: true,
            receives_paths: AddPath::of_all(true),
            sends_paths: AddPath { v4: true, v6: false },
        };
        let short = [&[length + 2, 2, length][..], &list].concat();
        assert_eq!(capabilities(&short), Ok(expected));
        let long = [&[255, 255, 0, length + 3, 2, 0, length][..], &list].concat();
        assert_eq!(capabilities(&long), Ok(expected));
        let bare = Capabilities { asn: Asn(64500), ..Capabilities::default() };
        assert_eq!(capabilities(&[0]), Ok(bare));
        let asn = capabilities(&[8, 2, 6, 65, 4, 0, 2, 0, 207]).unwrap().asn;
        assert_eq!(asn, Asn(131_279));
    }

    #[test]
    fn what_is_cut_off_is_told() {
        let fault = capabilities(&[4, 2, 2, 65, 4]).unwrap_err();
        assert_eq!(fault.to_string(), "capability at octet 14: expected 4 octets, found 0");
        assert!(capabilities(&[9, 2]).is_err());
    }
}
