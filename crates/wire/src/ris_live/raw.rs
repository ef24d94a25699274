//! The frames as they are spelled.

use std::borrow::Cow;
use std::net::IpAddr;

use falter_model::Asn;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::path::{Hop, flatten};
use super::{BLACKHOLE, Content, FrameError, Message, Update, collector, time};
use crate::bgp::Notification;

#[derive(Deserialize)]
pub(super) struct RawFrame<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) data: Option<&'a RawValue>,
}

/// The data of `ris_message`. Each type has fields of its own; those of the others are not there.
#[derive(Deserialize)]
pub(super) struct RawMessage<'a> {
    timestamp: f64,
    peer: IpAddr,
    #[serde(borrow)]
    peer_asn: Number<'a>,
    #[serde(borrow)]
    host: Cow<'a, str>,
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    path: Option<Vec<Hop>>,
    /// AS and value; longer ones are no classic communities.
    #[serde(default)]
    community: Option<Vec<Vec<u64>>>,
    #[serde(borrow, default)]
    announcements: Option<Vec<RawAnnouncement<'a>>>,
    #[serde(borrow, default)]
    withdrawals: Option<Vec<Cow<'a, str>>>,
    #[serde(borrow, default)]
    state: Option<Cow<'a, str>>,
    /// Of a NOTIFICATION; some servers spell its fields beside the others instead.
    #[serde(default)]
    notification: Option<RawNotification>,
    #[serde(default)]
    code: Option<u8>,
    #[serde(default)]
    subcode: Option<u8>,
}

#[derive(Deserialize)]
struct RawAnnouncement<'a> {
    #[serde(borrow)]
    next_hop: Cow<'a, str>,
    #[serde(borrow)]
    prefixes: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct RawNotification {
    code: u8,
    #[serde(default)]
    subcode: u8,
}

/// An AS number, or its digits as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number<'a> {
    Number(u32),
    #[serde(borrow)]
    Text(Cow<'a, str>),
}

impl RawMessage<'_> {
    pub(super) fn into_message(self) -> Result<Message, FrameError> {
        let at = time(self.timestamp)?;
        let peer_asn = match &self.peer_asn {
            Number::Number(asn) => Asn(*asn),
            Number::Text(text) => {
                text.parse().map_err(|_| FrameError::Asn { found: text.to_string() })?
            }
        };
        let (collector, peer) = (collector(&self.host), self.peer);
        let content = match self.kind.as_ref() {
            "UPDATE" => Content::Update(self.into_update()),
            "KEEPALIVE" => Content::Keepalive,
            "OPEN" => Content::Open,
            "NOTIFICATION" => Content::Notification(match self.notification {
                Some(RawNotification { code, subcode }) => Notification { code, subcode },
                None => Notification {
                    code: self.code.unwrap_or(0),
                    subcode: self.subcode.unwrap_or(0),
                },
            }),
            "RIS_PEER_STATE" => Content::PeerState(self.state.as_deref().and_then(is_up)),
            other => Content::Other(other.to_owned()),
        };
        Ok(Message { at, collector, peer, peer_asn, content })
    }

    fn into_update(self) -> Update {
        let (path, origin) = flatten(self.path.unwrap_or_default());
        let blackholed = self.community.unwrap_or_default().iter().any(
            |community| matches!(community.as_slice(), [high, low] if (*high, *low) == BLACKHOLE),
        );
        let mut update = Update { path, origin, blackholed, ..Update::default() };
        for RawAnnouncement { next_hop, prefixes } in self.announcements.unwrap_or_default() {
            // A global address of IPv6 may be followed by a link-local one.
            let next_hop = next_hop.split(',').next().and_then(|text| text.trim().parse().ok());
            for text in prefixes {
                match text.parse() {
                    Ok(prefix) => update.announced.push((prefix, next_hop)),
                    Err(_) => update.bad_prefixes = update.bad_prefixes.saturating_add(1),
                }
            }
        }
        for text in self.withdrawals.unwrap_or_default() {
            match text.parse() {
                Ok(prefix) => update.withdrawn.push(prefix),
                Err(_) => update.bad_prefixes = update.bad_prefixes.saturating_add(1),
            }
        }
        update
    }
}

/// The manual names `connected` and `down`; `up` is what people would expect.
fn is_up(state: &str) -> Option<bool> {
    match state {
        "connected" | "up" | "established" => Some(true),
        "down" | "disconnected" | "idle" => Some(false),
        _ => None,
    }
}

/// The words of `ris_error`.
pub(super) fn error_text(data: Option<&RawValue>) -> String {
    #[derive(Deserialize)]
    struct Words {
        message: String,
    }
    let Some(data) = data else { return "an error without words".to_owned() };
    match serde_json::from_str(data.get()) {
        Ok(Words { message }) => message,
        Err(_) => data.get().to_owned(),
    }
}
