//! The ORIGIN attribute (RFC 4271, section 5.1.1).

use std::fmt;

/// How a route came into BGP. Not the AS that originates it: that is
/// [`Attributes::origin_asn`](crate::bgp::Attributes::origin_asn).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// From an interior protocol.
    Igp,
    /// From EGP (RFC 904).
    Egp,
    /// By some other means.
    Incomplete,
}

impl Origin {
    /// From its octet; `None` for values that RFC 4271 does not define.
    pub const fn from_octet(octet: u8) -> Option<Self> {
        match octet {
            0 => Some(Self::Igp),
            1 => Some(Self::Egp),
            2 => Some(Self::Incomplete),
            _ => None,
        }
    }

    /// Its octet.
    pub const fn octet(self) -> u8 {
        match self {
            Self::Igp => 0,
            Self::Egp => 1,
            Self::Incomplete => 2,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Igp => "IGP",
            Self::Egp => "EGP",
            Self::Incomplete => "INCOMPLETE",
        })
    }
}
