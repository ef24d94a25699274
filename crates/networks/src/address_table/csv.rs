//! Tables as CSV, in the forms that npm's `@ip-location-db` packages ship: first address, last
//! address and country code, addresses as text or as numbers; also prefix and country code.

use std::net::IpAddr;

use falter_model::{Family, Prefix};

use super::AddressTableError;
use super::ranges::{Range, bounds};

/// A line that is left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: expected first address, last address and country code, found {found:?}")]
pub struct BadLine {
    /// From 1.
    pub line: usize,
    /// How it begins.
    pub found: Box<str>,
}

/// Characters of a bad line that are kept.
const SHOWN: usize = 60;

/// All ranges, and the lines that are none. A head line is no bad line; a text without any good line
/// is no table.
pub(super) fn read(octets: &[u8]) -> Result<(Vec<Range>, Vec<BadLine>), AddressTableError> {
    let mut ranges = Vec::new();
    let mut bad = Vec::new();
    for (number, octets) in octets.split(|octet| *octet == b'\n').enumerate() {
        let text = String::from_utf8_lossy(octets);
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match range(text) {
            Some(range) => ranges.push(range),
            None if number == 0 => {}
            None => bad.push(BadLine { line: number + 1, found: shown(text) }),
        }
    }
    if ranges.is_empty() {
        return Err(AddressTableError::Unknown { found: shown(&String::from_utf8_lossy(octets)) });
    }
    Ok((ranges, bad))
}

fn shown(text: &str) -> Box<str> {
    text.chars().take(SHOWN).collect()
}

fn range(line: &str) -> Option<Range> {
    let mut fields = line.split(',').map(|field| field.trim().trim_matches('"'));
    let begin = fields.next()?;
    if let Ok(prefix) = begin.parse::<Prefix>() {
        let (first, last) = bounds(prefix);
        let country = fields.next()?.parse().ok()?;
        return Some(Range { family: prefix.family(), first, last, country });
    }
    let (family, first) = address(begin)?;
    let (last_family, last) = address(fields.next()?)?;
    let country = fields.next()?.parse().ok()?;
    (family == last_family && first <= last).then_some(Range { family, first, last, country })
}

/// An address as text, or as a number. A number below 2^32 is IPv4: no IPv6 address that low is ever
/// given to anybody.
fn address(text: &str) -> Option<(Family, u128)> {
    if let Ok(number) = text.parse::<u128>() {
        let family = if number <= u128::from(u32::MAX) { Family::V4 } else { Family::V6 };
        return Some((family, number));
    }
    match text.parse().ok()? {
        IpAddr::V4(v4) => Some((Family::V4, u128::from(v4.to_bits()))),
        IpAddr::V6(v6) => Some((Family::V6, v6.to_bits())),
    }
}
