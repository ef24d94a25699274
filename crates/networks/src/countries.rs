//! Names and time zones of countries, from the tz database.

use std::sync::OnceLock;

use falter_model::CountryCode;

/// Code, name and time zones, tab-separated; `#` starts a comment. From the tables `iso3166.tab` and
/// `zone.tab` of the tz database, which are in the public domain.
const COUNTRIES: &str = include_str!("../data/countries.tsv");

/// What the tz database says of a country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountryFacts {
    /// Its code.
    pub code: CountryCode,
    /// Its short English name.
    pub name: &'static str,
    /// IANA names of its time zones; never empty.
    pub time_zones: Vec<&'static str>,
}

impl CountryFacts {
    /// The time zone of the whole country; `None` where it has several.
    pub fn time_zone(&self) -> Option<&'static str> {
        match self.time_zones.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// What the tz database says of a country; `None` for a code that it doesn't list.
pub fn country_facts(code: CountryCode) -> Option<&'static CountryFacts> {
    static TABLE: OnceLock<Vec<CountryFacts>> = OnceLock::new();
    let table = TABLE.get_or_init(|| COUNTRIES.lines().filter_map(read).collect());
    table.iter().find(|country| country.code == code)
}

/// Its short English name.
pub fn country_name(code: CountryCode) -> Option<&'static str> {
    country_facts(code).map(|known| known.name)
}

/// IANA name of the time zone of the whole country; `None` where it has several.
pub fn only_time_zone(code: CountryCode) -> Option<&'static str> {
    country_facts(code).and_then(CountryFacts::time_zone)
}

fn read(line: &'static str) -> Option<CountryFacts> {
    let mut fields = line.split('\t');
    let code = fields.next()?.parse().ok()?;
    let name = fields.next()?;
    let time_zones = fields.next()?.split(',').collect();
    Some(CountryFacts { code, name, time_zones })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(code: &str) -> &'static CountryFacts {
        country_facts(code.parse().unwrap()).unwrap()
    }

    #[test]
    fn one_zone_is_the_countrys_and_several_are_nobodys() {
        assert_eq!(facts("KP").time_zone(), Some("Asia/Pyongyang"));
        assert_eq!(facts("UG").name, "Uganda");
        assert_eq!(facts("US").time_zone(), None);
        assert_eq!(only_time_zone("US".parse().unwrap()), None);
        assert_eq!(country_name("US".parse().unwrap()), Some("United States"));
        assert_eq!(country_facts("QZ".parse().unwrap()), None);
    }

    #[test]
    fn every_line_is_read_and_every_zone_is_known() {
        let known = jiff::tz::TimeZoneDatabase::bundled();
        for line in COUNTRIES.lines().filter(|line| !line.starts_with('#')) {
            for zone in read(line).unwrap_or_else(|| panic!("{line}")).time_zones {
                assert!(known.get(zone).is_ok(), "{zone}");
            }
        }
    }
}
