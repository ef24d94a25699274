//! Signals from visits to web sites.

pub(crate) mod failures;
pub(crate) mod latency;
pub(crate) mod ok_share;

use falter_model::{Page, SignalId, Stage, Text};

use crate::tally::Tally;

/// From this status on a visit was no success (RFC 9110: 4xx and 5xx are errors).
const ERROR_STATUS: u16 = 400;

/// One visit, as far as signals care.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// The site's host name.
    pub(crate) host: Text,
    /// The stage that failed; `None` where all was well.
    pub(crate) failed: Option<Stage>,
    /// All stages together.
    pub(crate) took_us: u64,
}

impl Visit {
    /// From a page.
    pub(crate) fn new(page: &Page) -> Self {
        let bad_status = page.status.is_some_and(|status| status >= ERROR_STATUS);
        let ended_early = page.stage != Stage::Status;
        let failed = page.error.is_some() || bad_status || ended_early;
        let took = page.times_us.iter().fold(0_u64, |sum, (_, time)| sum.saturating_add(*time));
        Self { host: host(&page.site), failed: failed.then_some(page.stage), took_us: took }
    }
}

/// The host name in a URL.
fn host(url: &str) -> Text {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    // A bracketed IPv6 address holds colons of its own.
    let name = if host.starts_with('[') {
        host.split_inclusive(']').next()
    } else {
        host.split(':').next()
    };
    name.unwrap_or(host).into()
}

/// Every signal of one entity in one bin.
pub(crate) fn tally(visits: &[Visit]) -> Vec<(SignalId, Tally)> {
    let mut signals = vec![
        (ok_share::SPEC.id.into(), ok_share::tally(visits)),
        (latency::SPEC.id.into(), latency::tally(visits)),
    ];
    for (stage, tally) in failures::tally(visits) {
        signals.push((format!("{}/{stage}", failures::SPEC.id).as_str().into(), tally));
    }
    signals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_found_in_any_url() {
        for (url, expected) in [
            ("http://www.example.kp/", "www.example.kp"),
            ("https://www.example.kp:8443/a?b", "www.example.kp"),
            ("http://user@example.kp", "example.kp"),
            ("http://[2001:db8::1]:80/", "[2001:db8::1]"),
            ("example.kp/path", "example.kp"),
        ] {
            assert_eq!(&*host(url), expected);
        }
    }
}
