//! Tables as MMDB, the database format of MaxMind, in the record forms in use for countries.

use falter_model::{CountryCode, Prefix};
use maxminddb::{Reader, WithinOptions};
use serde::Deserialize;

use super::AddressTableError;
use super::ranges::{Range, bounds};

/// Begins the metadata, which lie within the last 128 kB of the file (MaxMind DB File Format
/// Specification 2.0, "Database Metadata").
const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";
const METADATA_WITHIN: usize = 128 * 1024;

/// A record as far as it tells a country; the databases differ in how.
#[derive(Debug, Deserialize)]
struct Record<'a> {
    /// `@ip-location-db`, DB-IP lite.
    #[serde(borrow, default)]
    country_code: Option<&'a str>,
    /// `GeoLite2` (a map), `IPinfo` (a code).
    #[serde(borrow, default)]
    country: Option<Country<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Country<'a> {
    Code(&'a str),
    Map {
        #[serde(borrow, default)]
        iso_code: Option<&'a str>,
    },
}

impl Record<'_> {
    fn code(&self) -> Option<CountryCode> {
        let code = self.country_code.or(match &self.country {
            Some(Country::Code(code)) => Some(*code),
            Some(Country::Map { iso_code }) => *iso_code,
            None => None,
        });
        code?.parse().ok()
    }
}

/// True where the octets have the mark of an MMDB.
pub(super) fn is_mmdb(octets: &[u8]) -> bool {
    let tail = octets.get(octets.len().saturating_sub(METADATA_WITHIN)..).unwrap_or_default();
    tail.windows(MARKER.len()).any(|window| window == MARKER)
}

/// All ranges that have a country.
pub(super) fn read(octets: &[u8]) -> Result<Vec<Range>, AddressTableError> {
    let reader = Reader::from_source(octets)?;
    let mut ranges = Vec::new();
    for found in reader.networks(WithinOptions::default())? {
        let found = found?;
        let network = found.network()?;
        let Some(country) = found.decode::<Record<'_>>()?.and_then(|record| record.code()) else {
            continue;
        };
        let Ok(prefix) = Prefix::new(network.ip(), network.prefix()) else { continue };
        let (first, last) = bounds(prefix);
        ranges.push(Range { family: prefix.family(), first, last, country });
    }
    if ranges.is_empty() {
        let kind = reader.metadata().database_type.as_str().into();
        return Err(AddressTableError::NoCountries { kind });
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests;
