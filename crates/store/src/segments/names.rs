//! The names of files: the hour in which their lines became known.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use falter_model::Timestamp;

/// Seconds of an hour.
const HOUR_S: i64 = 3600;
/// What follows the hour.
const ENDING: &str = ".jsonl.zst";

/// The hour of a moment, counted from 1970.
pub(super) const fn hour_of(at: Timestamp) -> i64 {
    at.seconds().div_euclid(HOUR_S)
}

/// When an hour begins.
pub(super) const fn begin_of(hour: i64) -> Timestamp {
    Timestamp::from_seconds(hour.saturating_mul(HOUR_S))
}

/// `2022-01-25T21.jsonl.zst`.
pub(super) fn name_of(hour: i64) -> String {
    let begin = begin_of(hour).to_string();
    let (hour, _) = begin.split_at_checked(13).unwrap_or((&begin, ""));
    format!("{hour}{ENDING}")
}

/// The files of a folder with their hours, oldest first; what has another name is none of them.
pub(super) fn list(folder: &Path) -> io::Result<Vec<(i64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let hour = name.and_then(|name| name.strip_suffix(ENDING));
        let begin = hour.and_then(|hour| format!("{hour}:00:00Z").parse::<Timestamp>().ok());
        found.extend(begin.map(|begin| (hour_of(begin), path)));
    }
    found.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_has_a_name_and_is_found_by_it() {
        let at: Timestamp = "2022-01-25T21:59:59.9Z".parse().unwrap();
        assert_eq!(name_of(hour_of(at)), "2022-01-25T21.jsonl.zst");
        let folder = tempfile::tempdir().unwrap();
        for name in ["2022-01-25T21.jsonl.zst", "2021-12-31T23.jsonl.zst", "notes.jsonl.zst", "x"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let hours: Vec<i64> =
            list(folder.path()).unwrap().into_iter().map(|(hour, _)| hour).collect();
        assert_eq!(hours, [hour_of(at) - 24 * 24 - 22, hour_of(at)]);
    }
}
