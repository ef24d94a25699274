//! Communities (RFC 1997), large communities (RFC 8092), and the one that falter looks for:
//! BLACKHOLE (RFC 7999).

use std::fmt;

/// A community: 16 bits of AS number, 16 bits of the AS's own choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Community(pub u32);

/// A large community: an AS number and two values of its choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LargeCommunity(pub u32, pub u32, pub u32);

impl Community {
    /// Traffic to the prefix shall be dropped, usually since it is under attack (RFC 7999).
    pub const BLACKHOLE: Self = Self(0xFFFF_029A);
    /// Not to be told to external peers (RFC 1997).
    pub const NO_EXPORT: Self = Self(0xFFFF_FF01);
    /// Not to be told to any peer (RFC 1997).
    pub const NO_ADVERTISE: Self = Self(0xFFFF_FF02);
    /// Not to be told outside of the member AS (RFC 1997).
    pub const NO_EXPORT_SUBCONFED: Self = Self(0xFFFF_FF03);

    /// The octets of a COMMUNITIES attribute as communities; the attribute's length was checked.
    pub(crate) fn all(octets: &[u8]) -> impl Iterator<Item = Self> + Clone + '_ {
        let (words, _) = octets.as_chunks::<4>();
        words.iter().map(|word| Self(u32::from_be_bytes(*word)))
    }
}

impl LargeCommunity {
    /// The octets of a `LARGE_COMMUNITY` attribute; the attribute's length was checked.
    pub(crate) fn all(octets: &[u8]) -> impl Iterator<Item = Self> + Clone + '_ {
        let (triples, _) = octets.as_chunks::<12>();
        triples.iter().map(|octets| {
            let (words, _) = octets.as_chunks::<4>();
            let word = |n| words.get(n).map_or(0, |word| u32::from_be_bytes(*word));
            Self(word(0), word(1), word(2))
        })
    }
}

/// As `4837:666`.
impl fmt::Display for Community {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.0 >> 16, self.0 & 0xFFFF)
    }
}

/// As `4837:666:1`.
impl fmt::Display for LargeCommunity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.0, self.1, self.2)
    }
}
