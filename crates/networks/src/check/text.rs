//! What the text says and the profile no longer knows: a prefix is cut to its length when read.

use std::net::IpAddr;

use falter_model::Prefix;
use serde::Deserialize;
use toml::Spanned;

use super::Finding;
use crate::parse::position;

#[derive(Debug, Deserialize)]
struct Prefixes {
    #[serde(default)]
    prefixes: Vec<Spanned<String>>,
}

/// Prefixes that are not written in their canonical form.
pub(super) fn check(toml: &str) -> Vec<Finding> {
    let Ok(Prefixes { prefixes }) = toml::from_str(toml) else { return Vec::new() };
    let mut findings = Vec::new();
    for written in prefixes {
        let Ok(prefix) = written.as_ref().parse::<Prefix>() else { continue };
        let host: Option<IpAddr> =
            written.as_ref().split('/').next().and_then(|address| address.trim().parse().ok());
        if host.is_some_and(|host| prefix.address() != host) {
            let (line, _) = position(toml, written.span().start);
            findings.push(Finding::error(
                format!("line {line}: {} has bits beyond its length", written.as_ref()),
                format!("write {prefix}, or the longer prefix that was meant"),
            ));
        }
    }
    findings
}
