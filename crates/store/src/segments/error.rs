//! What can go wrong with segments.

use std::io;
use std::path::{Path, PathBuf};

/// Why observations could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// Somebody else writes there.
    #[error("another process keeps observations in {}", path.display())]
    Locked {
        /// The network's folder.
        path: PathBuf,
    },
    /// The disk is full. What was taken waits; what was written stands.
    #[error("no room left for observations in {}", path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It could not be read or written.
    #[error("could not {doing} {}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Lines wait for a file that could not be begun, for a reason that was told then.
    #[error("no file could be begun in {}", path.display())]
    NotBegun {
        /// The network's folder.
        path: PathBuf,
    },
    /// So much waits to be written that no more is taken.
    #[error("observations are lost: too many wait to be written to {}", path.display())]
    Overfull {
        /// The network's folder.
        path: PathBuf,
    },
}

/// What the system said, sorted by what to do about it.
pub(super) fn io_error(doing: &'static str, path: &Path, source: io::Error) -> SegmentError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            SegmentError::Full { path, source }
        }
        _ => SegmentError::Io { doing, path, source },
    }
}
