//! The first line of a recording.

use std::collections::BTreeMap;

use falter_model::{Timestamp, VantagePoint};
use serde::{Deserialize, Serialize, Serializer};

/// What a recording says of itself in its first line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordingHeader {
    /// Always `recording`: tells the kind of the file.
    falter: Magic,
    /// The version of the form, now 1.
    pub version: u32,
    /// The network that it is about; `None` where it is about none in particular.
    #[serde(default)]
    pub network: Option<String>,
    /// When it begins.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// A re-enactment, not a measurement.
    #[serde(default)]
    pub synthetic: bool,
    /// How many times faster than life it was made; 1 for life.
    #[serde(default = "life", serialize_with = "whole_as_integer")]
    pub time_scale: f64,
    /// The program and its version.
    #[serde(default)]
    pub made_by: String,
    /// Digests of what it was made with, by what they are of.
    #[serde(default)]
    pub digests: BTreeMap<String, String>,
    /// Who observed.
    #[serde(default)]
    pub vantage_points: Vec<VantagePoint>,
    /// The recording that it goes on from, of the same network and vantage points: when that one began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<Timestamp>,
    /// What held when it began, as observations: so it can be read without the one that it goes on
    /// from. Where that one is read too, nobody looks at it.
    #[serde(default)]
    pub starts_from: Vec<serde_json::Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Magic {
    Recording,
}

const fn life() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn whole_as_integer<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
    // Beyond 2^53 not every integer is a float.
    if number.fract() == 0.0 && number.abs() < 9e15 {
        #[expect(clippy::cast_possible_truncation, reason = "whole and small")]
        to.serialize_i64(*number as i64)
    } else {
        to.serialize_f64(*number)
    }
}

impl RecordingHeader {
    /// The newest version of the form that is known here.
    pub const VERSION: u32 = 1;

    /// A recording of this network (or of none in particular), made in real time.
    pub fn new(network: Option<&str>, from: Timestamp) -> Self {
        Self {
            falter: Magic::Recording,
            version: Self::VERSION,
            network: network.map(str::to_owned),
            from: Some(from),
            synthetic: false,
            time_scale: life(),
            made_by: concat!("falter ", env!("CARGO_PKG_VERSION")).to_owned(),
            digests: BTreeMap::new(),
            vantage_points: Vec::new(),
            follows: None,
            starts_from: Vec::new(),
        }
    }
}

/// True where `header` is that of the recording that `next` goes on from.
pub(crate) fn is_before(header: &RecordingHeader, next: &RecordingHeader) -> bool {
    // Began earlier, so that no chain leads back to itself.
    next.follows.is_some()
        && header.from == next.follows
        && header.from < next.from
        && header.network == next.network
        && header.synthetic == next.synthetic
        // Others may have joined meanwhile.
        && header.vantage_points.iter().all(|point| next.vantage_points.contains(point))
}

/// True where a line is the first one of a recording.
pub(crate) fn is_header(line: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(rename = "falter")]
        _falter: Magic,
    }
    // Spares other files the parser.
    line.first() == Some(&b'{') && serde_json::from_slice::<Kind>(line).is_ok()
}
