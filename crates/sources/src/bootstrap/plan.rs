//! Which archives a table comes from.

use std::path::PathBuf;
use std::time::Duration;

use falter_model::Span;
use url::Url;

use crate::archive::Interest;
use crate::collectors::{Collector, Mirrors};
use crate::fetch::Fetcher;

/// See the module.
#[derive(Debug, Clone)]
pub struct BootstrapPlan {
    /// Collectors whose latest table dump and updates since are fetched.
    pub collectors: Vec<Collector>,
    /// Archives that somebody named: table dumps and what changed since, of one collector or several.
    pub inputs: Vec<BootstrapInput>,
    /// What is watched.
    pub interest: Interest,
    /// Archives that end longer before the feed begins are of no use.
    pub max_age: Span,
    /// Fetches what is not on this machine.
    pub fetcher: Fetcher,
    /// Where the archives of collectors are.
    pub mirrors: Mirrors,
    /// The first wait where an archive can't be had or does not reach far enough; each further one is twice
    /// as long, up to `longest_wait`.
    pub first_wait: Duration,
    /// See [`first_wait`](Self::first_wait).
    pub longest_wait: Duration,
}

/// An archive that somebody named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BootstrapInput {
    /// A file, or a folder of them.
    Path(PathBuf),
    /// A file somewhere else.
    Url(Url),
}
