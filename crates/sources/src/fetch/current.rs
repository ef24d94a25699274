//! Whether a file that was fetched earlier is what its server has still.
//!
//! Archives are named after their time and never change. A file with another name may (`latest-bview.gz`): its
//! server is asked, under the condition that it changed (RFC 9110, section 13.1.2).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hyper::StatusCode;
use hyper::header::{HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use url::Url;

use super::Limits;
use super::attempt::Failed;
use super::exchange;
use super::part::{Origin, with};

/// True where the name holds a date and a time, as `updates.20220126.0005.gz`.
pub(super) fn is_dated(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_number = |part: &&str, digits: usize| {
        part.len() == digits && part.bytes().all(|digit| digit.is_ascii_digit())
    };
    let parts: Vec<&str> = name.split('.').collect();
    parts.iter().zip(parts.iter().skip(1)).any(|(a, b)| is_number(a, 8) && is_number(b, 4))
}

/// Remembers where a file came from, so that its server can be asked later.
pub(super) fn remember(path: &Path, origin: &Origin) -> io::Result<()> {
    fs::write(about(path), serde_json::to_vec(origin)?)
}

/// Asks the server. A file whose origin is not known, or is another one, is not current; one whose server
/// can't be asked is used as it is, which is told in the log.
pub(super) async fn is_current(limits: &Limits, url: &Url, path: &Path) -> bool {
    let known = fs::read(about(path)).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let Some(Origin { url: from, validator: Some(validator), .. }) = known else { return false };
    if from != url.as_str() {
        return false;
    }
    match exchange::get(limits, url, &[(condition(&validator), validator)]).await {
        Ok(answer) => answer.status == StatusCode::NOT_MODIFIED,
        Err(Failed::Again(error)) => {
            tracing::warn!(%url, %error, "Not asked whether it changed: what is here is used.");
            true
        }
        // The download will tell it.
        Err(Failed::Final(_)) => false,
    }
}

/// An entity tag is in quotes, a time is not.
fn condition(validator: &str) -> HeaderName {
    if validator.starts_with('"') { IF_NONE_MATCH } else { IF_MODIFIED_SINCE }
}

fn about(path: &Path) -> PathBuf {
    with(path, ".origin.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_named_after_their_time() {
        for (name, expected) in [
            ("updates.20220126.0005.gz", true),
            ("a/bview.20220126.0000.gz", true),
            ("latest-bview.gz", false),
            ("rib.2022.0126.gz", false),
            ("20220126/0005.gz", false),
        ] {
            assert_eq!(is_dated(Path::new(name)), expected, "{name}");
        }
    }
}
