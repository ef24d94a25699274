//! The files that the arguments name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{InputArg, InputError};

/// An input before it was looked at.
#[derive(Debug)]
pub(super) struct Listed {
    /// As it is shown: as it was named, below the folder that was named.
    pub(super) path: PathBuf,
    pub(super) kind: ListedKind,
    /// The folder that was named and in which it was found.
    pub(super) folder: Option<PathBuf>,
}

/// How an input can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListedKind {
    /// As often as needed.
    File,
    /// Once: a pipe that has a name.
    Pipe,
    /// Once: standard input.
    Stdin,
}

/// All files, in the order of their paths. An argument given twice, or a file that is also in a
/// folder, is listed twice: it is recognized by its content later.
pub(super) fn list(arguments: &[InputArg]) -> Result<Vec<Listed>, InputError> {
    if arguments.is_empty() {
        return Err(InputError::None);
    }
    let mut listed = Vec::new();
    let mut stdin = false;
    for argument in arguments {
        match argument {
            // What comes from it can be read once only.
            InputArg::Stdin if stdin => {}
            InputArg::Stdin => {
                stdin = true;
                listed.push(Listed { path: "-".into(), kind: ListedKind::Stdin, folder: None });
            }
            InputArg::Path(path) => {
                let unreadable = |source: io::Error| match source.kind() {
                    io::ErrorKind::NotFound => InputError::Missing { path: path.clone() },
                    _ => InputError::Unreadable { path: path.clone(), source },
                };
                let found = fs::metadata(path).map_err(unreadable)?;
                if found.is_dir() {
                    let before = listed.len();
                    list_folder(path, path, &mut listed).map_err(unreadable)?;
                    if listed.len() == before {
                        return Err(InputError::EmptyFolder { path: path.clone() });
                    }
                } else {
                    let kind = if found.is_file() { ListedKind::File } else { ListedKind::Pipe };
                    listed.push(Listed { path: path.clone(), kind, folder: None });
                }
            }
        }
    }
    listed.sort_by(|a, b| (&a.path, &a.folder).cmp(&(&b.path, &b.folder)));
    Ok(listed)
}

/// All files below a folder. Links to files are followed, links to folders are not: they may lead in
/// a circle.
fn list_folder(folder: &Path, root: &Path, listed: &mut Vec<Listed>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            list_folder(&path, root, listed)?;
        } else if fs::metadata(&path).is_ok_and(|found| found.is_file()) {
            listed.push(Listed { path, kind: ListedKind::File, folder: Some(root.to_owned()) });
        }
    }
    Ok(())
}
