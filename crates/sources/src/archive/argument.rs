//! What names an input: a path, or `-` for standard input.

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;

/// Where to read from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum InputArg {
    /// A file, or a folder with all that is in it.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

impl From<&OsStr> for InputArg {
    /// `-` is standard input; a file of that name is reached as `./-`.
    fn from(argument: &OsStr) -> Self {
        if argument == "-" { Self::Stdin } else { Self::Path(argument.into()) }
    }
}

impl From<PathBuf> for InputArg {
    fn from(path: PathBuf) -> Self {
        Self::from(path.as_os_str())
    }
}

impl fmt::Display for InputArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("-"),
        }
    }
}
