//! The collector that a path names.
//!
//! RIS keeps its archives as `rrc06/2015.04/updates.20150401.0000.gz`, RouteViews as
//! `route-views.jinx/bgpdata/...`; tools that fetch them put the collector into the file's name. The
//! name of a collector is the group by which inputs of the same time are ordered.

use std::path::Path;

use falter_model::Text;

/// The group of archives whose path names no collector.
pub(super) const NONE: &str = "mrt";

/// Labels that follow a collector in the names of files and never are part of its own.
const NOT_A_SITE: [&str; 8] = ["updates", "rib", "ribs", "bview", "bgpdata", "mrt", "gz", "bz2"];

/// `rrc06`, `route-views2`, `route-views.jinx`, or `mrt`. The last that is named wins: the file
/// before its folder.
pub(super) fn collector_of(path: &Path) -> Text {
    let components = path.components().rev();
    let mut names = components.filter_map(|component| component.as_os_str().to_str());
    names.find_map(named_in).unwrap_or_else(|| NONE.to_owned()).into()
}

fn named_in(component: &str) -> Option<String> {
    let lower = component.to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).collect();
    words.iter().enumerate().find_map(|(n, word)| {
        let next = words.get(n + 1).copied().unwrap_or_default();
        ris(word).or_else(|| route_views(word, next))
    })
}

/// `rrc` and two digits.
fn ris(word: &str) -> Option<String> {
    let word = word.split('-').find(|part| part.starts_with("rrc"))?;
    let digits = word.strip_prefix("rrc")?;
    let fits = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
    fits.then(|| word.to_owned())
}

/// `route-views`, perhaps with a number, perhaps with a site after a dot.
fn route_views(word: &str, next: &str) -> Option<String> {
    let number = word.strip_prefix("route-views")?;
    if !number.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let is_site = next.len() >= 2
        && next.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        && next.starts_with(|letter: char| letter.is_ascii_lowercase())
        && !NOT_A_SITE.contains(&next);
    Some(if is_site { format!("{word}.{next}") } else { word.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_name_their_collector() {
        for (path, expected) in [
            ("rrc00/2022.01/updates.20220126.0000.gz", "rrc00"),
            ("x/ris.rrc06.updates.1427846400.gz", "rrc06"),
            ("rrc01/copy-of-rrc21.gz", "rrc21"),
            ("routeviews.route-views.jinx.updates.1427846400.bz2", "route-views.jinx"),
            ("route-views.sg/bgpdata/2022.01/UPDATES/updates.20220126.0000.bz2", "route-views.sg"),
            ("route-views2.updates.20220126.bz2", "route-views2"),
            ("route-views3/rib.bz2", "route-views3"),
            ("updates.20190101.0000.gz", "mrt"),
            ("rrc/rrc123/arrc00", "mrt"),
            ("route-viewsx/a", "mrt"),
        ] {
            assert_eq!(&*collector_of(Path::new(path)), expected, "{path}");
        }
    }
}
