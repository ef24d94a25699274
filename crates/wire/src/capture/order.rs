//! The order of octets in a capture: that of the machine that wrote it.

use crate::Malformed;
use crate::cursor::Cursor;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The most significant octet comes first.
    Big,
    /// It comes last.
    Little,
}

impl Order {
    pub(super) fn u16(self, from: &mut Cursor<'_>, field: &'static str) -> Result<u16, Malformed> {
        from.array(field).map(match self {
            Self::Big => u16::from_be_bytes,
            Self::Little => u16::from_le_bytes,
        })
    }

    pub(super) fn u32(self, from: &mut Cursor<'_>, field: &'static str) -> Result<u32, Malformed> {
        from.array(field).map(match self {
            Self::Big => u32::from_be_bytes,
            Self::Little => u32::from_le_bytes,
        })
    }

    pub(super) fn i64(self, from: &mut Cursor<'_>, field: &'static str) -> Result<i64, Malformed> {
        from.array(field).map(match self {
            Self::Big => i64::from_be_bytes,
            Self::Little => i64::from_le_bytes,
        })
    }
}
