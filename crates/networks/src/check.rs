//! What is doubtful about a profile that can be read: each finding says what it is and how to mend
//! it.
//!
//! An error makes falter's judgement of the network wrong; a warning makes it weaker; a note is good
//! to know. A file a topic; a new one is a line in [`CHECKS`].

mod calendar;
mod controls;
mod names;
mod priors;
mod routing;
mod text;
mod time_zone;

use falter_model::Profile;

use crate::{ProfileError, parse};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Makes judgements wrong.
    Error,
    /// Makes judgements weaker.
    Warning,
    /// Good to know.
    Note,
}

/// Something doubtful about a profile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What is so: one clause without a full stop.
    pub what: String,
    /// How to mend it: one clause without a full stop.
    pub fix: String,
}

impl Finding {
    fn error(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { severity: Severity::Error, what: what.into(), fix: fix.into() }
    }

    fn warning(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, what: what.into(), fix: fix.into() }
    }

    fn note(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { severity: Severity::Note, what: what.into(), fix: fix.into() }
    }
}

/// What each topic has to say of a profile.
const CHECKS: &[fn(&Profile) -> Vec<Finding>] = &[
    routing::check,
    time_zone::check,
    names::check,
    controls::check,
    priors::check,
    calendar::check,
];

/// What is doubtful about a profile, the worst first.
pub fn check(profile: &Profile) -> Vec<Finding> {
    let mut findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(profile)).collect();
    // Stable: within a severity the order of the topics stays.
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// As [`check`], and what only the text shows: bits of a prefix beyond its length.
pub fn check_text(toml: &str, origin: &str) -> Result<Vec<Finding>, ProfileError> {
    let mut findings = check(&parse(toml, origin)?);
    findings.extend(text::check(toml));
    findings.sort_by_key(|finding| finding.severity);
    Ok(findings)
}

#[cfg(test)]
mod tests;
