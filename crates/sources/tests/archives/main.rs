//! Archives by URL and tables from them, against a server of HTTP that serves real files, breaks off, stalls
//! and lies.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper that fails must stop the test"
)]
#![expect(clippy::print_stdout, reason = "says what was skipped")]

mod bootstrap;
mod collectors;
mod downloads;
mod server;

use std::path::{Path, PathBuf};
use std::time::Duration;

use falter_sources::fetch::{Fetcher, Limits};

/// A real file of `../shared/data`; `None`, said aloud, where it is missing and nobody demands it.
fn real(name: &str) -> Option<Vec<u8>> {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/mrt/bgpdump/test_data"
    ));
    if let Ok(octets) = std::fs::read(folder.join(name)) {
        return Some(octets);
    }
    assert!(std::env::var_os("FALTER_REQUIRE_DATA").is_none(), "../shared/data is missing");
    println!("skipped: no ../shared/data");
    None
}

/// Short, so that each fault shows within milliseconds.
fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(5),
        stall: Duration::from_millis(300),
        total: Duration::from_secs(20),
        octets: 8 << 20,
        redirects: 3,
        attempts: 3,
        first_wait: Duration::from_millis(5),
        longest_wait: Duration::from_millis(20),
    }
}

struct Cache {
    folder: tempfile::TempDir,
    fetcher: Fetcher,
}

impl Cache {
    fn new(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fetcher = Fetcher::new(folder.path().join("cache"), limits, 1 << 30);
        Self { folder, fetcher }
    }

    /// What lies there, by name, parts of files too.
    fn names(&self) -> Vec<String> {
        fn list(folder: &Path, names: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { list(&path, names) } else { names.push(path) }
            }
        }
        let mut paths = Vec::new();
        list(self.folder.path(), &mut paths);
        let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut names: Vec<String> = paths.into_iter().map(name).collect();
        names.sort();
        names
    }
}
