//! What a probe carries, by which its reply is known.
//!
//! ```text
//! token (8 octets) | when it was sent, microseconds of the prober's clock (8) | who sends it
//! ```

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;

/// Makes payloads and knows them again. The key is drawn when it is made (`SipHash`, by the standard
/// library): nobody else can make a token.
#[derive(Debug)]
pub(super) struct Tokens {
    key: RandomState,
    signature: Vec<u8>,
}

impl Tokens {
    /// Probes that say whom to write to.
    pub(super) fn new(contact: &str) -> Self {
        let signature = format!("falter, a measurement of outages; contact {contact}");
        // A probe is smaller than what any link must carry.
        Self {
            key: RandomState::new(),
            signature: signature.into_bytes().into_iter().take(200).collect(),
        }
    }

    /// The payload of a probe.
    pub(super) fn payload(&self, target: IpAddr, sent_us: u64) -> Vec<u8> {
        let mut payload = Vec::with_capacity(16 + self.signature.len());
        payload.extend(self.token(target, sent_us).to_be_bytes());
        payload.extend(sent_us.to_be_bytes());
        payload.extend(&self.signature);
        payload
    }

    /// When the probe was sent that this payload answers, if `from` was asked and it is ours.
    pub(super) fn sent(&self, from: IpAddr, payload: &[u8]) -> Option<u64> {
        let (token, rest) = payload.split_first_chunk()?;
        let sent_us = u64::from_be_bytes(*rest.first_chunk()?);
        (u64::from_be_bytes(*token) == self.token(from, sent_us)).then_some(sent_us)
    }

    fn token(&self, target: IpAddr, sent_us: u64) -> u64 {
        self.key.hash_one((target, sent_us))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_known_by_what_it_says() {
        let (tokens, others) = (Tokens::new("who@example.org"), Tokens::new("who@example.org"));
        let (target, other) = (IpAddr::from([175, 45, 176, 9]), IpAddr::from([175, 45, 176, 8]));
        let mut payload = tokens.payload(target, 1_000_000);
        assert_eq!(tokens.sent(target, &payload), Some(1_000_000));
        assert_eq!(tokens.sent(other, &payload), None);
        assert_eq!(others.sent(target, &payload), None);
        assert!(String::from_utf8_lossy(&payload[16..]).contains("who@example.org"));
        assert_eq!(tokens.sent(target, &payload[..12]), None);
        // Another time was forged.
        payload[15] ^= 1;
        assert_eq!(tokens.sent(target, &payload), None);
    }
}
