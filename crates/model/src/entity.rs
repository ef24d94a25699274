//! Entities: anything that a series is about.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Asn, Prefix, Text};

/// Anything that a series is about. Its text form is `kind/code`, as in `network/kp`, `country/UG`,
/// `asn/AS20294`, `prefix/175.45.176.0/24`, `site/www.example.kp`.
///
/// Sorted by kind from the whole to the part, then by code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// What a profile describes, by the profile's name.
    Network(Text),
    /// A country.
    Country(CountryCode),
    /// A part of a country, as its source names it.
    Region(Text),
    /// An autonomous system.
    Asn(Asn),
    /// A routed prefix.
    Prefix(Prefix),
    /// A /24 or /48.
    Block(Prefix),
    /// One address.
    Address(IpAddr),
    /// A name server.
    Server(Text),
    /// A DNS zone.
    Zone(Text),
    /// A web site, by its host name.
    Site(Text),
    /// A transit AS of the network.
    Transit(Asn),
}

/// Two upper-case letters of ISO 3166-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

/// A text that is no country code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a country code of two letters such as UG, found {found:?}")]
pub struct CountryCodeError {
    /// What stood there.
    pub found: Box<str>,
}

/// A text that is no entity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntityError {
    /// No kind before a slash, or one that is not known.
    #[error(
        "expected network/, country/, region/, asn/, prefix/, block/, address/, server/, zone/, \
         site/ or transit/ and a code, found {found:?}"
    )]
    Kind {
        /// What stood there.
        found: Box<str>,
    },
    /// A kind that is known with a code that is not one of its own.
    #[error("expected a code for {kind}/, found {found:?}")]
    Code {
        /// The kind.
        kind: &'static str,
        /// What stood behind it.
        found: Box<str>,
    },
}

impl Entity {
    /// `network`, `country`, ...
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Network(_) => "network",
            Self::Country(_) => "country",
            Self::Region(_) => "region",
            Self::Asn(_) => "asn",
            Self::Prefix(_) => "prefix",
            Self::Block(_) => "block",
            Self::Address(_) => "address",
            Self::Server(_) => "server",
            Self::Zone(_) => "zone",
            Self::Site(_) => "site",
            Self::Transit(_) => "transit",
        }
    }

    /// True for a network or a country: the entities that others are parts of.
    pub const fn is_top(&self) -> bool {
        matches!(self, Self::Network(_) | Self::Country(_))
    }

    /// Lower-case letters, digits and dashes: the head of an outage's id. Networks go by their name
    /// alone.
    pub fn slug(&self) -> String {
        let text = match self {
            Self::Network(name) => name.to_string(),
            other => other.to_string(),
        };
        let mut slug = String::with_capacity(text.len());
        for c in text.chars() {
            if c.is_alphanumeric() {
                slug.extend(c.to_lowercase());
            } else if !slug.ends_with('-') {
                slug.push('-');
            }
        }
        slug.trim_matches('-').to_owned()
    }
}

impl CountryCode {
    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl FromStr for CountryCode {
    type Err = CountryCodeError;
    fn from_str(text: &str) -> Result<Self, CountryCodeError> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => Err(CountryCodeError { found: text.into() }),
        }
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.kind())?;
        match self {
            Self::Network(text)
            | Self::Region(text)
            | Self::Server(text)
            | Self::Zone(text)
            | Self::Site(text) => f.write_str(text),
            Self::Country(code) => fmt::Display::fmt(code, f),
            Self::Asn(asn) | Self::Transit(asn) => fmt::Display::fmt(asn, f),
            Self::Prefix(prefix) | Self::Block(prefix) => fmt::Display::fmt(prefix, f),
            Self::Address(address) => fmt::Display::fmt(address, f),
        }
    }
}

impl FromStr for Entity {
    type Err = EntityError;
    fn from_str(text: &str) -> Result<Self, EntityError> {
        let kind_error = || EntityError::Kind { found: text.into() };
        let (kind, code) = text.trim().split_once('/').ok_or_else(kind_error)?;
        let bad = |kind| EntityError::Code { kind, found: code.into() };
        let named = |kind, make: fn(Text) -> Self| {
            if code.is_empty() { Err(bad(kind)) } else { Ok(make(code.into())) }
        };
        match kind {
            "network" => named("network", Self::Network),
            "country" => code.parse().map(Self::Country).map_err(|_| bad("country")),
            "region" => named("region", Self::Region),
            "asn" => code.parse().map(Self::Asn).map_err(|_| bad("asn")),
            "prefix" => code.parse().map(Self::Prefix).map_err(|_| bad("prefix")),
            "block" => code
                .parse::<Prefix>()
                .ok()
                .filter(|block| block.length() == block.family().block_length())
                .map(Self::Block)
                .ok_or_else(|| bad("block")),
            "address" => code.parse().map(Self::Address).map_err(|_| bad("address")),
            "server" => named("server", Self::Server),
            "zone" => named("zone", Self::Zone),
            "site" => named("site", Self::Site),
            "transit" => code.parse().map(Self::Transit).map_err(|_| bad("transit")),
            _ => Err(kind_error()),
        }
    }
}

impl Serialize for Entity {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Entity {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_its_text_form() {
        for text in [
            "network/kp",
            "country/UG",
            "region/free text/with a slash",
            "asn/AS20294",
            "prefix/175.45.176.0/24",
            "block/175.45.176.0/24",
            "block/2001:db8::/48",
            "address/175.45.176.9",
            "server/ns1.kptc.kp",
            "zone/kp",
            "site/www.example.kp",
            "transit/AS4837",
        ] {
            assert_eq!(text.parse::<Entity>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_block_is_a_24_or_a_48() {
        assert!("block/10.0.0.0/23".parse::<Entity>().is_err());
        assert!("block/2001:db8::/64".parse::<Entity>().is_err());
    }

    #[test]
    fn slugs_are_short_and_plain() {
        let slug = |text: &str| text.parse::<Entity>().unwrap().slug();
        assert_eq!(slug("network/ug"), "ug");
        assert_eq!(slug("asn/AS20294"), "asn-as20294");
        assert_eq!(slug("prefix/175.45.176.0/24"), "prefix-175-45-176-0-24");
        assert_eq!(slug("region/Río Negro"), "region-río-negro");
    }
}
