//! All inputs of one run, merged.

use std::io;
use std::path::PathBuf;

use falter_model::{Interned, Observation};

use super::{InputArg, InputReport, Interest, Progress};
use crate::recording::RecordingHeader;

/// Why reading can't begin.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// No argument was given.
    #[error("expected at least one input")]
    None,
    /// There is no such file.
    #[error("there is no input {path:?}")]
    Missing {
        /// As it was named.
        path: PathBuf,
    },
    /// It is there and can't be read.
    #[error("could not open {path:?}")]
    Unreadable {
        /// As it was named.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder in which nothing is MRT, a recording or a series.
    #[error("the folder {path:?} holds no input: no MRT, recording or series")]
    EmptyFolder {
        /// As it was named.
        path: PathBuf,
    },
}

/// All inputs of one run as one stream, in the order of time.
#[derive(Debug)]
pub struct Inputs {
    reports: Vec<InputReport>,
}

impl Inputs {
    /// Opens what the arguments name and looks at the head of each file.
    pub fn open(arguments: &[InputArg], interest: Interest) -> Result<Self, InputError> {
        drop(interest);
        if arguments.is_empty() { Err(InputError::None) } else { Ok(Self { reports: Vec::new() }) }
    }

    /// Appends the next observations, in the order of time, a few thousand at most; false at the
    /// end. What happened is in `at` of each: it may run backwards where the input does.
    pub fn read(&mut self, interned: &mut Interned, into: &mut Vec<Observation>) -> bool {
        _ = (interned, into);
        false
    }

    /// What became of each input so far, in the order of their paths.
    pub fn reports(&self) -> &[InputReport] {
        &self.reports
    }

    /// How much was read.
    pub fn progress(&self) -> Progress {
        Progress::default()
    }

    /// The first lines of the recordings among the inputs.
    pub fn recording_headers(&self) -> &[RecordingHeader] {
        &[]
    }
}
