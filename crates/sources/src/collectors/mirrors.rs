//! Where the projects' archives are.

use std::path::PathBuf;

use url::Url;

/// The roots of both projects' archives: their own servers, or copies of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrors {
    /// Of RIPE RIS: what stands before `rrc00/`.
    pub ris: Url,
    /// Of RouteViews: what stands before `bgpdata/` and `route-views.sg/`.
    pub route_views: Url,
}

impl Mirrors {
    /// Where the cache keeps what is at `url`, if it is one of these archives: below the name of its
    /// collector, whichever mirror it came from.
    pub fn place_of(&self, url: &Url) -> Option<PathBuf> {
        let below = |root: &Url| -> Option<PathBuf> {
            let path = url.as_str().strip_prefix(root.as_str())?;
            let is_plain = |part: &str| {
                !part.is_empty()
                    && !part.starts_with('.')
                    && part.bytes().all(|c| c.is_ascii_alphanumeric() || b".-_".contains(&c))
            };
            let path = path.trim_start_matches('/');
            path.split('/').all(is_plain).then(|| path.into())
        };
        let place = below(&self.ris).or_else(|| {
            let place = below(&self.route_views)?;
            // The folder that the oldest collector has not.
            let is_oldest = place.starts_with("bgpdata");
            Some(if is_oldest { PathBuf::from("route-views2").join(place) } else { place })
        })?;
        place.parent().is_some_and(|folder| !folder.as_os_str().is_empty()).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mirror_holds_lies_below_its_collector() {
        let url = |text: &str| text.parse::<Url>().unwrap();
        let mirrors = Mirrors {
            ris: url("https://data.ris.example/"),
            route_views: url("http://127.0.0.1:8000/copy/of/"),
        };
        for (at, expected) in [
            ("https://data.ris.example/rrc00/2022.01/a.gz", Some("rrc00/2022.01/a.gz")),
            ("http://127.0.0.1:8000/copy/of/bgpdata/b.bz2", Some("route-views2/bgpdata/b.bz2")),
            ("http://127.0.0.1:8000/copy/of/route-views.sg/c", Some("route-views.sg/c")),
            ("http://127.0.0.1:8000/other/c.gz", None),
            ("https://data.ris.example/top", None),
            ("https://data.ris.example/rrc00/a?b", None),
            ("https://data.ris.example/rrc00/.a", None),
            ("https://data.ris.example/rrc00//a", None),
            ("https://data.ris.example/rrc00/%2e%2e/%2fa", None),
        ] {
            assert_eq!(mirrors.place_of(&url(at)), expected.map(PathBuf::from), "{at}");
        }
    }
}
