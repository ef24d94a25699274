//! Which files are too many.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use falter_model::{Span, Timestamp};

use super::names;

/// How much of the past is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files that ended longer ago are removed.
    pub age: Span,
    /// So many octets of a network are kept in all.
    pub octets: u64,
}

/// What was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruned {
    /// The files, oldest first.
    pub files: Vec<PathBuf>,
    /// What they held.
    pub octets: u64,
}

/// Removes what is too old, and of the rest the oldest until it is not too much; the newest stays.
pub(super) fn prune(folder: &Path, limits: &Limits, now: Timestamp) -> io::Result<Pruned> {
    let mut files = Vec::new();
    for (hour, path) in names::list(folder)? {
        let octets = fs::metadata(&path)?.len();
        files.push((hour, path, octets));
    }
    // The newest is being written.
    let newest = files.pop().map_or(0, |(_, _, octets)| octets);
    let mut all: u64 = files.iter().map(|(_, _, octets)| octets).sum::<u64>() + newest;
    let mut pruned = Pruned::default();
    for (hour, path, octets) in files {
        let is_old = names::begin_of(hour + 1) < now - limits.age;
        if !is_old && all <= limits.octets {
            break;
        }
        fs::remove_file(&path)?;
        all -= octets;
        pruned.octets += octets;
        pruned.files.push(path);
    }
    Ok(pruned)
}
