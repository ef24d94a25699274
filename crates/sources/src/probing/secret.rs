//! The keyed hash by which a reply is known to answer a probe of ours (the idea of `ZMap`: no state a target;
//! `SipHash` for its cipher).
//!
//! ```text
//! 8 octets: when it was sent, in microseconds of the prober's own clock
//! 8 octets: the hash of target, sequence number and that time
//! the contact, as text
//! ```

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use siphasher::sip::SipHasher24;

/// Octets before the contact.
const STAMP_OCTETS: usize = 16;
/// Longer contacts are cut: no probe is larger than an ordinary ping.
const MOST_CONTACT_OCTETS: usize = 40;

/// See the module.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Secret {
    key: [u8; 16],
}

impl Secret {
    /// A new one, from the system's randomness.
    pub(crate) fn new() -> Self {
        // Each state has keys of its own that nobody knows: what it makes of nothing is random.
        let random = || RandomState::new().build_hasher().finish().to_be_bytes();
        let mut key = [0; 16];
        key.iter_mut().zip(random().into_iter().chain(random())).for_each(|(k, r)| *k = r);
        Self { key }
    }

    /// A number that only who has the key knows; `about` keeps purposes apart.
    pub(crate) fn number(&self, about: u64, address: IpAddr, when: Duration) -> u64 {
        let mut hasher = SipHasher24::new_with_key(&self.key);
        hasher.write_u64(about);
        match address {
            IpAddr::V4(address) => hasher.write(&address.octets()),
            IpAddr::V6(address) => hasher.write(&address.octets()),
        }
        hasher.write_u64(micros(when));
        hasher.finish()
    }

    /// Appends the payload of a probe.
    pub(crate) fn stamp(
        &self,
        target: IpAddr,
        sequence: u16,
        sent: Duration,
        contact: &str,
        payload: &mut Vec<u8>,
    ) {
        payload.extend_from_slice(&micros(sent).to_be_bytes());
        payload.extend_from_slice(&self.number(sequence.into(), target, sent).to_be_bytes());
        payload.extend(contact.bytes().take(MOST_CONTACT_OCTETS));
    }

    /// When a probe with this payload was sent; `None` where it was none of ours, or went to somebody
    /// else.
    pub(crate) fn sent(&self, from: IpAddr, sequence: u16, payload: &[u8]) -> Option<Duration> {
        let (sent, rest) = payload.split_first_chunk::<8>()?;
        let hash = u64::from_be_bytes(*rest.first_chunk::<8>()?);
        let sent = Duration::from_micros(u64::from_be_bytes(*sent));
        (hash == self.number(sequence.into(), from, sent)).then_some(sent)
    }

    /// The payload's length with this contact.
    pub(crate) fn payload_octets(contact: &str) -> usize {
        STAMP_OCTETS + contact.len().min(MOST_CONTACT_OCTETS)
    }
}

/// Duration in microseconds; the prober's clock begins with it, so it never reaches the end.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn only_the_one_asked_answers_only_what_was_asked(
            target: [u8; 4],
            other: [u8; 4],
            sequence: u16,
            micros in 0u64..1 << 50,
            flipped in 0usize..16,
        ) {
            let (secret, sent) = (Secret::new(), Duration::from_micros(micros));
            let mut payload = Vec::new();
            secret.stamp(target.into(), sequence, sent, "mail@example.net", &mut payload);
            prop_assert_eq!(payload.len(), Secret::payload_octets("mail@example.net"));
            prop_assert_eq!(secret.sent(target.into(), sequence, &payload), Some(sent));
            prop_assert_eq!(secret.sent(target.into(), sequence ^ 1, &payload), None);
            prop_assert!(target == other || secret.sent(other.into(), sequence, &payload).is_none());
            prop_assert_eq!(Secret::new().sent(target.into(), sequence, &payload), None);
            payload[flipped] ^= 1;
            prop_assert_eq!(secret.sent(target.into(), sequence, &payload), None);
            prop_assert_eq!(secret.sent(target.into(), sequence, &payload[..15]), None);
        }
    }
}
