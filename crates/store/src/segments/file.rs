//! The file that is written.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::error::io_error;
use super::{SegmentError, frames};

/// What was cut away at the end of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOff {
    /// The file.
    pub path: PathBuf,
    /// How many octets, as they were on disk.
    pub octets: u64,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Current {
    path: PathBuf,
    file: File,
    hour: i64,
    /// Its length in octets up to the end of its last whole frame.
    whole: u64,
}

impl Current {
    /// Opens a file to go on with it, and cuts away what is no whole frame.
    pub(super) fn open(path: PathBuf, hour: i64) -> Result<(Self, Option<CutOff>), SegmentError> {
        let open = || -> io::Result<_> {
            let file = OpenOptions::new().read(true).write(true).open(&path)?;
            let octets = fs::read(&path)?;
            let whole = frames::whole(&octets) as u64;
            let torn = octets.len() as u64 - whole;
            if torn > 0 {
                file.set_len(whole)?;
                file.sync_all()?;
            }
            Ok((file, whole, torn))
        };
        let (file, whole, torn) = open().map_err(|source| io_error("mend", &path, source))?;
        let cut_off = (torn > 0).then(|| CutOff { path: path.clone(), octets: torn });
        Ok((Self { path, file, hour, whole }, cut_off))
    }

    /// Begins a file with its head; there is none where that fails.
    pub(super) fn begin(path: PathBuf, hour: i64, head: &[u8]) -> Result<Self, SegmentError> {
        let file = OpenOptions::new().create(true).truncate(true).write(true).open(&path);
        let file = file.map_err(|source| io_error("begin", &path, source))?;
        let mut current = Self { path, file, hour, whole: 0 };
        match current.write(head) {
            Ok(()) => Ok(current),
            Err(error) => {
                current.remove()?;
                Err(error)
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The hour that its lines became known in, since 1970.
    pub(super) const fn hour(&self) -> i64 {
        self.hour
    }

    /// True where there is not one whole frame in it.
    pub(super) const fn is_empty(&self) -> bool {
        self.whole == 0
    }

    pub(super) fn remove(self) -> Result<(), SegmentError> {
        fs::remove_file(&self.path).map_err(|source| io_error("remove", &self.path, source))
    }

    /// Appends a frame, all of it or nothing.
    pub(super) fn write(&mut self, lines: &[u8]) -> Result<(), SegmentError> {
        self.write_frame(lines).map_err(|source| io_error("write", &self.path, source))
    }

    fn write_frame(&mut self, lines: &[u8]) -> io::Result<()> {
        let frame = frames::of(lines)?;
        if let Err(error) = self.file.write_all_at(&frame, self.whole) {
            // A full disk may have taken a part of it.
            self.file.set_len(self.whole)?;
            return Err(error);
        }
        self.whole += frame.len() as u64;
        Ok(())
    }

    /// Returns when what was written is on the disk.
    pub(super) fn sync(&self) -> Result<(), SegmentError> {
        self.file.sync_data().map_err(|source| io_error("sync", &self.path, source))
    }
}
