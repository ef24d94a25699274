//! Autonomous system numbers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The number of an autonomous system, two or four octets (RFC 6793).
///
/// Its text form is `AS131279`; on input `131279` and asdot (`2.207`, RFC 5396) are read too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Asn(pub u32);

/// A text that is no AS number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an AS number such as AS131279, found {found:?}")]
pub struct AsnError {
    /// What stood there.
    pub found: Box<str>,
}

impl fmt::Display for Asn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AS{}", self.0)
    }
}

impl FromStr for Asn {
    type Err = AsnError;
    fn from_str(text: &str) -> Result<Self, AsnError> {
        let error = || AsnError { found: text.into() };
        let trimmed = text.trim();
        let digits = match trimmed.get(..2) {
            Some(head) if head.eq_ignore_ascii_case("as") => trimmed.get(2..).unwrap_or_default(),
            _ => trimmed,
        };
        if digits.starts_with('+') {
            return Err(error());
        }
        if let Some((high, low)) = digits.split_once('.') {
            let high: u16 = high.parse().map_err(|_| error())?;
            let low: u16 = low.parse().map_err(|_| error())?;
            return Ok(Self(u32::from(high) << 16 | u32::from(low)));
        }
        digits.parse().map(Self).map_err(|_| error())
    }
}

impl Serialize for Asn {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Asn {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_text_forms_name_one_as() {
        for text in ["AS131279", "as131279", "131279", "2.207", " AS2.207 "] {
            assert_eq!(text.parse(), Ok(Asn(131_279)), "{text}");
        }
        assert_eq!(Asn(131_279).to_string(), "AS131279");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "AS", "AS-1", "+5", "4294967296", "1.70000", "ASx", "é"] {
            assert!(text.parse::<Asn>().is_err(), "{text}");
        }
    }
}
