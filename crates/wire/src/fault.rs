//! What could not be read, where, and what it cost.

use std::fmt;

/// Something that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{cost}: {what}")]
pub struct Fault {
    /// What is missing because of it.
    pub cost: Cost,
    /// Where and why.
    #[source]
    pub what: Malformed,
}

/// Where decoding failed, what was expected and what stood there.
///
/// Offsets are in octets from the start of the record of MRT or of a capture, header included, or of the
/// packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Fewer octets than the field needs.
    #[error("{field} at octet {offset}: expected {expected} octets, found {found}")]
    Short {
        /// Where the field begins.
        offset: usize,
        /// Which field.
        field: &'static str,
        /// Octets that it needs.
        expected: usize,
        /// Octets that are left.
        found: usize,
    },
    /// A value that the field can't have.
    #[error("{field} at octet {offset}: expected {expected}, found {found}")]
    Value {
        /// Where the field begins.
        offset: usize,
        /// Which field.
        field: &'static str,
        /// What it may hold.
        expected: &'static str,
        /// What it holds.
        found: u64,
    },
}

/// What is missing because of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cost {
    /// One attribute is ignored; its routes stand (RFC 7606, attribute discard).
    Attribute,
    /// The announced routes of the update are told as withdrawn (RFC 7606, treat-as-withdraw); an
    /// entry of a table is left out.
    Routes,
    /// The rest of the record; what stood before is kept.
    Rest,
    /// The whole record.
    Record,
    /// All packets of a capture, or of one of its interfaces.
    Packets,
    /// The place of the next record: the reader has to search for it, see
    /// [`mrt::resync`](crate::mrt::resync) and [`Capture::resync`](crate::capture::Capture::resync).
    Framing,
}

impl Malformed {
    /// Where in the record, in octets from its start.
    pub const fn offset(&self) -> usize {
        match self {
            Self::Short { offset, .. } | Self::Value { offset, .. } => *offset,
        }
    }

    /// As a fault with its cost.
    pub const fn costs(self, cost: Cost) -> Fault {
        Fault { cost, what: self }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attribute => "an attribute was ignored",
            Self::Routes => "announced routes were treated as withdrawn",
            Self::Rest => "the rest of the record was skipped",
            Self::Record => "the record was skipped",
            Self::Packets => "its packets are not read",
            Self::Framing => "no record begins here",
        })
    }
}
