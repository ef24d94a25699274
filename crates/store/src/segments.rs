//! Observations as they became known: a folder a network, a file an hour, only ever appended to.
//!
//! ```text
//! STORE/observations/kp/2022-01-25T21.jsonl.zst
//! ```
//!
//! A file is a recording: its header, then a line an observation, in small zstd frames that can each be
//! read without the others. What was flushed survives the end of the process, what was synced that of
//! the machine. A frame that was cut off is cut away when the folder is opened again. Whoever writes
//! begins every file with a header that says which file it goes on from, so that files which follow each
//! other are read in the order in which their lines were written.

mod error;
mod file;
mod frames;
mod names;
mod prune;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use falter_model::Timestamp;

pub use error::SegmentError;
use error::io_error;
use file::Current;
pub use file::CutOff;
pub use prune::{Limits, Pruned};

/// The folder in the store.
const FOLDER: &str = "observations";
/// What follows the network in the name of the file that whoever writes holds; it lies beside the network's
/// folder, in which there are observations only.
const LOCK: &str = "lock";
/// So many octets of lines wait for a disk that takes none: a quarter of an hour of 100 probes a second.
const MOST_WAITING: usize = 16 << 20;

/// Writes a network's observations; one at a time in a folder.
#[derive(Debug)]
pub struct Segments {
    folder: PathBuf,
    limits: Limits,
    current: Option<Current>,
    /// Lines that were not flushed.
    pending: Vec<u8>,
    /// Too many lines waited: no more are taken until these are written.
    is_overfull: bool,
    /// The second in which a file could last not be begun: it is tried once a second.
    failed_in: Option<i64>,
    cut_off: Option<CutOff>,
    /// Held as long as this is there.
    _lock: File,
}

impl Segments {
    /// Opens the folder of a network in the store `dir`, and makes it where there is none. What the end
    /// of an earlier process left half written is cut away: see [`Self::cut_off`].
    pub fn open(dir: &Path, network: &str, limits: Limits) -> Result<Self, SegmentError> {
        let folder = dir.join(FOLDER).join(network);
        fs::create_dir_all(&folder).map_err(|source| io_error("make", &folder, source))?;
        let path = dir.join(FOLDER).join(format!("{network}.{LOCK}"));
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(|source| io_error("open", &path, source))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(SegmentError::Locked { path: folder }),
            Err(TryLockError::Error(source)) => return Err(io_error("lock", &path, source)),
        }
        let mut segments = Self {
            folder,
            limits,
            current: None,
            pending: Vec::new(),
            is_overfull: false,
            failed_in: None,
            cut_off: None,
            _lock: lock,
        };
        segments.mend()?;
        Ok(segments)
    }

    /// What was cut away when the folder was opened: the writer before was not ended, but killed.
    pub const fn cut_off(&self) -> Option<&CutOff> {
        self.cut_off.as_ref()
    }

    /// The files that hold observations which became known since `from`, oldest first.
    pub fn since(&self, from: Timestamp) -> Result<Vec<PathBuf>, SegmentError> {
        let first = names::hour_of(from);
        let files = self.files()?.into_iter();
        Ok(files.filter(|(hour, _)| *hour >= first).map(|(_, path)| path).collect())
    }

    /// Takes a line, line feed included, that became known at `at`. Where a new hour begins, so does a
    /// file, with what `head` gives, which is told the file before: its header and the lines that it
    /// shall begin with. A clock that was set back does not open an old file again.
    ///
    /// It is kept once [`flush`](Self::flush) returned. On an error the line still waits to be, but for
    /// [`SegmentError::Overfull`]: then it and all that follow are dropped until those that wait are
    /// written, so that what is missing is one piece of time.
    pub fn append(
        &mut self,
        at: Timestamp,
        line: &[u8],
        head: impl FnOnce(Option<&Path>) -> Vec<u8>,
    ) -> Result<(), SegmentError> {
        let begun = self.begin_if_due(at, head);
        if self.pending.is_empty() {
            self.is_overfull = false;
        } else if self.pending.len() + line.len() > MOST_WAITING {
            self.is_overfull = true;
        }
        if self.is_overfull {
            return Err(SegmentError::Overfull { path: self.folder.clone() });
        }
        self.pending.extend_from_slice(line);
        begun
    }

    /// Writes what was taken; it survives the end of this process. Where that fails, it is still
    /// there to be flushed again, and the file is as it was.
    pub fn flush(&mut self) -> Result<(), SegmentError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let Some(current) = &mut self.current else {
            return Err(SegmentError::NotBegun { path: self.folder.clone() });
        };
        current.write(&self.pending)?;
        self.pending.clear();
        Ok(())
    }

    /// Flushes, and returns when it is on the disk.
    pub fn sync(&mut self) -> Result<(), SegmentError> {
        self.flush()?;
        self.current.as_ref().map_or(Ok(()), Current::sync)
    }

    /// Removes files beyond the limits, oldest first, never the one that is written.
    pub fn prune(&self, now: Timestamp) -> Result<Pruned, SegmentError> {
        prune::prune(&self.folder, &self.limits, now)
            .map_err(|source| io_error("prune", &self.folder, source))
    }

    fn files(&self) -> Result<Vec<(i64, PathBuf)>, SegmentError> {
        names::list(&self.folder).map_err(|source| io_error("list", &self.folder, source))
    }

    /// Goes on with the newest file that holds anything, without what is cut off at its end.
    fn mend(&mut self) -> Result<(), SegmentError> {
        for (hour, path) in self.files()?.into_iter().rev() {
            let (current, cut_off) = Current::open(path, hour)?;
            self.cut_off = self.cut_off.take().or(cut_off);
            if current.is_empty() {
                current.remove()?;
            } else {
                self.current = Some(current);
                break;
            }
        }
        Ok(())
    }

    /// Ends the file of the hour before and begins that of this one, once it has come.
    fn begin_if_due(
        &mut self,
        at: Timestamp,
        head: impl FnOnce(Option<&Path>) -> Vec<u8>,
    ) -> Result<(), SegmentError> {
        let hour = names::hour_of(at);
        let is_due = self.current.as_ref().is_none_or(|current| current.hour() < hour);
        if !is_due || self.failed_in == Some(at.seconds()) {
            return Ok(());
        }
        let begun = self.begin(hour, head);
        self.failed_in = begun.is_err().then(|| at.seconds());
        begun
    }

    fn begin(
        &mut self,
        hour: i64,
        head: impl FnOnce(Option<&Path>) -> Vec<u8>,
    ) -> Result<(), SegmentError> {
        if self.current.is_some() {
            self.sync()?;
        }
        let head = head(self.current.as_ref().map(Current::path));
        let path = self.folder.join(names::name_of(hour));
        let begun = Current::begin(path, hour, &head).and_then(|current| {
            // The name of a new file survives a crash once its folder was synced.
            let folder = File::open(&self.folder).and_then(|folder| folder.sync_all());
            folder.map_err(|source| io_error("sync", &self.folder, source))?;
            Ok(current)
        });
        self.current = Some(begun?);
        Ok(())
    }
}

impl Drop for Segments {
    /// What is left is written as far as that goes; who must know calls [`Segments::sync`].
    fn drop(&mut self) {
        _ = self.sync();
    }
}

#[cfg(test)]
mod tests;
