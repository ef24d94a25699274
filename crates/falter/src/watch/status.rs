//! What a source says of itself: what no observation tells, for the terminal and the log.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use falter_model::Timestamp;
use serde::Serialize;

/// The shared word of one source: it writes, the terminal reads.
#[derive(Debug, Clone)]
pub(crate) struct Status {
    said: Arc<Mutex<Said>>,
}

/// What it said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// The source's name: `ris-live`, `lines /run/x`.
    pub(crate) name: String,
    /// How it is.
    pub(crate) state: SourceState,
    /// Since when; `None` before it said anything.
    pub(crate) since: Option<Timestamp>,
    /// What it lacks though it sees, in words; `None` where it has all that it should.
    pub(crate) lacks: Option<String>,
    /// Observations that it told, where it counts them.
    pub(crate) told: u64,
}

/// How a source is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub(crate) enum SourceState {
    /// It did not get so far yet.
    Starting,
    /// It tells what it sees.
    Up,
    /// It can't see; it is tried again.
    Down {
        /// Why.
        why: String,
    },
    /// It told everything there was.
    Ended,
}

impl Status {
    /// Of a source that is about to start.
    pub(crate) fn new(name: String) -> Self {
        let said = Said { name, state: SourceState::Starting, since: None, lacks: None, told: 0 };
        Self { said: Arc::new(Mutex::new(said)) }
    }

    /// How it is from now on; says nothing where that is not new.
    pub(crate) fn set(&self, state: SourceState, now: Timestamp) {
        let mut said = self.lock();
        if said.state != state {
            said.state = state;
            said.since = Some(now);
        }
    }

    /// What it lacks from now on.
    pub(crate) fn set_lack(&self, lacks: Option<String>) {
        self.lock().lacks = lacks;
    }

    /// It told another observation.
    pub(crate) fn told_one(&self) {
        self.told_more(1);
    }

    /// It told so many more.
    pub(crate) fn told_more(&self, more: u64) {
        let mut said = self.lock();
        said.told = said.told.saturating_add(more);
    }

    /// A copy of what it said last.
    pub(crate) fn said(&self) -> Said {
        self.lock().clone()
    }

    /// A thread that panicked while it spoke leaves a whole word all the same.
    fn lock(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SourceState {
    /// In words: `down: connection refused`.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Starting => "starting".to_owned(),
            Self::Up => "up".to_owned(),
            Self::Down { why } => format!("down: {why}"),
            Self::Ended => "ended".to_owned(),
        }
    }
}

/// Why nothing can be seen, where no source is up.
pub(crate) fn blind_because(sources: &[Said], network: &str) -> String {
    let down = sources.iter().filter_map(|source| match &source.state {
        SourceState::Down { why } => Some(format!("{} ({why})", source.name)),
        _ => None,
    });
    let down: Vec<String> = down.collect();
    let why = if sources.is_empty() {
        "no source is configured".to_owned()
    } else if down.is_empty() {
        "every source has ended".to_owned()
    } else {
        format!("no source is up: {}", down.join(", "))
    };
    format!("this vantage point is blind, {why}; nothing is concluded about {network}")
}
