//! What a collector heard in a time, fetched: a table to begin with and the updates since.

use std::path::PathBuf;

use falter_model::Timestamp;
use url::Url;

use super::{ArchiveFile, Collector, Mirrors};
use crate::fetch::{FetchError, Fetcher, Watcher, place_of};

/// Files that are here now, and those that are nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fetched {
    /// The table first, then updates in the order of time.
    pub files: Vec<PathBuf>,
    /// What the project should have published and did not, or not yet.
    pub missing: Vec<Url>,
    /// Up to here nothing is missing since the table; `None` without any file.
    pub until: Option<Timestamp>,
}

/// So many table dumps back one is looked for: a day of RIS, a third of one of RouteViews.
const MOST_TABLES: usize = 4;

/// All that a collector heard in `[from, until)`, and before it from the last table dump on, so that the
/// routes that stand at `from` are known.
pub async fn fetch_span(
    fetcher: &Fetcher,
    mirrors: &Mirrors,
    collector: &Collector,
    (from, until): (Timestamp, Timestamp),
    watcher: Watcher<'_>,
) -> Result<Fetched, FetchError> {
    let (mut heard, begin) = begin(fetcher, mirrors, collector, from, watcher).await?;
    for file in collector.updates(mirrors, begin.unwrap_or(from), until) {
        heard.take(fetcher, mirrors, file, watcher).await?;
    }
    Ok(heard)
}

/// The latest table dump and all updates since that are there at `now`, without a gap.
pub async fn fetch_latest(
    fetcher: &Fetcher,
    mirrors: &Mirrors,
    collector: &Collector,
    now: Timestamp,
    watcher: Watcher<'_>,
) -> Result<Fetched, FetchError> {
    let (mut heard, begin) = begin(fetcher, mirrors, collector, now, watcher).await?;
    let Some(begin) = begin else { return Ok(heard) };
    for file in collector.updates(mirrors, begin, now) {
        if !heard.take(fetcher, mirrors, file, watcher).await? {
            // The first that is missing is the one that is being written.
            heard.missing.clear();
            break;
        }
    }
    Ok(heard)
}

/// The last table dump up to `upto` that was published, and its time.
async fn begin(
    fetcher: &Fetcher,
    mirrors: &Mirrors,
    collector: &Collector,
    upto: Timestamp,
    watcher: Watcher<'_>,
) -> Result<(Fetched, Option<Timestamp>), FetchError> {
    let mut heard = Fetched::default();
    for table in collector.tables(mirrors, upto).take(MOST_TABLES) {
        let at = table.from;
        if heard.take(fetcher, mirrors, table, watcher).await? {
            heard.until = Some(at);
            return Ok((heard, Some(at)));
        }
    }
    Ok((heard, None))
}

impl Fetched {
    /// Fetches a file; false where it is missing.
    async fn take(
        &mut self,
        fetcher: &Fetcher,
        mirrors: &Mirrors,
        file: ArchiveFile,
        watcher: Watcher<'_>,
    ) -> Result<bool, FetchError> {
        let place = mirrors.place_of(&file.url).unwrap_or_else(|| place_of(&file.url));
        match fetcher.fetch(&file.url, &place, watcher).await {
            Ok(path) => {
                self.files.push(path);
                // What follows a gap does not reach further than the gap.
                if self.until == Some(file.from) {
                    self.until = Some(file.until);
                }
                Ok(true)
            }
            Err(FetchError::Missing { url }) => {
                self.missing.push(url);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
