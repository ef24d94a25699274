//! Addresses that were found to answer, kept over restarts.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use falter_model::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// Who has not answered for so long is forgotten, unless nobody answers: an outage forgets nobody.
const FORGOTTEN_AFTER: Span = Span::from_days(30);

/// The file's contents.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Found {
    /// When each answered last.
    answered: BTreeMap<IpAddr, Timestamp>,
    #[serde(skip)]
    path: PathBuf,
}

impl Found {
    /// What was found before; nothing where there is no file yet.
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        let found = match fs::read(path) {
            Ok(octets) => serde_json::from_slice(&octets).map_err(io::Error::from)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(error),
        };
        Ok(Self { path: path.to_owned(), ..found })
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.answered.keys().copied()
    }

    /// An address answered.
    pub(super) fn answered(&mut self, address: IpAddr, at: Timestamp) {
        self.answered.insert(address, at);
    }

    /// Keeps what is known, whole or not at all.
    pub(super) fn write(&mut self) -> io::Result<()> {
        if let Some(last) = self.answered.values().max().copied() {
            self.answered.retain(|_, at| *at > last - FORGOTTEN_AFTER);
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec_pretty(self).map_err(io::Error::from)?)?;
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answered_is_known_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("found.json");
        let mut found = Found::read(&path).unwrap();
        let day = |n: i64| Timestamp::EPOCH + Span::from_days(n);
        found.answered([192, 0, 2, 1].into(), day(0));
        found.answered([192, 0, 2, 2].into(), day(40));
        found.answered([192, 0, 2, 3].into(), day(45));
        found.write().unwrap();
        let found: Vec<IpAddr> = Found::read(&path).unwrap().addresses().collect();
        assert_eq!(found, [IpAddr::from([192, 0, 2, 2]), [192, 0, 2, 3].into()]);
        fs::write(&path, "not JSON").unwrap();
        Found::read(&path).unwrap_err();
    }
}
