//! The header that every MRT record begins with (RFC 6396, section 2).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                           Timestamp                           |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |             Type              |            Subtype            |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                             Length                            |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```

/// The header of a record, as it stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Seconds since 1970 UTC.
    pub seconds: u32,
    /// What the record is of.
    pub kind: Kind,
    /// Of which form, by kind.
    pub subtype: u16,
    /// Octets of the body that follows.
    pub length: u32,
}

/// The type of a record (RFC 6396, section 4 and appendix B).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// BGP as `MRTd` wrote it, deprecated.
    LegacyBgp,
    /// OSPF version 2.
    OspfV2,
    /// One entry of a table.
    TableDump,
    /// An index of peers, then prefixes each with the entries of all peers.
    TableDumpV2,
    /// BGP messages and changes of sessions' states.
    Bgp4mp,
    /// The same with microseconds.
    Bgp4mpEt,
    /// Any other type that is assigned: no BGP, or long gone.
    Foreign(u16),
}

impl Kind {
    /// From the number; `None` where it is not assigned.
    pub const fn from_number(number: u16) -> Option<Self> {
        match number {
            5 => Some(Self::LegacyBgp),
            11 => Some(Self::OspfV2),
            12 => Some(Self::TableDump),
            13 => Some(Self::TableDumpV2),
            16 => Some(Self::Bgp4mp),
            17 => Some(Self::Bgp4mpEt),
            // Null, Start, Die, I am dead, Peer down; RIP, IDRP, RIPng, BGP4+, BGP4+ again; IS-IS
            // and OSPF version 3 with and without microseconds.
            0..=4 | 6..=10 | 32 | 33 | 48 | 49 => Some(Self::Foreign(number)),
            _ => None,
        }
    }

    /// The number.
    pub const fn number(self) -> u16 {
        match self {
            Self::LegacyBgp => 5,
            Self::OspfV2 => 11,
            Self::TableDump => 12,
            Self::TableDumpV2 => 13,
            Self::Bgp4mp => 16,
            Self::Bgp4mpEt => 17,
            Self::Foreign(number) => number,
        }
    }

    /// Whether the body begins with microseconds.
    pub(crate) const fn has_micros(self) -> bool {
        matches!(self, Self::Bgp4mpEt | Self::Foreign(33 | 49))
    }

    /// Octets that a body can have at most. A length beyond is a lie, and must not make a reader
    /// hold (or skip) more than that.
    pub(crate) const fn longest_body(self) -> u32 {
        match self {
            // Two octets count the message, and nothing else varies but the addresses: at most 48
            // octets before it.
            // For other protocols: one packet of IP.
            Self::LegacyBgp | Self::Bgp4mp | Self::Bgp4mpEt | Self::OspfV2 | Self::Foreign(_) => {
                0xFFFF + 48
            }
            // Two octets count the attributes; at most 46 octets before them.
            Self::TableDump => 0xFFFF + 46,
            // 65,535 entries of 256 octets: the largest collectors have about 1,000 peers.
            Self::TableDumpV2 => super::LONGEST_RECORD,
        }
    }
}
