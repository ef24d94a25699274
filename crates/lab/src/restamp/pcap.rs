//! Captures on the calendar: pcap files as [`crate::capture`] writes them.

use falter_model::Timestamp;

use super::{Calendar, split};
use crate::capture::pcap::{FILE_HEADER, RECORD_HEADER};

/// The same packets at times of the calendar. A last one that is cut off is left out.
pub fn packets(octets: &[u8], calendar: &Calendar) -> Vec<u8> {
    let Some((header, mut rest)) = octets.split_at_checked(FILE_HEADER) else { return Vec::new() };
    let mut out = Vec::with_capacity(octets.len());
    out.extend_from_slice(header);
    while let Some(record) = rest.first_chunk::<RECORD_HEADER>() {
        let word = |n: usize| {
            let four = record.get(4 * n..).and_then(|octets| octets.first_chunk());
            u32::from_le_bytes(four.copied().unwrap_or_default())
        };
        let length = RECORD_HEADER + usize::try_from(word(2)).unwrap_or(usize::MAX - RECORD_HEADER);
        let Some((packet, after)) = rest.split_at_checked(length) else { break };
        rest = after;
        let at = Timestamp::from_micros(i64::from(word(0)) * 1_000_000 + i64::from(word(1)));
        let (seconds, micros) = split(calendar.there(at)).unwrap_or_default();
        out.extend(seconds.to_le_bytes());
        out.extend(micros.to_le_bytes());
        out.extend_from_slice(packet.get(8..).unwrap_or_default());
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::capture::pcap;

    proptest! {
        #[test]
        fn packets_keep_their_order_and_length_and_get_their_times(
            lengths in prop::collection::vec(0_usize..80, 0..30), slower in 1_u32..1000,
        ) {
            let mut octets = pcap::file_header().to_vec();
            for (n, length) in (0..).zip(&lengths) {
                let at = Timestamp::from_micros(1_700_000_000_000_000 + 1500 * n);
                pcap::push(&mut octets, at, &vec![7; *length], 1400);
            }
            let began = Timestamp::from_seconds(1_700_000_000);
            let calendar = Calendar::new(began, Timestamp::from_seconds(1_000_000_000), slower);
            let moved = packets(&octets, &calendar);
            prop_assert_eq!(moved.len(), octets.len());
            let read: Vec<(Timestamp, Vec<u8>)> = pcap::read(&moved).map(|p| (p.at, p.octets.to_vec())).collect();
            prop_assert_eq!(read.len(), lengths.len());
            for (n, ((at, packet), length)) in (0..).zip(read.iter().zip(&lengths)) {
                let micros = 1_000_000_000_000_000 + 1500 * n * i64::from(slower);
                prop_assert_eq!((at.micros(), packet.len()), (micros, *length));
            }
        }
    }
}
