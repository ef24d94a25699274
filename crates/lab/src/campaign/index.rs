//! What a campaign has done: a line of JSON a run, appended when its case is in its place.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::draw::Drawn;

/// The file's name.
const NAME: &str = "index.jsonl";

/// A run and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number.
    pub run: u32,
    /// The folder of its case.
    pub folder: String,
    /// The command that makes it again.
    pub command: String,
    /// Why there is no case; `None` where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// The file.
#[derive(Debug)]
pub struct Index {
    file: File,
}

impl Line {
    /// What became of a run.
    pub(super) fn of(drawn: &Drawn, made: &Result<()>) -> Self {
        Self {
            run: drawn.number,
            folder: drawn.name(),
            command: format!("falter-lab {}", drawn.arguments().join(" ")),
            failed: made.as_ref().err().map(|error| format!("{error:#}")),
        }
    }
}

impl Index {
    /// Opens the index of a folder; unless a campaign is resumed, there must be none.
    pub fn open(out: &Path, resume: bool) -> Result<Self> {
        let path = out.join(NAME);
        if path.exists() && !resume {
            bail!("{} holds a campaign (--resume goes on with it)", out.display());
        }
        std::fs::create_dir_all(out).with_context(|| format!("making {}", out.display()))?;
        let mut options = OpenOptions::new();
        options.create(true).append(true).read(true);
        let file = options.open(&path).with_context(|| format!("opening {}", path.display()))?;
        Ok(Self { file })
    }

    /// The numbers of runs whose cases are there. A last line that was cut off is ended, so that the
    /// next begins on its own, and counts for nothing.
    pub fn kept(&self) -> Result<BTreeSet<u32>> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        let mut text = String::new();
        file.read_to_string(&mut text).context("reading the index")?;
        if !text.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n")?;
        }
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        Ok(lines.filter(|line| line.failed.is_none()).map(|line| line.run).collect())
    }

    /// Appends a line.
    pub fn append(&mut self, line: &Line) -> Result<()> {
        let text = format!("{}\n", serde_json::to_string(line)?);
        self.file.write_all(text.as_bytes()).context("writing the index")?;
        self.file.sync_data().context("writing the index")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(run: u32, failed: Option<&str>) -> Line {
        let failed = failed.map(str::to_owned);
        Line { run, folder: format!("{run:05}"), command: String::new(), failed }
    }

    #[test]
    fn what_was_kept_is_known_after_a_cut_off_line_too() {
        let folder = tempfile::tempdir().unwrap();
        let mut index = Index::open(folder.path(), false).unwrap();
        index.append(&line(0, None)).unwrap();
        index.append(&line(1, Some("no luck"))).unwrap();
        index.append(&line(3, None)).unwrap();
        let path = folder.path().join(NAME);
        let text = std::fs::read(&path).unwrap();
        std::fs::write(&path, &text[..text.len() - 5]).unwrap();
        assert!(Index::open(folder.path(), false).is_err());
        let mut index = Index::open(folder.path(), true).unwrap();
        assert_eq!(index.kept().unwrap(), BTreeSet::from([0]));
        index.append(&line(3, None)).unwrap();
        assert_eq!(index.kept().unwrap(), BTreeSet::from([0, 3]));
    }
}
