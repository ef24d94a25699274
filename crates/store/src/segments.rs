//! Observations as they became known: a folder a network, a file an hour, only ever appended to.
//!
//! ```text
//! STORE/observations/kp/2022-01-25T21.jsonl.zst
//! ```
//!
//! A file is a recording: its header, then a line an observation, in small zstd frames that can each be
//! read without the others. What was flushed survives the end of the process, what was synced that of
//! the machine. A frame that was cut off is cut away when the file is opened again; whoever writes begins
//! every file with a moment in time, so that files which follow each other merge in the order in which
//! their lines were written.

mod frames;
mod names;
mod prune;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use falter_model::Timestamp;

pub use prune::{Limits, Pruned};

/// The folder in the store.
const FOLDER: &str = "observations";
/// What follows the network in the name of the file that whoever writes holds; it lies beside the network's
/// folder, in which there are observations only.
const LOCK: &str = "lock";

/// Why observations could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// Somebody else writes there.
    #[error("another process keeps observations in {path:?}")]
    Locked {
        /// The network's folder.
        path: PathBuf,
    },
    /// It could not be read or written.
    #[error("could not {doing} {path:?}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes a network's observations; one at a time in a folder.
#[derive(Debug)]
pub struct Segments {
    folder: PathBuf,
    limits: Limits,
    current: Option<Current>,
    /// Lines that were not flushed.
    pending: Vec<u8>,
    /// Held as long as this is there.
    _lock: File,
}

/// The file that is written.
#[derive(Debug)]
struct Current {
    path: PathBuf,
    file: File,
    hour: i64,
    /// Its length in octets up to the end of its last whole frame.
    whole: u64,
}

impl Segments {
    /// Opens the folder of a network in the store `dir`, and makes it where there is none.
    pub fn open(dir: &Path, network: &str, limits: Limits) -> Result<Self, SegmentError> {
        let folder = dir.join(FOLDER).join(network);
        fs::create_dir_all(&folder).map_err(|source| error("make", &folder, source))?;
        let path = dir.join(FOLDER).join(format!("{network}.{LOCK}"));
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(|source| error("open", &path, source))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(SegmentError::Locked { path: folder }),
            Err(TryLockError::Error(source)) => return Err(error("lock", &path, source)),
        }
        Ok(Self { folder, limits, current: None, pending: Vec::new(), _lock: lock })
    }

    /// The files that hold observations which became known since `from`, oldest first.
    pub fn since(&self, from: Timestamp) -> Result<Vec<PathBuf>, SegmentError> {
        let files = names::list(&self.folder).map_err(|e| error("list", &self.folder, e))?;
        let first = names::hour_of(from);
        Ok(files.into_iter().filter(|(hour, _)| *hour >= first).map(|(_, path)| path).collect())
    }

    /// Takes a line, line feed included, that became known at `at`. Where a new hour begins, so does a
    /// file, with what `head` gives: its header and the lines that it shall begin with.
    ///
    /// It is kept once [`flush`](Self::flush) returned.
    pub fn append(
        &mut self,
        at: Timestamp,
        line: &[u8],
        head: impl FnOnce() -> Vec<u8>,
    ) -> Result<(), SegmentError> {
        let hour = names::hour_of(at);
        // A clock that was set back does not open an old file again.
        if self.current.as_ref().is_none_or(|current| current.hour < hour) {
            self.begin(hour, head)?;
        }
        self.pending.extend_from_slice(line);
        Ok(())
    }

    /// Writes what was taken; it survives the end of this process. Where that fails, it is still
    /// there to be flushed again, and the file is as it was.
    pub fn flush(&mut self) -> Result<(), SegmentError> {
        let Some(current) = &mut self.current else { return Ok(()) };
        if self.pending.is_empty() {
            return Ok(());
        }
        current.write(&self.pending).map_err(|source| error("write", &current.path, source))?;
        self.pending.clear();
        Ok(())
    }

    /// Flushes, and returns when it is on the disk.
    pub fn sync(&mut self) -> Result<(), SegmentError> {
        self.flush()?;
        let Some(current) = &self.current else { return Ok(()) };
        current.file.sync_data().map_err(|source| error("sync", &current.path, source))
    }

    /// Removes files beyond the limits, oldest first, never the one that is written.
    pub fn prune(&self, now: Timestamp) -> Result<Pruned, SegmentError> {
        prune::prune(&self.folder, &self.limits, now)
            .map_err(|source| error("prune", &self.folder, source))
    }

    /// Ends the file of the hour before, and opens that of this one.
    fn begin(&mut self, hour: i64, head: impl FnOnce() -> Vec<u8>) -> Result<(), SegmentError> {
        self.sync()?;
        let path = self.folder.join(names::name_of(hour));
        let mut current =
            Current::open(path.clone(), hour).map_err(|source| error("open", &path, source))?;
        if current.whole == 0 {
            current.write(&head()).map_err(|source| error("write", &path, source))?;
            // The name of a new file survives a crash once its folder was synced.
            let folder = File::open(&self.folder).and_then(|folder| folder.sync_all());
            folder.map_err(|source| error("sync", &self.folder, source))?;
        }
        self.current = Some(current);
        Ok(())
    }
}

impl Drop for Segments {
    /// What is left is written as far as that goes; who must know calls [`Segments::sync`].
    fn drop(&mut self) {
        _ = self.sync();
    }
}

impl Current {
    /// Opens a file and cuts away what is no whole frame.
    fn open(path: PathBuf, hour: i64) -> io::Result<Self> {
        let file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
        let octets = fs::read(&path)?;
        let whole = frames::whole(&octets) as u64;
        if whole < octets.len() as u64 {
            file.set_len(whole)?;
        }
        Ok(Self { path, file, hour, whole })
    }

    /// Appends a frame, all of it or nothing.
    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        use std::os::unix::fs::FileExt;
        let frame = frames::of(lines)?;
        let written = self.file.write_all_at(&frame, self.whole).and_then(|()| self.file.flush());
        match written {
            Ok(()) => {
                self.whole += frame.len() as u64;
                Ok(())
            }
            Err(error) => {
                // A full disk may have taken a part of it.
                self.file.set_len(self.whole)?;
                Err(error)
            }
        }
    }
}

fn error(doing: &'static str, path: &Path, source: io::Error) -> SegmentError {
    SegmentError::Io { doing, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
