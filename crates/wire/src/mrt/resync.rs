//! Telling MRT from anything else, and finding the next record after one whose length lied.

use falter_model::Timestamp;

use super::framing::read_header;
use super::{HEADER_OCTETS, Header, Kind};

/// How far the time of a record may be from the last good one, in seconds, to be believed when the
/// place of records is lost: a day. Archives hold up to some hours a file; chance alone passes one
/// time of 25,000.
const NEAR_SECONDS: i64 = 86_400;

/// The first record of any archive is younger than this: 1 January 1990, before MRT was.
const EARLIEST: u32 = 631_152_000;

/// Whether octets, from the first of a file, are MRT: begin with one plausible record, and go on
/// with another where they go on that far.
pub fn looks_like_mrt(octets: &[u8]) -> bool {
    let Some((header, rest)) = plausible(octets) else { return false };
    if header.seconds < EARLIEST {
        return false;
    }
    let length = usize::try_from(header.length).unwrap_or(usize::MAX);
    match rest.get(length..) {
        Some(next) if next.len() >= HEADER_OCTETS => plausible(next).is_some(),
        _ => true,
    }
}

/// How many octets to skip from the start of a window at which no record begins: up to the next
/// plausible record, or as many as surely don't begin one. At least 1, unless the window is empty.
///
/// `last` is the time of the last record that was read, where there was one. A plausible record has
/// a type and subtype that exist, a length that such a record can have, a time within a day of
/// `last`, and is followed by another such record where the window reaches that far.
pub fn resync(window: &[u8], last: Option<Timestamp>) -> usize {
    let last = last.map(Timestamp::seconds);
    let is_near = |header: &Header| {
        last.is_none_or(|last| i64::from(header.seconds).saturating_sub(last).abs() <= NEAR_SECONDS)
    };
    let begins_here = |octets: &[u8]| {
        let Some((header, rest)) = plausible(octets) else { return false };
        let length = usize::try_from(header.length).unwrap_or(usize::MAX);
        let next = rest.get(length..).unwrap_or_default();
        let goes_on = next.len() < HEADER_OCTETS
            || plausible(next).is_some_and(|(header, _)| is_near(&header));
        is_near(&header) && goes_on
    };
    (1..window.len())
        .find(|skip| {
            let rest = window.get(*skip..).unwrap_or_default();
            rest.len() < HEADER_OCTETS || begins_here(rest)
        })
        .unwrap_or(window.len())
}

/// A header of a record that holds something: known type and subtype, bounded and sufficient length.
fn plausible(octets: &[u8]) -> Option<(Header, &[u8])> {
    let (octets, rest) = octets.split_first_chunk::<HEADER_OCTETS>()?;
    let header = read_header(octets).ok()?;
    // The lowest and highest subtype, and octets of the shortest body.
    let (subtypes, shortest) = match header.kind {
        Kind::LegacyBgp => (1..=7, 10),
        Kind::TableDump => (1..=4, 22),
        Kind::TableDumpV2 => (1..=12, 7),
        Kind::Bgp4mp => (0..=11, 8),
        Kind::Bgp4mpEt => (0..=11, 12),
        Kind::OspfV2 | Kind::Foreign(32 | 33 | 48 | 49) => (0..=1, 8),
        // Types that nobody wrote since the nineties are no place to find one's way by.
        Kind::Foreign(_) => return None,
    };
    (subtypes.contains(&header.subtype) && header.length >= shortest).then_some((header, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state change of a time.
    fn record(seconds: u32) -> Vec<u8> {
        let mut octets = seconds.to_be_bytes().to_vec();
        octets.extend([0, 16, 0, 0, 0, 0, 0, 20]);
        octets.extend([0xFB, 0xF4, 0xFB, 0xF0, 0, 0, 0, 1, 192, 0, 2, 1, 192, 0, 2, 9, 0, 6, 0, 1]);
        octets
    }

    const NOW: u32 = 1_643_144_400;

    const NEAR: Option<Timestamp> = Some(Timestamp::from_seconds(1_643_144_400));

    #[test]
    fn the_next_record_is_found() {
        let broken = [&[0xAB; 37][..], &record(NOW), &record(NOW)].concat();
        assert_eq!(resync(&broken, NEAR), 37);
        assert_eq!(resync(&broken, None), 37);
    }

    #[test]
    fn a_record_of_another_time_is_none() {
        let broken = [&[0xAB; 5][..], &record(NOW + 200_000), &record(NOW), &record(NOW)].concat();
        assert_eq!(resync(&broken, NEAR), 5 + 32);
    }

    #[test]
    fn what_may_begin_a_record_is_kept() {
        assert_eq!(resync(&[0xAB; 40], NEAR), 29);
        assert_eq!(resync(&[0xAB; 5], NEAR), 1);
        assert_eq!(resync(&[0xAB], NEAR), 1);
        assert_eq!(resync(&[], NEAR), 0);
    }

    #[test]
    fn mrt_is_told_by_content() {
        assert!(looks_like_mrt(&record(NOW)));
        assert!(looks_like_mrt(&[record(NOW), record(NOW)].concat()));
        assert!(!looks_like_mrt(&[&record(NOW)[..], &[b'x'; 40]].concat()));
        for other in
            [&b"time,entity,signal,value\n"[..], b"{\"falter\":\"recording\"}", &[0; 64], b""]
        {
            assert!(!looks_like_mrt(other));
        }
    }
}
