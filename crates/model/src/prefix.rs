//! Address prefixes and blocks, packed so that millions of them fit and compare quickly.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// IPv4 or IPv6; the two are never added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// IPv4, with blocks of /24.
    V4,
    /// IPv6, with blocks of /48.
    V6,
}

/// An address prefix in canonical form: bits beyond its length are zero.
///
/// Sorted by family, then address, then length: a prefix comes before what it covers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    family: Family,
    // The address from the left: IPv4 fills the upper half of `high`.
    high: u64,
    low: u64,
    length: u8,
}

/// A prefix longer than its family allows, or a text that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrefixError {
    /// More bits than an address has.
    #[error("a {family:?} prefix has at most {longest} bits, found {length}")]
    TooLong {
        /// The family it was said to be of.
        family: Family,
        /// Bits an address of this family has.
        longest: u8,
        /// Bits that were asked for.
        length: u8,
    },
    /// Not `address/length`.
    #[error("expected a prefix such as 175.45.176.0/22, found {found:?}")]
    Text {
        /// What stood there.
        found: Box<str>,
    },
}

impl Family {
    /// Bits of an address: 32 or 128.
    pub const fn bits(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    /// Length of a block: /24 or /48.
    pub const fn block_length(self) -> u8 {
        match self {
            Self::V4 => 24,
            Self::V6 => 48,
        }
    }
}

impl Prefix {
    /// The prefix of `length` bits that `address` lies in; further bits are dropped.
    pub fn new(address: IpAddr, length: u8) -> Result<Self, PrefixError> {
        match address {
            IpAddr::V4(v4) => Self::v4(v4.to_bits(), length),
            IpAddr::V6(v6) => Self::v6(v6.to_bits(), length),
        }
    }

    /// An IPv4 prefix from an address in host order; further bits are dropped.
    pub const fn v4(address: u32, length: u8) -> Result<Self, PrefixError> {
        if length > 32 {
            return Err(PrefixError::TooLong { family: Family::V4, longest: 32, length });
        }
        let high = ((address as u64) << 32) & mask(length);
        Ok(Self { family: Family::V4, high, low: 0, length })
    }

    /// An IPv6 prefix from an address in host order; further bits are dropped.
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of 128 bits")]
    pub const fn v6(address: u128, length: u8) -> Result<Self, PrefixError> {
        if length > 128 {
            return Err(PrefixError::TooLong { family: Family::V6, longest: 128, length });
        }
        let (high, low) = ((address >> 64) as u64, address as u64);
        let (high, low) =
            if length <= 64 { (high & mask(length), 0) } else { (high, low & mask(length - 64)) };
        Ok(Self { family: Family::V6, high, low, length })
    }

    /// The one address as a prefix of full length.
    pub fn host(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => {
                Self { family: Family::V4, high: u64::from(v4.to_bits()) << 32, low: 0, length: 32 }
            }
            IpAddr::V6(v6) => {
                let octets = v6.octets();
                let (high, low) = octets.split_at(8);
                let word =
                    |half: &[u8]| half.iter().fold(0, |sum, octet| sum << 8 | u64::from(*octet));
                let (high, low) = (word(high), word(low));
                Self { family: Family::V6, high, low, length: 128 }
            }
        }
    }

    /// IPv4 or IPv6.
    pub const fn family(self) -> Family {
        self.family
    }

    /// The number of bits that are given.
    pub const fn length(self) -> u8 {
        self.length
    }

    /// The first address.
    pub fn address(self) -> IpAddr {
        match self.family {
            Family::V4 => {
                IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(self.high >> 32).unwrap_or_default()))
            }
            Family::V6 => {
                IpAddr::V6(Ipv6Addr::from_bits(u128::from(self.high) << 64 | u128::from(self.low)))
            }
        }
    }

    /// True where every address of `other` lies in this prefix; a prefix covers itself.
    pub const fn covers(self, other: Self) -> bool {
        if self.length > other.length
            || !matches!(
                (self.family, other.family),
                (Family::V4, Family::V4) | (Family::V6, Family::V6)
            )
        {
            return false;
        }
        if self.length <= 64 {
            (other.high & mask(self.length)) == self.high
        } else {
            other.high == self.high && (other.low & mask(self.length - 64)) == self.low
        }
    }

    /// True where one of the two covers the other.
    pub const fn overlaps(self, other: Self) -> bool {
        self.covers(other) || other.covers(self)
    }

    /// True where the address lies in the prefix.
    pub fn contains(self, address: IpAddr) -> bool {
        self.covers(Self::host(address))
    }

    /// The block (/24 or /48) that the prefix starts in; a longer prefix is widened.
    #[must_use]
    pub fn block(self) -> Self {
        self.truncated(self.family.block_length())
    }

    /// The first `length` bits of this prefix; the prefix itself where it is no longer than that.
    #[must_use]
    pub const fn truncated(self, length: u8) -> Self {
        if self.length <= length {
            return self;
        }
        let (high, low) = if length <= 64 {
            (self.high & mask(length), 0)
        } else {
            (self.high, self.low & mask(length - 64))
        };
        Self { family: self.family, high, low, length }
    }

    /// How many blocks it spans: at least 1; saturates for prefixes shorter than any in use.
    pub const fn block_count(self) -> u64 {
        let block = self.family.block_length();
        if self.length >= block { 1 } else { 1 << (block - self.length) }
    }

    /// The blocks it spans, in order; one, widened, where it is longer than a block.
    pub fn blocks(self) -> impl Iterator<Item = Self> {
        let length = self.family.block_length();
        let family = self.family;
        let first = self.block().high;
        (0..self.block_count()).map(move |n| Self {
            family,
            high: first.wrapping_add(n << (64 - length)),
            low: 0,
            length,
        })
    }

    /// The address bits, left-aligned: IPv4 in the upper 32 bits of the first word. With the length
    /// they make a compact key.
    pub const fn words(self) -> (u64, u64) {
        (self.high, self.low)
    }
}

/// The first `length` bits of 64 set.
const fn mask(length: u8) -> u64 {
    if length == 0 {
        0
    } else if length >= 64 {
        u64::MAX
    } else {
        u64::MAX << (64 - length)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address(), self.length)
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;
    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let error = || PrefixError::Text { found: text.into() };
        let (address, length) = text.trim().split_once('/').ok_or_else(error)?;
        let address: IpAddr = address.parse().map_err(|_| error())?;
        Self::new(address, length.parse().map_err(|_| error())?)
    }
}

impl Serialize for Prefix {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Prefix {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prefix(text: &str) -> Prefix {
        text.parse().unwrap()
    }

    #[test]
    fn bits_beyond_the_length_are_dropped() {
        assert_eq!(prefix("175.45.177.9/22").to_string(), "175.45.176.0/22");
        assert_eq!(prefix("2001:db8::1/32").to_string(), "2001:db8::/32");
    }

    #[test]
    fn a_country_of_four_blocks() {
        let blocks: Vec<_> = prefix("175.45.176.0/22").blocks().map(|b| b.to_string()).collect();
        assert_eq!(
            blocks,
            ["175.45.176.0/24", "175.45.177.0/24", "175.45.178.0/24", "175.45.179.0/24"]
        );
        assert_eq!(prefix("175.45.176.5/32").blocks().count(), 1);
    }

    #[test]
    fn families_never_cover_each_other() {
        assert!(!prefix("0.0.0.0/0").covers(prefix("::/0")));
        assert!(prefix("::/0").covers(prefix("2001:db8::/48")));
    }

    #[test]
    fn too_long_is_an_error() {
        assert!(matches!("1.2.3.4/33".parse::<Prefix>(), Err(PrefixError::TooLong { .. })));
        assert!(matches!("::/129".parse::<Prefix>(), Err(PrefixError::TooLong { .. })));
        assert!("1.2.3.4".parse::<Prefix>().is_err());
    }

    proptest! {
        #[test]
        fn it_agrees_with_ipnet(a in any::<u128>(), la in 0_u8..=128, b in any::<u128>(), lb in 0_u8..=128, near in any::<bool>()) {
            let b = if near { a ^ (b >> (la / 2 + 60)) } else { b };
            let ours = (Prefix::v6(a, la).unwrap(), Prefix::v6(b, lb).unwrap());
            let net = |x: u128, l| ipnet::Ipv6Net::new(Ipv6Addr::from_bits(x), l).unwrap().trunc();
            let theirs = (net(a, la), net(b, lb));
            prop_assert_eq!(ours.0.to_string(), theirs.0.to_string());
            prop_assert_eq!(ours.0.covers(ours.1), theirs.0.contains(&theirs.1));
            prop_assert_eq!(ours.0.to_string().parse::<Prefix>().unwrap(), ours.0);
        }

        #[test]
        fn it_agrees_with_ipnet_in_v4(a in any::<u32>(), la in 0_u8..=32, b in any::<u32>(), lb in 0_u8..=32) {
            let ours = (Prefix::v4(a, la).unwrap(), Prefix::v4(b, lb).unwrap());
            let net = |x: u32, l| ipnet::Ipv4Net::new(Ipv4Addr::from_bits(x), l).unwrap().trunc();
            let theirs = (net(a, la), net(b, lb));
            prop_assert_eq!(ours.0.to_string(), theirs.0.to_string());
            prop_assert_eq!(ours.0.covers(ours.1), theirs.0.contains(&theirs.1));
            prop_assert_eq!(ours.0.cmp(&ours.1), theirs.0.cmp(&theirs.1));
        }
    }
}
