//! Observations to a recording file only: nothing is judged.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use falter_sources::recording::RecordingHeader;

/// Fast, and still a fifth of the size: a frame is a second's lines.
const LEVEL: i32 = 1;

/// A recording in the making. What was flushed can be read, whatever happens to the process.
#[derive(Debug)]
pub(super) struct Recording {
    file: File,
    /// In zstd frames, a flush each; else as text.
    is_compressed: bool,
    pending: Vec<u8>,
    /// Length in octets up to the end of the last whole frame.
    whole: u64,
}

impl Recording {
    /// Begins a file that is not there yet; compressed where its name ends in `.zst`.
    pub(super) fn create(path: &Path, header: &RecordingHeader) -> io::Result<Self> {
        let file = OpenOptions::new().create_new(true).append(true).open(path)?;
        let is_compressed = path.extension().is_some_and(|ending| ending == "zst");
        let mut pending = serde_json::to_vec(header)?;
        pending.push(b'\n');
        let mut recording = Self { file, is_compressed, pending, whole: 0 };
        recording.flush()?;
        Ok(recording)
    }

    /// Takes lines; they are in the file once it was flushed.
    pub(super) fn append(&mut self, lines: &[u8]) {
        self.pending.extend_from_slice(lines);
    }

    /// Writes what was taken: all of it or, where that fails, nothing.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let frame = if self.is_compressed {
            &zstd::bulk::compress(&self.pending, LEVEL)?
        } else {
            &self.pending
        };
        if let Err(error) = self.file.write_all(frame) {
            self.file.set_len(self.whole)?;
            return Err(error);
        }
        self.whole += frame.len() as u64;
        self.pending.clear();
        Ok(())
    }

    /// Flushes, and returns when it is on the disk.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        self.file.sync_data()
    }
}

/// Where a network's recording goes: `out.jsonl.zst`; with several networks `out-kp.jsonl.zst`.
pub(crate) fn path_of(out: &Path, network: &str, several: bool) -> PathBuf {
    if !several {
        return out.to_owned();
    }
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    let (stem, endings) = name.split_once('.').unwrap_or((&name, ""));
    let dot = if endings.is_empty() { "" } else { "." };
    out.with_file_name(format!("{stem}-{network}{dot}{endings}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_several_networks_has_its_file() {
        let of = |path: &str, several| path_of(Path::new(path), "kp", several);
        assert_eq!(of("a/out.jsonl.zst", false), Path::new("a/out.jsonl.zst"));
        assert_eq!(of("a/out.jsonl.zst", true), Path::new("a/out-kp.jsonl.zst"));
        assert_eq!(of("out", true), Path::new("out-kp"));
    }
}
