//! The folder that a run leaves: in memory while it is made, then in its place at once.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

/// What a run leaves at most, octets.
const MOST_OCTETS: u64 = 64 << 20;

/// A folder that is being made.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    octets: u64,
    files: Vec<String>,
}

/// An error unless a folder does not exist or is empty.
pub(super) fn must_be_free(out: &Path) -> Result<()> {
    match fs::read_dir(out) {
        Ok(entries) => match entries.count() {
            0 => Ok(()),
            _ => bail!("{} is not empty", out.display()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("reading {}", out.display())),
    }
}

impl Folder {
    /// An empty one; what an earlier run left there is thrown away.
    pub(super) fn new(path: &Path) -> Result<Self> {
        if path.exists() {
            fs::remove_dir_all(path)?;
        }
        fs::create_dir_all(path)?;
        Ok(Self { path: path.to_owned(), octets: 0, files: Vec::new() })
    }

    /// Writes a file of it.
    pub(super) fn write(&mut self, name: &str, octets: &[u8]) -> Result<()> {
        self.octets += octets.len() as u64;
        if self.octets > MOST_OCTETS {
            bail!("a run leaves at most {} MB", MOST_OCTETS >> 20);
        }
        let path = self.path.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, octets).with_context(|| format!("writing {name}"))?;
        self.files.push(name.to_owned());
        Ok(())
    }

    /// Keeps all files that somebody else put into a folder of it.
    pub(super) fn keep_all(&mut self, name: &str) -> Result<()> {
        for entry in fs::read_dir(self.path.join(name))? {
            let entry = entry?;
            let name = format!("{name}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                self.keep_all(&name)?;
            } else {
                self.octets += entry.metadata()?.len();
                self.files.push(name);
            }
        }
        if self.octets > MOST_OCTETS {
            bail!("a run leaves at most {} MB", MOST_OCTETS >> 20);
        }
        Ok(())
    }

    /// Reads a file that was put there, whether it is left or not.
    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>> {
        fs::read(self.path.join(name)).with_context(|| format!("reading {name}"))
    }

    /// Replaces what a file that stays behind holds.
    pub(super) fn replace(&self, name: &str, octets: &[u8]) -> Result<()> {
        fs::write(self.path.join(name), octets).with_context(|| format!("writing {name}"))
    }

    /// Writes a file compressed, with `.gz` behind its name.
    pub(super) fn write_compressed(&mut self, name: &str, octets: &[u8]) -> Result<()> {
        // No time and no name in the header: the same octets give the same file.
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(octets)?;
        self.write(&format!("{name}.gz"), &encoder.finish()?)
    }

    /// Writes what stays behind compressed.
    pub(super) fn compress(&mut self, name: &str) -> Result<()> {
        let octets = self.read(name)?;
        self.write_compressed(name, &octets)
    }

    /// Puts all that was written into its place, which appears as a whole.
    pub(super) fn move_to(self, out: &Path) -> Result<()> {
        must_be_free(out)?;
        let out = std::path::absolute(out)?;
        let (Some(parent), Some(name)) = (out.parent(), out.file_name().and_then(OsStr::to_str))
        else {
            bail!("{} is no folder's name", out.display());
        };
        fs::create_dir_all(parent)?;
        let made = tempfile::Builder::new().prefix(&format!(".{name}.")).tempdir_in(parent)?;
        for file in &self.files {
            let to = made.path().join(file);
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::copy(self.path.join(file), to).with_context(|| format!("writing {file}"))?;
        }
        open_to_all(made.path())?;
        fs::rename(made.path(), &out).with_context(|| format!("making {}", out.display()))?;
        // It is no temporary folder any more.
        let _gone = made.keep();
        fs::remove_dir_all(&self.path).context("clearing up")
    }
}

/// Temporary folders are their owner's alone; this one is to be as any other.
fn open_to_all(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).context("opening the folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_appears_whole_and_only_where_there_is_none() {
        let place = tempfile::tempdir().unwrap();
        let made = || {
            let mut folder = Folder::new(&place.path().join("work")).unwrap();
            folder.write("a/b.txt", b"b").unwrap();
            folder.replace("stays", b"behind").unwrap();
            folder
        };
        let out = place.path().join("deep").join("out");
        made().move_to(&out).unwrap();
        assert_eq!(fs::read(out.join("a/b.txt")).unwrap(), b"b");
        assert!(!out.join("stays").exists());
        assert!(!place.path().join("work").exists());
        let again = made().move_to(&out).unwrap_err();
        assert!(again.to_string().contains("is not empty"));
        let empty = place.path().join("empty");
        fs::create_dir(&empty).unwrap();
        made().move_to(&empty).unwrap();
        assert_eq!(fs::read_dir(out.parent().unwrap()).unwrap().count(), 1);
    }
}
