//! Reading octets from left to right, knowing at every step where in the record one is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use falter_model::{Asn, Family};

use crate::Malformed;

/// The octets that are left, and the offset of the first of them in the record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    offset: usize,
}

/// How many octets an AS number has (RFC 6793).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AsnWidth {
    /// Two: between speakers of which one knows no more.
    Two,
    /// Four: everywhere else, and in every table of today.
    Four,
}

impl AsnWidth {
    pub(crate) const fn octets(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(octets: &'a [u8], offset: usize) -> Self {
        Self { rest: octets, offset }
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) const fn offset(&self) -> usize {
        self.offset
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next `octets` octets.
    #[inline]
    pub(crate) fn take(
        &mut self,
        octets: usize,
        field: &'static str,
    ) -> Result<&'a [u8], Malformed> {
        let Some((head, rest)) = self.rest.split_at_checked(octets) else {
            return Err(self.short(octets, field));
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(octets);
        Ok(head)
    }

    /// The next `octets` octets as a cursor of their own.
    #[inline]
    pub(crate) fn split(&mut self, octets: usize, field: &'static str) -> Result<Self, Malformed> {
        let offset = self.offset;
        Ok(Self { rest: self.take(octets, field)?, offset })
    }

    #[inline]
    pub(crate) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; N], Malformed> {
        let Some((head, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(self.short(N, field));
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(N);
        Ok(*head)
    }

    #[inline]
    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, Malformed> {
        self.array::<1>(field).map(|[octet]| octet)
    }

    #[inline]
    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, Malformed> {
        self.array(field).map(u16::from_be_bytes)
    }

    #[inline]
    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, Malformed> {
        self.array(field).map(u32::from_be_bytes)
    }

    #[inline]
    pub(crate) fn asn(&mut self, width: AsnWidth, field: &'static str) -> Result<Asn, Malformed> {
        match width {
            AsnWidth::Two => self.u16(field).map(|asn| Asn(asn.into())),
            AsnWidth::Four => self.u32(field).map(Asn),
        }
    }

    #[inline]
    pub(crate) fn address(
        &mut self,
        family: Family,
        field: &'static str,
    ) -> Result<IpAddr, Malformed> {
        match family {
            Family::V4 => self.array(field).map(|octets: [u8; 4]| Ipv4Addr::from(octets).into()),
            Family::V6 => self.array(field).map(|octets: [u8; 16]| Ipv6Addr::from(octets).into()),
        }
    }

    /// That `expected` octets do not stand here.
    #[cold]
    pub(crate) const fn short(&self, expected: usize, field: &'static str) -> Malformed {
        Malformed::Short { offset: self.offset, field, expected, found: self.rest.len() }
    }

    /// That the field of `octets` octets just read has a value it can't have.
    #[cold]
    pub(crate) const fn value_before(
        &self,
        octets: usize,
        field: &'static str,
        expected: &'static str,
        found: u64,
    ) -> Malformed {
        Malformed::Value { offset: self.offset.saturating_sub(octets), field, expected, found }
    }
}
