//! The files of a collector, by time.

use falter_model::{Span, Timestamp};
use url::Url;

use super::name::Project;
use super::{Collector, Mirrors};

/// A file that a project publishes, or should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveFile {
    /// Where it is.
    pub url: Url,
    /// What it holds.
    pub holds: Holds,
    /// The time in its name.
    pub from: Timestamp,
    /// When its updates end; of a table, the time in its name too.
    pub until: Timestamp,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// All routes at a moment.
    Table,
    /// What changed in a while.
    Updates,
}

impl Collector {
    /// Table dumps at `upto` and before it, the latest first, without end.
    pub fn tables(&self, mirrors: &Mirrors, upto: Timestamp) -> impl Iterator<Item = ArchiveFile> {
        let every = self.project().tables_every();
        let latest = floor(upto, every);
        (0..).map_while(move |n| self.file(mirrors, Holds::Table, latest - every.times(n)))
    }

    /// Updates that happened in `[from, until)`, in the order of time; the first may begin before it, the
    /// last end after it.
    pub fn updates(
        &self,
        mirrors: &Mirrors,
        from: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = ArchiveFile> {
        let every = self.project().updates_every();
        let first = floor(from, every);
        (0..)
            .map(move |n| first + every.times(n))
            .take_while(move |begin| *begin < until)
            .map_while(|begin| self.file(mirrors, Holds::Updates, begin))
    }

    /// `None` where a mirror's URL can hold no path, or the time has no calendar.
    fn file(&self, mirrors: &Mirrors, holds: Holds, from: Timestamp) -> Option<ArchiveFile> {
        let (month, minute) = stamps(from)?;
        let (root, path) = match (self.project(), holds) {
            (Project::Ris, Holds::Table) => {
                (&mirrors.ris, format!("{self}/{month}/bview.{minute}.gz"))
            }
            (Project::Ris, Holds::Updates) => {
                (&mirrors.ris, format!("{self}/{month}/updates.{minute}.gz"))
            }
            (Project::RouteViews, holds) => {
                let folder =
                    if &**self.name() == OLDEST { String::new() } else { format!("{self}/") };
                let rest = match holds {
                    Holds::Table => format!("RIBS/rib.{minute}.bz2"),
                    Holds::Updates => format!("UPDATES/updates.{minute}.bz2"),
                };
                (&mirrors.route_views, format!("{folder}bgpdata/{month}/{rest}"))
            }
        };
        let lasts = match holds {
            Holds::Table => Span::ZERO,
            Holds::Updates => self.project().updates_every(),
        };
        let url = root.join(&path).ok()?;
        Some(ArchiveFile { url, holds, from, until: from + lasts })
    }
}

/// The collector whose archives lie at the root.
const OLDEST: &str = "route-views2";

/// `2022.01` and `20220126.0005`.
fn stamps(at: Timestamp) -> Option<(String, String)> {
    let text = at.to_string();
    let (date, time) = text.split_once('T')?;
    let mut date = date.splitn(3, '-');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    let mut time = time.splitn(3, ':');
    let (hour, minute) = (time.next()?, time.next()?);
    Some((format!("{year}.{month}"), format!("{year}{month}{day}.{hour}{minute}")))
}

/// The last multiple of `width` up to `at`.
const fn floor(at: Timestamp, width: Span) -> Timestamp {
    let (at, width) = (at.micros(), width.micros());
    Timestamp::from_micros(at.div_euclid(width).saturating_mul(width))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mirrors() -> Mirrors {
        Mirrors {
            ris: "https://data.ris.ripe.net/".parse().unwrap(),
            route_views: "https://archive.routeviews.org/".parse().unwrap(),
        }
    }

    fn check(collector: &str, expected_tables: &[&str], expected_updates: &[&str]) {
        let collector: Collector = collector.parse().unwrap();
        let (from, until) =
            ("2022-01-25T23:52:00Z".parse().unwrap(), "2022-01-26T00:05:00Z".parse().unwrap());
        let tables: Vec<String> =
            collector.tables(&mirrors(), from).take(2).map(|file| file.url.into()).collect();
        assert_eq!(tables, expected_tables);
        let updates: Vec<String> = collector
            .updates(&mirrors(), from, until)
            .map(|file| {
                let place = mirrors().place_of(&file.url).unwrap();
                assert!(place.starts_with(&**collector.name()), "{place:?}");
                file.url.into()
            })
            .collect();
        assert_eq!(updates, expected_updates);
    }

    #[test]
    fn files_of_ris() {
        check(
            "rrc00",
            &[
                "https://data.ris.ripe.net/rrc00/2022.01/bview.20220125.1600.gz",
                "https://data.ris.ripe.net/rrc00/2022.01/bview.20220125.0800.gz",
            ],
            &[
                "https://data.ris.ripe.net/rrc00/2022.01/updates.20220125.2350.gz",
                "https://data.ris.ripe.net/rrc00/2022.01/updates.20220125.2355.gz",
                "https://data.ris.ripe.net/rrc00/2022.01/updates.20220126.0000.gz",
            ],
        );
    }

    #[test]
    fn files_of_route_views() {
        let at = |path: &str| format!("https://archive.routeviews.org/{path}");
        for (collector, folder) in [("route-views2", ""), ("route-views.sg", "route-views.sg/")] {
            check(
                collector,
                &[
                    &at(&format!("{folder}bgpdata/2022.01/RIBS/rib.20220125.2200.bz2")),
                    &at(&format!("{folder}bgpdata/2022.01/RIBS/rib.20220125.2000.bz2")),
                ],
                &[
                    &at(&format!("{folder}bgpdata/2022.01/UPDATES/updates.20220125.2345.bz2")),
                    &at(&format!("{folder}bgpdata/2022.01/UPDATES/updates.20220126.0000.bz2")),
                ],
            );
        }
    }
}
