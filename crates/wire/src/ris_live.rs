//! RIS Live: BGP messages of the collectors of RIPE RIS as JSON, a message a frame of a WebSocket.
//!
//! Written after the manual at <https://ris-live.ripe.net/manual/>. What the manual does not name is
//! passed over, so that a new field or type breaks nothing. A prefix that can't be read costs itself and
//! is counted; anything else that can't be read costs its message.

mod path;
mod raw;

use std::net::IpAddr;

use falter_model::{Asn, Prefix, Timestamp};

use crate::bgp::Notification;
use raw::{RawFrame, RawMessage};

/// What one frame says.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// A collector got a message of a peer, or its session with one changed.
    Message(Box<Message>),
    /// The server refuses something, in its words; a client that is too slow is told so and dropped.
    Error(String),
    /// An answer to a ping.
    Pong,
    /// Anything else, by its type.
    Other(String),
}

/// What a collector got.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// When.
    pub at: Timestamp,
    /// The collector, as archives name it: `rrc00`.
    pub collector: String,
    /// The peer's address.
    pub peer: IpAddr,
    /// The peer's AS.
    pub peer_asn: Asn,
    /// What it got.
    pub content: Content,
}

/// What a peer said, or what became of its session.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Routes.
    Update(Update),
    /// A session is alive.
    Keepalive,
    /// A session begins.
    Open,
    /// A session ends.
    Notification(Notification),
    /// The collector's session with the peer stands, or ended; `None` for a state that is not known.
    PeerState(Option<bool>),
    /// Anything else, by its type.
    Other(String),
}

/// The routes of one update.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Update {
    /// First hop first; the members of a set in ascending order, where the set stands.
    pub path: Vec<Asn>,
    /// The AS that originates the prefixes; `None` where the path is empty or ends in a set.
    pub origin: Option<Asn>,
    /// Whether the BLACKHOLE community (RFC 7999) is among the communities.
    pub blackholed: bool,
    /// Each announced prefix and its next hop; the first address where there are two.
    pub announced: Vec<(Prefix, Option<IpAddr>)>,
    /// Each withdrawn prefix.
    pub withdrawn: Vec<Prefix>,
    /// Prefixes that could not be read.
    pub bad_prefixes: usize,
}

/// Why a frame could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// It is no JSON, or has not the form of a frame: says what was expected, what was found, and where.
    #[error("octet {offset}: {source}")]
    Json {
        /// Where, in octets from its start.
        offset: usize,
        /// What was expected and found.
        source: serde_json::Error,
    },
    /// An AS number that is none.
    #[error("peer_asn: expected an AS number, found {found:?}")]
    Asn {
        /// What stood there.
        found: String,
    },
    /// A time that is none.
    #[error("timestamp: expected seconds since 1970, found {found}")]
    Time {
        /// What stood there.
        found: f64,
    },
}

/// BLACKHOLE, RFC 7999.
const BLACKHOLE: (u64, u64) = (65_535, 666);
/// The longest time that is believed: the year 2200, in seconds since 1970.
const LATEST_SECONDS: f64 = 7_258_118_400.0;

impl Frame {
    /// Reads a frame.
    pub fn decode(text: &[u8]) -> Result<Self, FrameError> {
        let json = |source| json_error(text, source);
        let RawFrame { kind, data } = serde_json::from_slice(text).map_err(json)?;
        match kind.as_ref() {
            "ris_message" => {
                let data = data.map_or("null", serde_json::value::RawValue::get);
                let raw: RawMessage<'_> = serde_json::from_str(data)
                    .map_err(|source| json_error(data.as_bytes(), source).behind(text, data))?;
                raw.into_message().map(|message| Self::Message(Box::new(message)))
            }
            "ris_error" => Ok(Self::Error(raw::error_text(data))),
            "pong" => Ok(Self::Pong),
            other => Ok(Self::Other(other.to_owned())),
        }
    }
}

impl FrameError {
    /// With its offset counted from the start of the frame, of which `data` is a part.
    fn behind(self, frame: &[u8], data: &str) -> Self {
        let Self::Json { offset, source } = self else { return self };
        let start = data.as_ptr().addr().saturating_sub(frame.as_ptr().addr());
        let offset = if start < frame.len() { offset.saturating_add(start) } else { offset };
        Self::Json { offset, source }
    }
}

/// With the offset that its line and column mean.
fn json_error(text: &[u8], source: serde_json::Error) -> FrameError {
    let before = source.line().saturating_sub(1);
    let lines = text.split_inclusive(|octet| *octet == b'\n').take(before);
    let start = lines.map(<[u8]>::len).fold(0_usize, usize::saturating_add);
    let offset = start.saturating_add(source.column()).min(text.len());
    FrameError::Json { offset, source }
}

fn time(seconds: f64) -> Result<Timestamp, FrameError> {
    if !(0.0..LATEST_SECONDS).contains(&seconds) {
        return Err(FrameError::Time { found: seconds });
    }
    // At most 7.3e15, which a float holds exactly and an integer too.
    #[expect(clippy::cast_possible_truncation, reason = "bounded just above")]
    let micros = (seconds * 1e6).round() as i64;
    Ok(Timestamp::from_micros(micros))
}

/// `rrc00` of `rrc00` or `rrc00.ripe.net`.
fn collector(host: &str) -> String {
    host.split('.').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
