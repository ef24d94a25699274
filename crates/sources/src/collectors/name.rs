//! Collectors by their names.

use std::fmt;
use std::str::FromStr;

use falter_model::{Span, Text};

/// A collector whose archives are published: `rrc00`, `route-views2`, `route-views.sg`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Collector {
    name: Text,
    project: Project,
}

/// Who publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Project {
    Ris,
    RouteViews,
}

/// A name that no collector has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a collector such as rrc00, route-views2 or route-views.sg, found {found:?}")]
pub struct NoCollector {
    /// What was found.
    pub found: Text,
}

impl Collector {
    /// As its peers' observations carry it.
    pub fn name(&self) -> &Text {
        &self.name
    }

    pub(super) const fn project(&self) -> Project {
        self.project
    }
}

impl Project {
    /// From one table dump to the next.
    pub(super) const fn tables_every(self) -> Span {
        match self {
            Self::Ris => Span::from_hours(8),
            Self::RouteViews => Span::from_hours(2),
        }
    }

    /// What a file of updates spans.
    pub(super) const fn updates_every(self) -> Span {
        match self {
            Self::Ris => Span::from_minutes(5),
            Self::RouteViews => Span::from_minutes(15),
        }
    }
}

impl FromStr for Collector {
    type Err = NoCollector;

    fn from_str(text: &str) -> Result<Self, NoCollector> {
        let project = if is_ris(text) {
            Project::Ris
        } else if is_route_views(text) {
            Project::RouteViews
        } else {
            return Err(NoCollector { found: text.into() });
        };
        Ok(Self { name: text.into(), project })
    }
}

impl fmt::Display for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// `rrc` and two digits.
fn is_ris(text: &str) -> bool {
    text.strip_prefix("rrc").is_some_and(|number| {
        number.len() == 2 && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

/// `route-views`, perhaps with a number, perhaps with a site after a dot. It becomes a part of a path:
/// nothing else may be in it.
fn is_route_views(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("route-views") else { return false };
    let (number, site) = rest.split_once('.').map_or((rest, None), |(n, site)| (n, Some(site)));
    let is_site = |site: &str| {
        !site.is_empty()
            && site.len() <= 32
            && site.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    number.len() <= 3
        && number.bytes().all(|digit| digit.is_ascii_digit())
        && site.is_none_or(is_site)
        && !rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collectors_have_names_that_are_safe_in_a_path() {
        for (text, is_one) in [
            ("rrc00", true),
            ("rrc26", true),
            ("route-views2", true),
            ("route-views6", true),
            ("route-views.sg", true),
            ("route-views2.saopaulo", true),
            ("route-views", false),
            ("rrc0", false),
            ("rrc000", false),
            ("RRC00", false),
            ("route-views.", false),
            ("route-views.a/b", false),
            ("route-views..", false),
            ("../rrc00", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<Collector>().is_ok(), is_one, "{text}");
        }
    }
}
