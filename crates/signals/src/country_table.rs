//! Address ranges by country, as public tables list them.

use std::net::IpAddr;

use falter_model::{CountryCode, Prefix};

/// Which country an address is in, by ranges that do not overlap.
#[derive(Debug, Clone, Default)]
pub struct CountryTable {
    ranges: Vec<(IpAddr, IpAddr, CountryCode)>,
}

impl CountryTable {
    /// A table of ranges, first and last address inclusive, in any order. Where ranges overlap, the
    /// one that starts last decides.
    pub fn new(mut ranges: Vec<(IpAddr, IpAddr, CountryCode)>) -> Self {
        ranges.sort_unstable();
        Self { ranges }
    }

    /// The country of a prefix's first address; `None` where no range holds it.
    pub fn country(&self, prefix: Prefix) -> Option<CountryCode> {
        let address = prefix.address();
        let after = self.ranges.partition_point(|(first, ..)| *first <= address);
        let (first, last, code) = self.ranges.get(after.checked_sub(1)?)?;
        (*first <= address && address <= *last).then_some(*code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_between_ranges_has_no_country() {
        let range = |first: &str, last: &str, code: &str| {
            (first.parse().unwrap(), last.parse().unwrap(), code.parse().unwrap())
        };
        let table = CountryTable::new(vec![
            range("2001:db8::", "2001:db8:ffff::", "UG"),
            range("175.45.176.0", "175.45.179.255", "KP"),
        ]);
        let country = |text: &str| table.country(text.parse().unwrap()).map(|c| c.to_string());
        assert_eq!(country("175.45.178.0/24").as_deref(), Some("KP"));
        assert_eq!(country("2001:db8:1::/48").as_deref(), Some("UG"));
        assert_eq!(country("175.45.180.0/24"), None);
        assert_eq!(country("10.0.0.0/8"), None);
    }
}
