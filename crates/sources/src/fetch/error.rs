//! Why a file is not here.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::compression::Compression;

/// Why a file could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The server has no such file.
    #[error("{url}: there is no such file")]
    Missing {
        /// What was asked for.
        url: Url,
    },
    /// The server gives it to nobody, or not to us.
    #[error("{url}: refused with status {status}")]
    Refused {
        /// What was asked for.
        url: Url,
        /// The status of HTTP.
        status: u16,
    },
    /// Every attempt failed, the last one so.
    #[error("{url}: given up at octet {offset}: {why}")]
    Interrupted {
        /// What was asked for.
        url: Url,
        /// How far it came.
        offset: u64,
        /// What ended the last attempt.
        why: Interrupted,
    },
    /// It would take longer than it may.
    #[error("{url}: not whole after {} s, at octet {offset}", after.as_secs_f64())]
    TooSlow {
        /// What was asked for.
        url: Url,
        /// How far it came.
        offset: u64,
        /// How long it may take.
        after: Duration,
    },
    /// It is larger than it may be.
    #[error("{url}: more than {most} octets")]
    TooLarge {
        /// What was asked for.
        url: Url,
        /// How large it may be.
        most: u64,
    },
    /// Redirects lead on and on.
    #[error("{url}: more than {most} redirects, the last to {last}")]
    Redirects {
        /// What was asked for.
        url: Url,
        /// How many are followed.
        most: u32,
        /// Where the last one led.
        last: Url,
    },
    /// Neither `http` nor `https`, or a redirect from `https` to `http`.
    #[error("{url}: leads to {to}, which is not fetched")]
    Scheme {
        /// What was asked for.
        url: Url,
        /// Where it led.
        to: Url,
    },
    /// Another process was downloading it all the time.
    #[error("another process holds {path:?}")]
    Locked {
        /// The file that it would become.
        path: PathBuf,
    },
    /// It could not be written.
    #[error("could not write {path:?}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What ended an attempt, and may not end the next one.
#[derive(Debug, thiserror::Error)]
pub enum Interrupted {
    /// No connection.
    #[error("could not connect: {0}")]
    Connect(io::Error),
    /// No answer in time.
    #[error("no answer within {} s", .0.as_secs_f64())]
    NoAnswer(Duration),
    /// What came is no HTTP, or ended within the head.
    #[error("no answer: {0}")]
    NoHttp(hyper::Error),
    /// The body ended before it should.
    #[error("broke off: {0}")]
    BrokeOff(hyper::Error),
    /// The server sent less than it said.
    #[error("ended there, {expected} octets were told")]
    Short {
        /// The length that the server told.
        expected: u64,
    },
    /// Nothing came any more.
    #[error("nothing came for {} s", .0.as_secs_f64())]
    Stalled(Duration),
    /// The server has trouble.
    #[error("status {status}")]
    Status {
        /// The status of HTTP.
        status: u16,
        /// How long it asks to wait.
        wait: Option<Duration>,
    },
    /// Its entity tag, time of change or length is another one than before.
    #[error("the file changed meanwhile")]
    Changed,
    /// The server sent another part than was asked for.
    #[error("another part came than was asked for: {found:?}")]
    OtherPart {
        /// What it says that it sent.
        found: Box<str>,
    },
    /// It does not decode to its end.
    #[error("damaged: {0}")]
    Damaged(io::Error),
    /// It is not compressed as its name says.
    #[error("expected {expected} data, found {found:?}")]
    NotAsNamed {
        /// What the name says.
        expected: &'static str,
        /// Its first octets.
        found: Box<str>,
    },
    /// It could not be read again to be checked.
    #[error("could not be checked: {0}")]
    Unchecked(io::Error),
}

impl Interrupted {
    /// True where nothing of what was downloaded is of any use.
    pub(super) const fn spoils(&self) -> bool {
        matches!(
            self,
            Self::Changed
                | Self::OtherPart { .. }
                | Self::Damaged(_)
                | Self::NotAsNamed { .. }
                | Self::Unchecked(_)
        )
    }

    /// How long the server asked to wait.
    pub(super) const fn asked_to_wait(&self) -> Option<Duration> {
        match self {
            Self::Status { wait, .. } => *wait,
            _ => None,
        }
    }

    pub(super) fn not_as_named(expected: Compression, head: &[u8]) -> Self {
        let expected = match expected {
            Compression::Gzip => "gzip",
            Compression::Bzip2 => "bzip2",
            Compression::Zstd => "zstd",
            Compression::Plain => "plain",
        };
        let found = head.get(..24).unwrap_or(head).escape_ascii().to_string();
        Self::NotAsNamed { expected, found: found.into() }
    }
}
