//! A day of a series in a few octets.
//!
//! ```text
//! +--------+----------+------------------+---------------------+----------------+
//! | 1      | decimals | times            | measured or not     | values         |
//! +--------+----------+------------------+---------------------+----------------+
//!  format   0..=6, 255  second differences  alternating run       differences
//! ```
//!
//! Numbers are LEB128 varints, signed ones in zigzag order; a zero is followed by how many more zeros
//! come. Bins at even distance and a value that stays the same thus cost a few octets a day. Values
//! that are decimals of at most six places are kept as integers (`decimals` places); if any is not,
//! all are kept as the exclusive or of the bits of neighbors (`decimals` = 255). Either way every
//! finite value comes back with the same bits.

use falter_model::{Span, Timestamp};

/// Points of one day.
pub(crate) type Points = Vec<(Timestamp, Option<f64>)>;

/// A chunk that can't be packed or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// The packed octets end too early.
    #[error("expected more octets after {offset}")]
    Short {
        /// Where they end.
        offset: usize,
    },
    /// A number has more than 64 bits.
    #[error("number too long at octet {offset}")]
    Number {
        /// Where it begins.
        offset: usize,
    },
    /// A format that this program does not know.
    #[error("expected chunk format 1, found {found}")]
    Format {
        /// What the first octet says.
        found: u8,
    },
    /// A count of decimals that is never written.
    #[error("expected up to 6 decimals or 255, found {found}")]
    Decimals {
        /// What the second octet says.
        found: u8,
    },
    /// Runs that do not add up to the count of points.
    #[error("expected {expected} numbers, found more, up to octet {offset}")]
    Run {
        /// How many points there are.
        expected: usize,
        /// Where the run is.
        offset: usize,
    },
    /// More points than a day can hold.
    #[error("expected at most {most} points a day, found {found}", most = MOST_POINTS)]
    TooMany {
        /// How many.
        found: usize,
    },
    /// Octets are left over.
    #[error("expected the end at octet {offset}")]
    Long {
        /// Where the end should be.
        offset: usize,
    },
    /// Times do not rise.
    #[error("times must rise, but {at} follows a later time or itself")]
    Order {
        /// The time that is not later than the one before it.
        at: Timestamp,
    },
}

const FORMAT: u8 = 1;

/// Marks values that are no short decimals.
const BITS: u8 = 255;

/// More decimals than this are seldom decimals at all, but quotients.
const MOST_DECIMALS: u8 = 6;

/// A bin is at least a second wide: 86,400 a day. Snapshots may come more often; this bounds what a
/// damaged chunk can ask for.
const MOST_POINTS: usize = 1 << 24;

/// Ten to the power of each count of decimals.
const SCALES: [f64; MOST_DECIMALS as usize + 1] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];

/// Integers up to here are exact in a 64-bit float.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The microseconds of a day.
const DAY_US: i64 = Span::from_days(1).micros();

/// The day, since 1970 in UTC, that a moment lies in.
pub(crate) const fn day_of(at: Timestamp) -> i64 {
    at.micros().div_euclid(DAY_US)
}

/// Packs the points of `day`. Values that are not finite are kept as not measured.
pub(crate) fn pack(day: i64, points: &[(Timestamp, Option<f64>)]) -> Result<Vec<u8>, ChunkError> {
    if points.len() > MOST_POINTS {
        return Err(ChunkError::TooMany { found: points.len() });
    }
    if let Some((at, _)) = points.windows(2).find_map(|pair| match pair {
        [earlier, later] if later.0 <= earlier.0 => Some(later),
        _ => None,
    }) {
        return Err(ChunkError::Order { at: *at });
    }
    let measured: Vec<Option<f64>> =
        points.iter().map(|(_, value)| value.filter(|value| value.is_finite())).collect();
    let values: Vec<f64> = measured.iter().copied().flatten().collect();
    let decimals = decimals(&values);
    let mut packed = vec![FORMAT, decimals];
    put_words(&mut packed, times(day, points));
    put_runs(&mut packed, &measured);
    if decimals == BITS {
        put_words(&mut packed, bits(&values));
    } else {
        put_words(&mut packed, integers(&values, decimals));
    }
    Ok(packed)
}

/// The `count` points of `day` that were packed.
pub(crate) fn unpack(day: i64, count: usize, packed: &[u8]) -> Result<Points, ChunkError> {
    if count > MOST_POINTS {
        return Err(ChunkError::TooMany { found: count });
    }
    let mut reader = Reader { packed, offset: 0 };
    let format = reader.octet()?;
    if format != FORMAT {
        return Err(ChunkError::Format { found: format });
    }
    let decimals = reader.octet()?;
    if decimals > MOST_DECIMALS && decimals != BITS {
        return Err(ChunkError::Decimals { found: decimals });
    }
    let times = reader.words(count)?;
    let measured = reader.runs(count)?;
    let values = reader.words(measured.iter().filter(|measured| **measured).count())?;
    if reader.offset < packed.len() {
        return Err(ChunkError::Long { offset: reader.offset });
    }
    Ok(points(day, decimals, &times, &measured, &values))
}

fn points(day: i64, decimals: u8, times: &[u64], measured: &[bool], values: &[u64]) -> Points {
    let start = day.saturating_mul(DAY_US);
    let scale = scale(decimals);
    let (mut at, mut distance) = (start, 0_i64);
    let (mut integer, mut bits) = (0_i64, 0_u64);
    let mut values = values.iter();
    let mut value = || {
        let word = *values.next()?;
        if decimals == BITS {
            bits ^= word;
            return Some(f64::from_bits(bits)).filter(|value| value.is_finite());
        }
        integer = integer.wrapping_add(unzigzag(word));
        Some(integer as f64 / scale)
    };
    times
        .iter()
        .zip(measured)
        .map(|(word, measured)| {
            distance = distance.wrapping_add(unzigzag(*word));
            at = at.wrapping_add(distance);
            (Timestamp::from_micros(at), if *measured { value() } else { None })
        })
        .collect()
}

/// Second differences of the times, the first from the start of the day.
fn times(day: i64, points: &[(Timestamp, Option<f64>)]) -> impl Iterator<Item = u64> {
    let (mut at, mut distance) = (day.saturating_mul(DAY_US), 0_i64);
    points.iter().map(move |(time, _)| {
        let next = time.micros().wrapping_sub(at);
        let word = zigzag(next.wrapping_sub(distance));
        (at, distance) = (time.micros(), next);
        word
    })
}

fn integers(values: &[f64], decimals: u8) -> impl Iterator<Item = u64> {
    let mut before = 0_i64;
    values.iter().map(move |value| {
        let integer = as_integer(*value, decimals).unwrap_or_default();
        let word = zigzag(integer.wrapping_sub(before));
        before = integer;
        word
    })
}

fn bits(values: &[f64]) -> impl Iterator<Item = u64> {
    let mut before = 0;
    values.iter().map(move |value| {
        let word = value.to_bits() ^ before;
        before = value.to_bits();
        word
    })
}

/// How many decimals give every value back with the same bits.
fn decimals(values: &[f64]) -> u8 {
    let mut decimals = 0;
    for value in values {
        while as_integer(*value, decimals).is_none() {
            decimals += 1;
            if decimals > MOST_DECIMALS {
                return BITS;
            }
        }
    }
    // More places may carry an earlier, larger value beyond what is exact.
    if values.iter().all(|value| as_integer(*value, decimals).is_some()) { decimals } else { BITS }
}

/// The value in units of its last decimal; `None` where that does not give it back.
fn as_integer(value: f64, decimals: u8) -> Option<i64> {
    let scale = scale(decimals);
    let scaled = (value * scale).round();
    if scaled.abs() >= EXACT {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53, as just seen")]
    let integer = scaled as i64;
    ((integer as f64 / scale).to_bits() == value.to_bits()).then_some(integer)
}

fn scale(decimals: u8) -> f64 {
    SCALES.get(usize::from(decimals)).copied().unwrap_or(1.0)
}

const fn zigzag(number: i64) -> u64 {
    number.wrapping_shl(1).cast_unsigned() ^ (number >> 63).cast_unsigned()
}

const fn unzigzag(word: u64) -> i64 {
    (word >> 1).cast_signed() ^ (word & 1).cast_signed().wrapping_neg()
}

fn put(packed: &mut Vec<u8>, mut word: u64) {
    loop {
        let low = word.to_le_bytes()[0] & 0x7f;
        word >>= 7;
        if word == 0 {
            packed.push(low);
            return;
        }
        packed.push(low | 0x80);
    }
}

/// Each word; after a zero, how many more follow it.
fn put_words(packed: &mut Vec<u8>, words: impl Iterator<Item = u64>) {
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        put(packed, word);
        if word == 0 {
            let mut more = 0;
            while words.next_if_eq(&0).is_some() {
                more += 1;
            }
            put(packed, more);
        }
    }
}

/// How many are measured, how many are not, in turns.
fn put_runs(packed: &mut Vec<u8>, values: &[Option<f64>]) {
    let (mut kind, mut length) = (true, 0);
    for value in values {
        if value.is_some() == kind {
            length += 1;
        } else {
            put(packed, length);
            (kind, length) = (!kind, 1);
        }
    }
    put(packed, length);
}

struct Reader<'a> {
    packed: &'a [u8],
    offset: usize,
}

impl Reader<'_> {
    fn octet(&mut self) -> Result<u8, ChunkError> {
        let octet =
            *self.packed.get(self.offset).ok_or(ChunkError::Short { offset: self.offset })?;
        self.offset += 1;
        Ok(octet)
    }

    fn number(&mut self) -> Result<u64, ChunkError> {
        let begin = self.offset;
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let octet = self.octet()?;
            let part = u64::from(octet & 0x7f);
            if (part << shift) >> shift != part {
                break;
            }
            number |= part << shift;
            if octet & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(ChunkError::Number { offset: begin })
    }

    fn words(&mut self, count: usize) -> Result<Vec<u64>, ChunkError> {
        let mut words = Vec::new();
        while words.len() < count {
            let word = self.number()?;
            words.push(word);
            if word == 0 {
                let more = self.run(count, words.len())?;
                words.resize(words.len() + more, 0);
            }
        }
        Ok(words)
    }

    fn runs(&mut self, count: usize) -> Result<Vec<bool>, ChunkError> {
        let first = self.run(count, 0)?;
        let mut runs = vec![true; first];
        let mut kind = false;
        while runs.len() < count {
            let length = self.run(count, runs.len())?;
            if length == 0 {
                return Err(ChunkError::Run { expected: count, offset: self.offset });
            }
            runs.resize(runs.len() + length, kind);
            kind = !kind;
        }
        Ok(runs)
    }

    /// The length of a run that must fit in what is left of `count`.
    fn run(&mut self, count: usize, done: usize) -> Result<usize, ChunkError> {
        let length = self.number()?;
        usize::try_from(length)
            .ok()
            .filter(|length| *length <= count - done)
            .ok_or(ChunkError::Run { expected: count, offset: self.offset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(step_s: i64, values: &[Option<f64>]) -> Points {
        (0_i64..)
            .zip(values)
            .map(|(i, value)| (Timestamp::from_seconds(86_400 * 19_000 + i * step_s), *value))
            .collect()
    }

    fn check(points: &Points, most_octets: usize) {
        let day = points.first().map_or(0, |(at, _)| day_of(*at));
        let packed = pack(day, points).unwrap();
        assert_eq!(&unpack(day, points.len(), &packed).unwrap(), points);
        assert!(packed.len() <= most_octets, "{} octets", packed.len());
    }

    #[test]
    fn a_day_without_change_costs_a_few_octets() {
        check(&day(300, &[Some(4.0); 288]), 20);
        check(&day(300, &[Some(0.975); 288]), 20);
        check(&day(300, &[Some(1.0 / 3.0); 288]), 28);
        check(&day(300, &[None; 288]), 20);
        check(&Points::new(), 3);
    }

    #[test]
    fn counts_that_move_a_little_cost_an_octet_each() {
        let values: Vec<_> = (0..288).map(|i| Some(f64::from(1000 + i * i % 50))).collect();
        check(&day(300, &values), 288 + 16);
    }

    #[test]
    fn what_is_not_finite_is_not_measured() {
        let points = day(60, &[Some(f64::NAN), Some(1.0), Some(f64::INFINITY)]);
        let packed = pack(19_000, &points).unwrap();
        let values: Vec<_> =
            unpack(19_000, 3, &packed).unwrap().into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, [None, Some(1.0), None]);
    }

    #[test]
    fn times_that_do_not_rise_are_refused() {
        let twice = vec![(Timestamp::EPOCH, Some(1.0)), (Timestamp::EPOCH, Some(2.0))];
        assert_eq!(pack(0, &twice), Err(ChunkError::Order { at: Timestamp::EPOCH }));
    }

    #[test]
    fn every_cut_of_a_chunk_is_told() {
        let points = day(300, &[Some(1.5), None, Some(2.25), Some(1e300)]);
        let packed = pack(19_000, &points).unwrap();
        for length in 0..packed.len() {
            assert!(unpack(19_000, 4, &packed[..length]).is_err(), "{length}");
        }
        let mut longer = packed.clone();
        longer.push(0);
        assert!(matches!(unpack(19_000, 4, &longer), Err(ChunkError::Long { .. })));
    }

    #[test]
    fn a_damaged_chunk_asks_for_no_more_than_its_count() {
        let huge = [FORMAT, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert!(matches!(unpack(0, 10, &huge), Err(ChunkError::Run { .. })));
        assert!(matches!(unpack(0, usize::MAX, &huge), Err(ChunkError::TooMany { .. })));
    }

    proptest! {
        #[test]
        fn what_was_packed_is_what_is_read(
            day in -200_000_i64..200_000,
            offsets in proptest::collection::btree_set(0..DAY_US, 0..50),
            values in proptest::collection::vec(value(), 50),
        ) {
            let points: Points = offsets
                .into_iter()
                .zip(values)
                .map(|(offset, value)| (Timestamp::from_micros(day * DAY_US + offset), value))
                .collect();
            let packed = pack(day, &points).unwrap();
            let read = unpack(day, points.len(), &packed).unwrap();
            let bits = |points: &Points| -> Vec<_> {
                points.iter().map(|(at, value)| (*at, value.map(f64::to_bits))).collect()
            };
            prop_assert_eq!(bits(&read), bits(&points));
        }

        #[test]
        fn no_octets_make_it_panic(count in 0_usize..2000, octets: Vec<u8>) {
            if let Ok(points) = unpack(7, count, &octets) {
                prop_assert_eq!(points.len(), count);
            }
            let mut headed = vec![FORMAT, BITS];
            headed.extend(octets);
            if let Ok(points) = unpack(7, count, &headed) {
                prop_assert!(points.iter().all(|(_, value)| value.is_none_or(f64::is_finite)));
            }
        }
    }

    fn value() -> impl Strategy<Value = Option<f64>> {
        prop_oneof![
            Just(None),
            (-1000_i32..1000).prop_map(|n| Some(f64::from(n))),
            (0_i32..10_000).prop_map(|n| Some(f64::from(n) / 1e4)),
            proptest::num::f64::NORMAL.prop_map(Some),
            proptest::num::f64::SUBNORMAL.prop_map(Some),
            Just(Some(-0.0)),
            Just(Some(f64::MAX)),
        ]
    }
}
