//! What this machine can do for watching, and how to mend what it can't.

mod checks;

use std::path::Path;

use serde::Serialize;

use crate::config::Config;
use crate::profiles::Found;

/// What is looked at.
pub(crate) struct Patient<'a> {
    /// The configuration, or why it can't be read.
    pub(crate) config: Result<Config, String>,
    /// The networks that would be watched, or why one has no profile.
    pub(crate) networks: Result<Vec<Found>, String>,
    /// The store's folder, or why there is none.
    pub(crate) store: Result<&'a Path, String>,
    /// Whether feeds may be asked if they answer.
    pub(crate) online: bool,
}

/// What was found of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// What was looked at.
    pub(crate) check: &'static str,
    /// How it is.
    pub(crate) grade: Grade,
    /// In words.
    pub(crate) says: String,
    /// How to mend it; `None` where there is nothing to mend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mend: Option<String>,
}

/// How something is, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Grade {
    /// As it should be.
    Good,
    /// Watching works, but not all of it.
    Limited,
    /// Watching can't work.
    Bad,
}

/// Looks at everything.
pub(crate) fn examine(patient: &Patient<'_>) -> Vec<Finding> {
    let default = Config::default();
    let config = patient.config.as_ref().unwrap_or(&default);
    let mut findings = vec![
        checks::configuration(patient.config.as_ref().err()),
        checks::profiles(&patient.networks),
    ];
    findings.extend(checks::store(patient.store.as_ref().map(|path| *path)));
    findings.push(checks::probing(config));
    findings.extend(checks::darknet(config));
    findings.push(checks::controls(config, patient.networks.as_deref().unwrap_or_default()));
    findings.push(checks::clock());
    findings.push(checks::open_files());
    findings.extend(checks::feeds(config, patient.online));
    findings
}

impl Finding {
    fn good(check: &'static str, says: impl Into<String>) -> Self {
        Self { check, grade: Grade::Good, says: says.into(), mend: None }
    }

    fn worse(
        check: &'static str,
        grade: Grade,
        says: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self { check, grade, says: says.into(), mend: Some(mend.into()) }
    }
}

impl Grade {
    /// A word of equal width for each.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Good => "good   ",
            Self::Limited => "limited",
            Self::Bad => "bad    ",
        }
    }
}
