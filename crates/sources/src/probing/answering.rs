//! The addresses that answer, as sweeps found them, and how often; kept in a file.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::sweep::Swept;

/// What was seen loses half of its weight with so many sweeps: a machine that was retired is
/// forgotten within some weeks of daily ones.
const HALF_LIFE_SWEEPS: f64 = 7.0;
/// Who answers less often is left out of the list.
const LEAST: f64 = 0.05;

/// The list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answering {
    /// By address.
    pub addresses: BTreeMap<IpAddr, Known>,
}

/// What is known of an address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Sweeps that it answered, fading.
    pub answered: f64,
    /// Sweeps that asked it since it first answered, fading.
    pub asked: f64,
}

/// Why the list could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum AnsweringError {
    /// The file could not be read or written.
    #[error("the list of addresses that answer")]
    Io(#[from] std::io::Error),
    /// The file holds something else.
    #[error("the list of addresses that answer")]
    Form(#[from] serde_json::Error),
}

impl Known {
    /// Chance that it answers, in (0, 1): Laplace's rule.
    pub fn availability(&self) -> f64 {
        (self.answered + 1.0) / (self.asked + 2.0)
    }
}

impl Answering {
    /// Reads the list; empty where there is no file yet.
    pub fn read(path: &Path) -> Result<Self, AnsweringError> {
        match std::fs::read(path) {
            Ok(octets) => Ok(serde_json::from_slice(&octets)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the list: all of it or nothing.
    pub fn write(&self, path: &Path) -> Result<(), AnsweringError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or_else(|| Path::new(".")))?;
        serde_json::to_writer(&mut file, self)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// Takes a whole sweep.
    pub fn take(&mut self, swept: &Swept) {
        let fade = (-std::f64::consts::LN_2 / HALF_LIFE_SWEEPS).exp();
        for known in self.addresses.values_mut() {
            known.answered *= fade;
            known.asked = known.asked * fade + 1.0;
        }
        for found in &swept.found {
            let known = self
                .addresses
                .entry(found.address.into())
                .or_insert_with(|| Known { answered: 0.0, asked: 1.0 });
            known.answered += 1.0;
        }
        self.addresses.retain(|_, known| known.answered >= LEAST * known.asked);
    }
}

#[cfg(test)]
mod tests {
    use super::super::sweep::Found;
    use super::*;

    fn swept(last: &[u8]) -> Swept {
        let found = |last: &u8| Found { address: [192, 0, 2, *last].into(), rtt_us: 1 };
        Swept { found: last.iter().map(found).collect(), ..Swept::default() }
    }

    #[test]
    fn availability_is_learned_and_the_retired_are_forgotten() {
        let mut list = Answering::default();
        for sweep in 0..40 {
            list.take(&swept(if sweep % 2 == 0 { &[1, 2] } else { &[1] }));
        }
        let of = |list: &Answering, last: u8| list.addresses[&IpAddr::from([192, 0, 2, last])];
        assert!(of(&list, 1).availability() > 0.9);
        assert!((0.35..0.65).contains(&of(&list, 2).availability()));
        for _ in 0..60 {
            list.take(&swept(&[1]));
        }
        assert_eq!(list.addresses.len(), 1);
    }

    #[test]
    fn the_list_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answering.json");
        assert_eq!(Answering::read(&path).unwrap(), Answering::default());
        let mut list = Answering::default();
        list.take(&swept(&[1, 2, 3]));
        list.write(&path).unwrap();
        assert_eq!(Answering::read(&path).unwrap(), list);
        std::fs::write(&path, "{").unwrap();
        assert!(matches!(Answering::read(&path), Err(AnsweringError::Form(_))));
    }
}
