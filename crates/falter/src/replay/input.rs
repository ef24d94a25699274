//! What `falter replay --json` says of each file.

use falter_sources::archive::{Content, InputKind, InputReport, Place};
use serde::{Serialize, Serializer};

use crate::digest;

/// One file: what it is, what it held, what could not be read.
#[derive(Debug, Serialize)]
pub(crate) struct Input {
    pub(crate) path: String,
    kind: Option<&'static str>,
    observations: u64,
    bad: Vec<Bad>,
    /// All that could not be read; `bad` lists the first of them.
    bad_count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<String>,
    /// What was read of it: `digest`, and how far under `offset`. Told where a store keeps it, which
    /// is when it is digested.
    #[serde(flatten, serialize_with = "digest_and_offset")]
    pub(crate) content: Option<Content>,
}

#[derive(Debug, Serialize)]
struct Bad {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    error: String,
}

impl From<&InputReport> for Input {
    fn from(report: &InputReport) -> Self {
        let bad = report.bad.iter().map(|bad| {
            let (offset, line) = match bad.place {
                Place::Offset(offset) => (Some(offset), None),
                Place::Line(line) => (None, Some(line)),
            };
            Bad { offset, line, error: bad.to_string() }
        });
        Self {
            path: report.path.display().to_string(),
            kind: report.kind.map(InputKind::as_str),
            observations: report.observations,
            bad: bad.collect(),
            bad_count: report.bad_count,
            content: report.content,
            duplicate_of: report.duplicate_of.as_ref().map(|path| path.display().to_string()),
        }
    }
}

#[expect(clippy::ref_option, reason = "serde hands a reference")]
fn digest_and_offset<S: Serializer>(content: &Option<Content>, to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Told {
        digest: String,
        offset: u64,
    }
    content
        .map(|content| Told { digest: digest::in_hex(&content.sha256), offset: content.octets })
        .serialize(to)
}
