//! The AGGREGATOR attribute (RFC 4271, section 5.1.7; RFC 6793 for its four-octet form).

use std::net::Ipv4Addr;

use falter_model::Asn;

use crate::cursor::{AsnWidth, Cursor};

/// Who formed an aggregate route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aggregator {
    /// Its AS.
    pub asn: Asn,
    /// Its BGP identifier.
    pub id: Ipv4Addr,
}

impl Aggregator {
    /// From the attribute's octets; `None` where their number does not fit.
    pub(crate) fn read(octets: &[u8], width: AsnWidth) -> Option<Self> {
        let mut cursor = Cursor::new(octets, 0);
        let asn = cursor.asn(width, "").ok()?;
        let id = cursor.array::<4>("").ok()?;
        cursor.is_empty().then_some(Self { asn, id: id.into() })
    }
}
