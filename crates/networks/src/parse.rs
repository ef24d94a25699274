//! Reads a profile: TOML into [`Profile`], with errors that say where they are and what to do.
//!
//! What is refused here would break whatever relies on a profile (a name that can't stand in an
//! outage's id, a share beyond 1). What is merely doubtful is for [`crate::check()`].

use std::collections::BTreeMap;

use falter_model::{Cause, Priors, Profile, Span};
use serde::Deserialize;
use toml::Spanned;

/// A text that is no profile. Its message is one line; the source of `Toml` draws the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// No TOML, or not the fields of a profile.
    #[error("{origin}, line {line}, column {column}: {}; {fix}", one_line(.source.message()))]
    Toml {
        /// Where the text is from: a path, or `bundled`.
        origin: Box<str>,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What to do about it.
        fix: &'static str,
        /// As the reader of TOML tells it.
        source: Box<toml::de::Error>,
    },
    /// A value that is out of range.
    #[error("{origin}, line {line}, column {column}: {field}: expected {expected}, found {found}")]
    Value {
        /// Where the text is from.
        origin: Box<str>,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// `routing.full_feed`.
        field: Box<str>,
        /// What may stand there.
        expected: &'static str,
        /// What stood there.
        found: Box<str>,
    },
}

/// Reads a profile; `origin` is where the text is from, for the messages.
pub fn parse(text: &str, origin: &str) -> Result<Profile, ProfileError> {
    let profile: Profile = toml::from_str(text).map_err(|error| toml_error(text, origin, error))?;
    match first_bad_value(&profile) {
        None => Ok(profile),
        Some(BadValue { field, expected, found }) => {
            let (line, column) = position(text, offset_of(text, &field));
            let (origin, field) = (origin.into(), field.into());
            Err(ProfileError::Value { origin, line, column, field, expected, found: found.into() })
        }
    }
}

/// What the reader of TOML found wrong, with its place and a hint.
pub(crate) fn toml_error(text: &str, origin: &str, error: toml::de::Error) -> ProfileError {
    let (line, column) = position(text, error.span().unwrap_or_default().start);
    let fix = hint(error.message());
    ProfileError::Toml { origin: origin.into(), line, column, fix, source: Box::new(error) }
}

fn hint(message: &str) -> &'static str {
    if message.contains("missing field") {
        "add it; `falter network show kp` prints a whole profile"
    } else if message.contains("unknown field") {
        "remove or rename it"
    } else if message.contains("duplicate key") {
        "keep one of the two"
    } else {
        "correct it; `falter network show kp` prints a whole profile"
    }
}

fn one_line(message: &str) -> String {
    message.lines().map(str::trim).collect::<Vec<_>>().join(", ")
}

struct BadValue {
    field: String,
    expected: &'static str,
    found: String,
}

fn first_bad_value(profile: &Profile) -> Option<BadValue> {
    let bad = |field: &str, expected, found: String| {
        Some(BadValue { field: field.to_owned(), expected, found })
    };
    if !is_name(&profile.name) {
        let expected = "lower-case letters, digits and dashes, as it heads the ids of outages";
        return bad("name", expected, format!("{:?}", profile.name));
    }
    if profile.title.trim().is_empty() {
        return bad("title", "what people call the network", format!("{:?}", profile.title));
    }
    if let Some(hold_time) = profile.routing.hold_time
        && hold_time < Span::from_seconds(3)
    {
        // RFC 4271, section 4.2: a hold time is zero (none at all) or at least three seconds.
        return bad("routing.hold_time", "at least 3s", hold_time.to_string());
    }
    if let Some(share) = profile.routing.full_feed
        && !(share > 0.0 && share <= 1.0)
    {
        return bad("routing.full_feed", "a share above 0 and up to 1", share.to_string());
    }
    for (cause, prior) in priors(profile.priors.as_ref()) {
        if !(0.0..=1.0).contains(&prior) {
            let found = prior.to_string();
            return bad(&format!("priors.{cause}"), "a probability from 0 to 1", found);
        }
    }
    None
}

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.chars().all(allowed) && !name.starts_with('-') && !name.ends_with('-')
}

/// The priors that a profile states, in the order of the causes.
pub(crate) fn priors(stated: Option<&Priors>) -> Vec<(Cause, f64)> {
    let Some(stated) = stated else { return Vec::new() };
    let of = |cause| match cause {
        Cause::Overload => stated.overload,
        Cause::Power => stated.power,
        Cause::Link => stated.link,
        Cause::Fault => stated.fault,
        Cause::Shutdown => stated.shutdown,
        Cause::Maintenance => stated.maintenance,
    };
    Cause::ALL.iter().filter_map(|cause| of(*cause).map(|prior| (*cause, prior))).collect()
}

/// The values that [`first_bad_value`] looks at, with their places.
#[derive(Debug, Default, Deserialize)]
struct Places {
    name: Option<Spanned<toml::Value>>,
    title: Option<Spanned<toml::Value>>,
    #[serde(default)]
    routing: BTreeMap<String, Spanned<toml::Value>>,
    #[serde(default)]
    priors: BTreeMap<String, Spanned<toml::Value>>,
}

/// The offset of a field's value; 0 where the field is not found.
fn offset_of(text: &str, field: &str) -> usize {
    let places: Places = toml::from_str(text).unwrap_or_default();
    let value = match field.split_once('.') {
        Some(("routing", key)) => places.routing.get(key),
        Some((_, key)) => places.priors.get(key),
        None if field == "name" => places.name.as_ref(),
        None => places.title.as_ref(),
    };
    value.map_or(0, |value| value.span().start)
}

/// Line and column, from 1, of an octet's place in a text.
pub(crate) fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(parse(text, "x.toml").unwrap_err().to_string(), expected, "{text}");
    }

    #[test]
    fn the_least_profile_is_a_name_and_a_title() {
        let profile = parse("name = 'x'\ntitle = 'X'\n", "x.toml").unwrap();
        assert!(profile.asns.is_empty());
        assert_eq!(profile.time_zone, None);
    }

    #[test]
    fn an_error_says_where_and_what_to_do() {
        check(
            "name = 'x'\ntitle = 'X'\n  nmae = 'y'\n",
            "x.toml, line 3, column 3: unknown field `nmae`, expected one of `name`, `title`, \
             `aliases`, `time_zone`, `asns`, `prefixes`, `transits`, `zones`, `sites`, `services`, \
             `controls`, `routing`, `priors`, `calendar`; remove or rename it",
        );
        check(
            "name = 'x'\n",
            "x.toml, line 1, column 1: missing field `title`; add it; \
             `falter network show kp` prints a whole profile",
        );
        check(
            "name = 'x'\ntitle = 'X'\nasns = ['ASX']\n",
            "x.toml, line 3, column 8: expected an AS number such as AS131279, found \"ASX\"; \
             correct it; `falter network show kp` prints a whole profile",
        );
    }

    #[test]
    fn a_value_out_of_range_is_named_with_its_place() {
        let head = "name = 'x'\ntitle = 'X'\n";
        check(
            "title = 'X'\nname = 'Kp 1'\n",
            "x.toml, line 2, column 8: name: expected lower-case letters, digits and dashes, as it \
             heads the ids of outages, found \"Kp 1\"",
        );
        check(
            &format!("{head}[routing]\nfull_feed = 75.0\n"),
            "x.toml, line 4, column 13: routing.full_feed: expected a share above 0 and up to 1, \
             found 75",
        );
        check(
            &format!("{head}[routing]\nhold_time = '0s'\n"),
            "x.toml, line 4, column 13: routing.hold_time: expected at least 3s, found 0s",
        );
        check(
            &format!("{head}[priors]\npower = nan\n"),
            "x.toml, line 4, column 9: priors.power: expected a probability from 0 to 1, found NaN",
        );
    }

    #[test]
    fn every_truncation_of_a_profile_is_read_or_refused() {
        let text = crate::find("kp").unwrap();
        for (at, _) in text.char_indices() {
            if let Err(error) = parse(text.get(..at).unwrap(), "x.toml") {
                assert!(error.to_string().starts_with("x.toml, line "), "{error}");
            }
        }
    }
}
