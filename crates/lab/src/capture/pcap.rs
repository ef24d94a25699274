//! The pcap form (draft-ietf-opsawg-pcap): a header, then a record a packet. Little-endian, with
//! microseconds, packets of raw IP.

use falter_model::Timestamp;

/// Octets of the file's header.
pub const FILE_HEADER: usize = 24;
/// Octets of a record's header: seconds, microseconds, octets kept, octets on the way.
pub const RECORD_HEADER: usize = 16;
/// Magic number of a file with microseconds.
const MAGIC: u32 = 0xA1B2_C3D4;
/// Packets begin with an IP header.
const LINK_TYPE_RAW: u32 = 101;
/// No packet is longer.
const LONGEST: u32 = 65_535;

/// A packet of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// When it was seen.
    pub at: Timestamp,
    /// What was kept of it, from its IP header on.
    pub octets: &'a [u8],
}

/// What a file begins with.
pub fn file_header() -> [u8; FILE_HEADER] {
    let mut header = [0; FILE_HEADER];
    // Version 2.4, two reserved words, the longest packet, the link type.
    let words = [MAGIC, 2 | (4 << 16), 0, 0, LONGEST, LINK_TYPE_RAW];
    for (place, word) in header.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    header
}

/// Appends a packet; `on_the_way` is how many octets it had before it was cut.
pub fn push(out: &mut Vec<u8>, at: Timestamp, packet: &[u8], on_the_way: usize) {
    let seconds = u32::try_from(at.seconds()).unwrap_or_default();
    let micros = u32::try_from(at.micros().rem_euclid(1_000_000)).unwrap_or_default();
    let kept = u32::try_from(packet.len()).unwrap_or(u32::MAX);
    let length = u32::try_from(on_the_way.max(packet.len())).unwrap_or(u32::MAX);
    for word in [seconds, micros, kept, length] {
        out.extend(word.to_le_bytes());
    }
    out.extend(packet);
}

/// The packets of a file in this form. A last one that is cut off is left out.
pub fn read(octets: &[u8]) -> impl Iterator<Item = Packet<'_>> {
    let mut rest = octets.get(FILE_HEADER..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (header, after) = rest.split_first_chunk::<RECORD_HEADER>()?;
        let word = |n: usize| {
            let four = header.get(4 * n..).and_then(|octets| octets.first_chunk());
            u32::from_le_bytes(four.copied().unwrap_or_default())
        };
        let (packet, after) = after.split_at_checked(usize::try_from(word(2)).ok()?)?;
        rest = after;
        let at = Timestamp::from_micros(i64::from(word(0)) * 1_000_000 + i64::from(word(1)));
        Some(Packet { at, octets: packet })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut octets = file_header().to_vec();
        let at = Timestamp::from_micros(1_700_000_000_123_456);
        push(&mut octets, at, &[1, 2, 3], 1500);
        push(&mut octets, at, &[], 0);
        let found: Vec<Packet<'_>> = read(&octets).collect();
        assert_eq!(found, [Packet { at, octets: &[1, 2, 3] }, Packet { at, octets: &[] }]);
        assert_eq!(read(&octets[..octets.len() - 1]).count(), 1);
    }
}
