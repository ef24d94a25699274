//! From a country's name, as people write it, to the time zone on its clocks.

use falter_model::{Text, Timestamp};

use crate::evidence::local_seconds;

/// Codes, names and zones.
const TABLE: &str = include_str!("places.tsv");

/// The zone of a country at a time. `None` for a name that is not known and for a country whose zones
/// differ at that time: its local hour is withheld.
pub(super) fn time_zone(country: &str, at: Timestamp) -> Option<Text> {
    let wanted = plain(country);
    let zones = rows().find(|(names, _)| names.split('|').any(|name| plain(name) == wanted))?.1;
    let mut zones = zones.split(' ');
    let first = zones.next()?;
    let clock = local_seconds(first, at)?;
    zones.all(|zone| local_seconds(zone, at) == Some(clock)).then(|| first.into())
}

/// Names and zones of each country.
fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.split('\t').skip(1);
        Some((fields.next()?, fields.next()?))
    })
}

/// Letters alone, lower case: spelling differs in blanks, dots and hyphens.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(country: &str, expected: Option<&str>) {
        let summer: Timestamp = "2019-07-01T00:00:00Z".parse().unwrap();
        assert_eq!(time_zone(country, summer).as_deref(), expected, "{country}");
    }

    #[test]
    fn names_are_found_as_people_write_them() {
        check("Iraq", Some("Asia/Baghdad"));
        check("Ivory Coast (Cote d'Ivoire)", Some("Africa/Abidjan"));
        check("timor leste", Some("Asia/Dili"));
        check("Atlantis", None);
    }

    #[test]
    fn countries_on_several_clocks_are_withheld() {
        check("United States of America (USA)", None);
        check("Democratic Republic of (DRC)", None);
        // Twelve zones, one clock.
        check("Argentina", Some("America/Argentina/Buenos_Aires"));
    }

    #[test]
    fn every_zone_of_the_table_exists() {
        for (names, zones) in rows() {
            for zone in zones.split(' ') {
                assert!(local_seconds(zone, Timestamp::EPOCH).is_some(), "{names}: {zone}");
            }
        }
    }
}
