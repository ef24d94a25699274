//! BMP (RFC 7854) on the calendar.
//!
//! Messages about a peer carry a time in their per-peer header (section 4.2); gobgpd tells whole
//! seconds of when a route was learned there. What counts here is when the station sent it, which is
//! when the file of messages had grown to the end of the message.

use super::{Calendar, Growth, split};

/// Octets of the common header: version, length, type (section 4.1).
const HEADER: usize = 6;
/// Where the per-peer header has its time: after peer type, flags, distinguisher, address, AS and id.
const TIME: usize = HEADER + 34;
/// Types of messages without a per-peer header: initiation and termination.
const WITHOUT_PEER: [u8; 2] = [4, 5];

/// The same messages with times of the calendar. What follows a message that is none, or cut off, is
/// left out; a message that nobody saw come keeps its time.
pub fn messages(octets: &[u8], growth: &Growth, calendar: &Calendar) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    let mut rest = octets;
    let mut end = 0;
    while let Some(length) = length(rest) {
        let Some((message, after)) = rest.split_at_checked(length) else { break };
        rest = after;
        end += length as u64;
        let begins = out.len();
        out.extend_from_slice(message);
        let has_peer = message.get(5).is_some_and(|kind| !WITHOUT_PEER.contains(kind));
        let there = growth.when(end).and_then(|at| split(calendar.there(at)));
        if let (true, Some((seconds, micros)), Some(time)) =
            (has_peer, there, out.get_mut(begins + TIME..begins + TIME + 8))
        {
            time.copy_from_slice(&((u64::from(seconds) << 32) | u64::from(micros)).to_be_bytes());
        }
    }
    out
}

/// The length of the message that begins here; `None` where none does.
fn length(octets: &[u8]) -> Option<usize> {
    let (version, rest) = octets.split_first()?;
    let length = u32::from_be_bytes(*rest.first_chunk()?);
    let length = usize::try_from(length).ok()?;
    (*version == 3 && length >= HEADER).then_some(length)
}

#[cfg(test)]
mod tests {
    use falter_model::Timestamp;
    use proptest::prelude::*;

    use super::*;

    /// A message of a type with so many octets after its header.
    fn message(kind: u8, body: usize) -> Vec<u8> {
        let length = u32::try_from(HEADER + body).unwrap();
        [&[3][..], &length.to_be_bytes(), &[kind], &vec![0xAB; body]].concat()
    }

    proptest! {
        #[test]
        fn messages_keep_their_order_and_length_and_get_their_times(
            kinds in prop::collection::vec((0_u8..7, 42_usize..90), 1..20), slower in 1_u32..100,
        ) {
            let (mut octets, mut growth) = (Vec::new(), Growth::default());
            for (second, (kind, body)) in (1_700_000_000..).zip(&kinds) {
                octets.extend(message(*kind, *body));
                growth.note(Timestamp::from_seconds(second), octets.len() as u64);
            }
            let began = Timestamp::from_seconds(1_700_000_000);
            let calendar = Calendar::new(began, Timestamp::from_seconds(1_000_000_000), slower);
            let moved = messages(&octets, &growth, &calendar);
            prop_assert_eq!(moved.len(), octets.len());
            let mut at = 0;
            for (second, (kind, body)) in (0..).zip(&kinds) {
                let time = u32::from_be_bytes(*moved[at + TIME..].first_chunk().unwrap());
                let expected = if WITHOUT_PEER.contains(kind) {
                    0xABAB_ABAB
                } else {
                    1_000_000_000 + second * slower
                };
                prop_assert_eq!(time, expected);
                at += HEADER + body;
            }
        }

        #[test]
        fn what_is_cut_off_is_left_out(cut in 1_usize..48) {
            let whole = [message(4, 10), message(0, 42)].concat();
            let calendar = Calendar::new(Timestamp::EPOCH, Timestamp::EPOCH, 1);
            let moved = messages(&whole[..whole.len() - cut], &Growth::default(), &calendar);
            prop_assert_eq!(moved, message(4, 10));
        }
    }
}
