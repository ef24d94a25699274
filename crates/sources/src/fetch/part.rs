//! A file while it is downloaded: `NAME.part`, locked, and `NAME.part.json`, which says of what it is a part.

use std::fs::{self, TryLockError};
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::fs::File;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};
use url::Url;

use super::{FetchError, current};

/// A lock that another process holds is asked for so often.
const ASKED_EVERY: Duration = Duration::from_millis(200);

/// See the module. The lock goes with it.
#[derive(Debug)]
pub(super) struct Part {
    file: File,
    path: PathBuf,
    about: PathBuf,
    octets: u64,
    origin: Origin,
}

/// Of what it is a part.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Origin {
    pub(super) url: String,
    /// A strong entity tag, or the time of change, as the server wrote it: by it the rest is asked for.
    pub(super) validator: Option<String>,
    /// Octets of the whole file.
    pub(super) total: Option<u64>,
}

impl Part {
    /// Waits for the lock on what will become `path`, and takes what an earlier download left of `url`; `None`
    /// once the file is there.
    pub(super) async fn lock(path: &Path, url: &Url) -> io::Result<Option<Self>> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let (part, about) = (with(path, ".part"), with(path, ".part.json"));
        let file = loop {
            if path.exists() {
                return Ok(None);
            }
            let file =
                fs::OpenOptions::new().create(true).truncate(false).write(true).open(&part)?;
            match file.try_lock() {
                // Whoever held the lock may have given the file its name: then this is not it any more.
                Ok(()) if is_at(&file, &part) => break file,
                Ok(()) => continue,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
            tokio::time::sleep(ASKED_EVERY).await;
        };
        if path.exists() {
            // Finished before the lock was had, so that this is an empty one.
            fs::remove_file(&part)?;
            return Ok(None);
        }
        let octets = file.metadata()?.len();
        let origin = fs::read(&about).ok().and_then(|text| serde_json::from_slice(&text).ok());
        let origin: Origin = origin.unwrap_or_default();
        let mut part = Self { file: File::from_std(file), path: part, about, octets, origin };
        if part.origin.url != url.as_str() || part.origin.validator.is_none() {
            part.octets = 0;
        }
        part.file.seek(SeekFrom::Start(part.octets)).await?;
        Ok(Some(part))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// So much is there.
    pub(super) const fn octets(&self) -> u64 {
        self.octets
    }

    /// From where on the rest can be asked for, and by which validator.
    pub(super) fn resume(&self) -> Option<(u64, &str)> {
        let validator = self.origin.validator.as_deref()?;
        (self.octets > 0).then_some((self.octets, validator))
    }

    pub(super) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Begins anew, with a file of which this is known.
    pub(super) async fn begin(&mut self, origin: Origin) -> io::Result<()> {
        self.restart().await?;
        tokio::fs::write(&self.about, serde_json::to_vec(&origin)?).await?;
        self.origin = origin;
        Ok(())
    }

    /// Nothing of it is of use.
    pub(super) async fn restart(&mut self) -> io::Result<()> {
        self.octets = 0;
        self.origin = Origin::default();
        self.file.set_len(0).await?;
        self.file.seek(SeekFrom::Start(0)).await?;
        Ok(())
    }

    pub(super) async fn append(&mut self, octets: &[u8]) -> io::Result<()> {
        self.file.write_all(octets).await?;
        self.octets += octets.len() as u64;
        Ok(())
    }

    /// What was appended can be read.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        self.file.flush().await
    }

    /// It is whole: gives it its name, which survives the end of the machine from here on.
    pub(super) async fn finish(self, path: &Path) -> io::Result<()> {
        self.file.sync_all().await?;
        if !current::is_dated(path) {
            current::remember(path, &self.origin)?;
        }
        fs::rename(&self.path, path)?;
        drop(fs::remove_file(&self.about));
        if let Some(folder) = path.parent() {
            fs::File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    /// What could not be written.
    pub(super) fn cannot(&self, source: io::Error) -> FetchError {
        FetchError::Io { path: self.path.clone(), source }
    }
}

/// `NAME.part` beside `NAME`.
pub(super) fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Whether an open file is the one of this name.
fn is_at(file: &fs::File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(open), Ok(named)) = (file.metadata(), fs::metadata(path)) else { return false };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}
