//! How the program ends: exit codes, and which failure gives which.

use std::io;
use std::process::ExitCode;

/// The documented exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Done, but some of the input was bad; each was told on stderr.
    BadInput,
    /// Wrong usage, configuration or profile.
    Usage,
    /// Could not do it: input or output failed, or a privilege is missing.
    Failed,
    /// An outage is going on (only with `--exit-state`).
    OutageGoingOn,
}

/// A failure that ends the program: what went wrong and how to end.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The code to end with.
    pub(crate) exit: Exit,
    /// What went wrong, outermost context first.
    pub(crate) error: anyhow::Error,
}

impl Exit {
    /// The number that the shell sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::BadInput => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::OutageGoingOn => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl Failure {
    /// Wrong usage, configuration or profile.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Usage, error: error.into() }
    }

    /// It could not be done.
    pub(crate) fn failed(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Failed, error: error.into() }
    }

    /// True where whoever reads our output has gone: not worth a message.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        self.error.chain().any(|cause| {
            cause
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
        })
    }
}
