//! Tables that say which country an address is registered in: CSV and MMDB, told apart by content.
//!
//! Such tables disagree about small networks, and some addresses are placed in a country on paper
//! only. They are good for finding candidates for a profile and for grouping by country, not as a
//! judge: the AS and the prefix decide.

mod csv;
mod mmdb;
mod ranges;

use falter_model::{CountryCode, Prefix};

pub use csv::BadLine;
use ranges::Ranges;

/// Which country each address is registered in.
#[derive(Debug, Clone, Default)]
pub struct AddressTable {
    ranges: Ranges,
}

/// Octets that are no table of addresses.
#[derive(Debug, thiserror::Error)]
pub enum AddressTableError {
    /// It has the mark of an MMDB and can't be read as one.
    #[error("an MMDB that can't be read")]
    Mmdb(#[from] maxminddb::MaxMindDbError),
    /// An MMDB whose records tell no country.
    #[error("an MMDB of type {kind:?} without countries, expected records with a country_code")]
    NoCountries {
        /// As its metadata say.
        kind: Box<str>,
    },
    /// Neither: no line has the form of the CSV.
    #[error(
        "no table of addresses: expected an MMDB, or lines such as \
         175.45.176.0,175.45.179.255,KP; found {found:?}"
    )]
    Unknown {
        /// How it begins.
        found: Box<str>,
    },
}

impl AddressTable {
    /// Reads a table, decompressed: an MMDB with `country_code`, `country.iso_code` or `country`, or
    /// CSV with first address, last address, country code (addresses as text or as numbers, both
    /// included) or prefix, country code. Lines that can't be read are told and left out.
    pub fn read(octets: &[u8]) -> Result<(Self, Vec<BadLine>), AddressTableError> {
        let (ranges, bad) = if mmdb::is_mmdb(octets) {
            (mmdb::read(octets)?, Vec::new())
        } else {
            csv::read(octets)?
        };
        Ok((Self { ranges: Ranges::new(ranges) }, bad))
    }

    /// This table and another one: IPv4 and IPv6 often come apart. Where both know an address, this
    /// one decides.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self { ranges: self.ranges.join(other.ranges) }
    }

    /// The country that most of the prefix's addresses are registered in (of equals, the first of
    /// the alphabet); `None` where the table knows none of them.
    pub fn country(&self, prefix: Prefix) -> Option<CountryCode> {
        let mut best: Option<(CountryCode, u128)> = None;
        for (country, addresses) in self.ranges.countries(prefix) {
            if best.is_none_or(|(_, most)| addresses > most) {
                best = Some((country, addresses));
            }
        }
        best.map(|(country, _)| country)
    }

    /// How many of the prefix's addresses are registered in a country.
    pub fn addresses_in(&self, prefix: Prefix, country: CountryCode) -> u128 {
        self.ranges.countries(prefix).get(&country).copied().unwrap_or_default()
    }

    /// How many ranges the table has.
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    /// True where the table knows no address.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests;
