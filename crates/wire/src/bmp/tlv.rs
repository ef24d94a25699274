//! What begins and ends a connection: Initiation and Termination, lists of typed texts (RFC 7854,
//! sections 4.3 to 4.5).

use std::borrow::Cow;
use std::fmt;

use crate::Malformed;
use crate::cursor::Cursor;

/// Who speaks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Initiation<'a> {
    /// The router's name; empty where it does not tell one.
    pub name: Cow<'a, str>,
    /// What it is.
    pub description: Cow<'a, str>,
}

/// Why nothing more will be said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Termination<'a> {
    /// The reason, by its number.
    pub reason: Option<u16>,
    /// In words of the router.
    pub text: Cow<'a, str>,
}

/// Types of an Initiation.
const SYS_DESCR: u16 = 1;
const SYS_NAME: u16 = 2;
/// Types of a Termination.
const TEXT: u16 = 0;
const REASON: u16 = 1;

impl<'a> Initiation<'a> {
    pub(super) fn read(mut body: Cursor<'a>) -> Result<Self, Malformed> {
        let mut found = Self::default();
        while let Some((kind, value)) = next(&mut body)? {
            match kind {
                SYS_NAME => found.name = String::from_utf8_lossy(value.rest()),
                SYS_DESCR => found.description = String::from_utf8_lossy(value.rest()),
                _ => {}
            }
        }
        Ok(found)
    }
}

impl<'a> Termination<'a> {
    pub(super) fn read(mut body: Cursor<'a>) -> Result<Self, Malformed> {
        let mut found = Self::default();
        while let Some((kind, mut value)) = next(&mut body)? {
            match kind {
                TEXT => found.text = String::from_utf8_lossy(value.rest()),
                REASON => found.reason = Some(value.u16("reason of a Termination")?),
                _ => {}
            }
        }
        Ok(found)
    }
}

/// The next type and value; `None` at the end.
fn next<'a>(body: &mut Cursor<'a>) -> Result<Option<(u16, Cursor<'a>)>, Malformed> {
    if body.is_empty() {
        return Ok(None);
    }
    let kind = body.u16("type of an information")?;
    let length = body.u16("length of an information")?;
    Ok(Some((kind, body.split(length.into(), "information")?)))
}

/// The reason in words.
impl fmt::Display for Termination<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            Some(0) => f.write_str("closed by the router's operator"),
            Some(2) => f.write_str("router is out of resources"),
            Some(3) => f.write_str("redundant connection"),
            Some(4) => f.write_str("closed for good by the router's operator"),
            Some(1) | None => f.write_str("closed by the router"),
            Some(reason) => write!(f, "closed by the router, reason {reason}"),
        }
    }
}
