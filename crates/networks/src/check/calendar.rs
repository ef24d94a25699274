//! The calendar: entries that can't be read weigh nothing.

use falter_model::Profile;

use super::Finding;
use crate::calendar_moment;

/// Times that can't be read, ends before beginnings, entries without a source or given twice.
pub(super) fn check(profile: &Profile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let moment = |text| calendar_moment(text, Some(profile));
    for (at, entry) in profile.calendar.iter().enumerate() {
        let named = format!("calendar entry {} ({} to {})", at + 1, entry.from, entry.until);
        let (from, until) = (moment(&entry.from), moment(&entry.until));
        match (from, until) {
            (Some(from), Some(until)) if until <= from => findings.push(Finding::error(
                format!("{named} ends before it begins"),
                "swap the two; until is the first day after it",
            )),
            (Some(_), Some(_)) => {}
            _ => findings.push(Finding::error(
                format!("{named} has a time that can't be read"),
                "write a day (2026-01-01) or an RFC 3339 time (2026-01-01T08:00:00Z)",
            )),
        }
        if profile.calendar.iter().take(at).any(|earlier| earlier == entry) {
            findings.push(Finding::warning(format!("{named} is given twice"), "keep one"));
        }
        if entry.source.is_none() {
            findings.push(Finding::note(
                format!("{named} has no source"),
                "say where it is written: others will ask",
            ));
        }
    }
    findings
}
