//! Decodes one bzip2 block.
//!
//! The library would do it too, but follows the permutation of a block one step after the other, each
//! of which waits for the memory: more than half of all time. Here [`permutation`] follows it from
//! several places at a time, and a block is read where it lies, at whatever bit it begins. What this
//! does not take (blocks that are damaged, "randomized" as before 1999, or whose codes are
//! incomplete) is for the library to judge.

mod bits;
mod code;
mod permutation;
mod runs;

use bits::Bits;
use code::Code;
use permutation::Permutation;

use super::marks::MARK_BITS;

/// The most symbols a block of any level has.
const MOST_SYMBOLS: usize = 900_000;
/// Symbols for which a code is used before the next is chosen.
const GROUP: usize = 50;
/// A block of the most symbols needs no more choices; some encoders write a few more.
const MOST_GROUPS: usize = 18_002;
/// Each symbol of a run doubles what the next one counts; longer runs fit no block.
const MOST_RUN_SYMBOLS: u32 = 20;

/// Room for decoding, used again for the next block.
#[derive(Debug, Default)]
pub(super) struct BlockReader {
    selectors: Vec<u8>,
    codes: Vec<Code>,
    permutation: Permutation,
}

impl BlockReader {
    /// The content of the block of `bits` bits from bit `first` of the octets on, its mark included;
    /// `None` where it is not one that can be read here, with the right checksum.
    pub(super) fn read(&mut self, octets: &[u8], first: u64, bits: u64) -> Option<Vec<u8>> {
        let mut input = Bits::new(octets, first);
        for _ in 0..MARK_BITS / 16 {
            input.take(16);
        }
        let checksum = input.take(16) << 16 | input.take(16);
        if input.take(1) == 1 {
            return None;
        }
        let origin = input.take(24);
        let used = used_octets(&mut input);
        self.read_selectors(&mut input)?;
        self.read_codes(&mut input, used.len() + 2)?;
        self.read_symbols(&mut input, &used)?;
        if input.position() != first + bits {
            return None;
        }
        let content = runs::expand(self.permutation.follow(origin)?)?;
        (runs::checksum(&content) == checksum).then_some(content)
    }

    /// Which code is used for each group of symbols, coded by how recently it was chosen.
    fn read_selectors(&mut self, input: &mut Bits<'_>) -> Option<()> {
        let codes = usize::try_from(input.take(3)).ok()?;
        let groups = usize::try_from(input.take(15)).ok()?;
        if !(2..=6).contains(&codes) || !(1..=MOST_GROUPS).contains(&groups) {
            return None;
        }
        self.codes.resize_with(codes, Code::default);
        self.selectors.clear();
        let mut recent = [0, 1, 2, 3, 4, 5];
        for _ in 0..groups {
            let mut place = 0;
            while input.take(1) == 1 {
                place += 1;
                if place >= codes {
                    return None;
                }
            }
            let recent = recent.get_mut(..=place)?;
            recent.rotate_right(1);
            self.selectors.push(*recent.first()?);
        }
        Some(())
    }

    /// The lengths of the codes, each as its difference from the one before.
    fn read_codes(&mut self, input: &mut Bits<'_>, symbols: usize) -> Option<()> {
        for code in &mut self.codes {
            let mut lengths = [0; code::MOST_SYMBOLS];
            let mut length = input.take(5);
            for told in lengths.get_mut(..symbols)? {
                loop {
                    if !(1..=code::LONGEST).contains(&length) {
                        return None;
                    }
                    if input.take(1) == 0 {
                        break;
                    }
                    length = if input.take(1) == 0 { length + 1 } else { length - 1 };
                }
                *told = length;
            }
            code.build(lengths.get(..symbols)?)?;
        }
        Some(())
    }

    /// The symbols: runs of the octet used last, or how recently another one was used.
    fn read_symbols(&mut self, input: &mut Bits<'_>, used: &[u8]) -> Option<()> {
        let mut recent = [0; 256];
        recent.get_mut(..used.len())?.copy_from_slice(used);
        let last_symbol = u32::try_from(used.len()).ok()? + 1;
        let Self { selectors, codes, permutation } = self;
        permutation.clear();
        let (mut run, mut run_symbols) = (0_usize, 0);
        for selector in selectors.iter() {
            let code = codes.get(usize::from(*selector))?;
            for _ in 0..GROUP {
                let symbol = code.read(input)?;
                if symbol < 2 {
                    if run_symbols > MOST_RUN_SYMBOLS {
                        return None;
                    }
                    run += (usize::from(symbol == 1) + 1) << run_symbols;
                    run_symbols += 1;
                    continue;
                }
                if run > 0 {
                    permutation.push(recent[0], run)?;
                    (run, run_symbols) = (0, 0);
                }
                if symbol == last_symbol {
                    return Some(());
                }
                let octet = to_front(&mut recent, usize::try_from(symbol - 1).ok()?)?;
                permutation.push(octet, 1)?;
            }
        }
        None
    }
}

/// The octets that occur: 16 bits tell which ranges of 16 have any, then 16 bits a range which.
fn used_octets(input: &mut Bits<'_>) -> Vec<u8> {
    let ranges = input.take(16);
    let mut used = Vec::with_capacity(256);
    for range in (0..16_u8).filter(|range| ranges >> (15 - range) & 1 == 1) {
        let octets = input.take(16);
        used.extend(
            (0..16).filter(|octet| octets >> (15 - octet) & 1 == 1).map(|octet| range * 16 + octet),
        );
    }
    used
}

/// Moves the octet at `place` to the front and returns it.
#[inline]
fn to_front(recent: &mut [u8; 256], place: usize) -> Option<u8> {
    let octet = *recent.get(place)?;
    if place < 16 {
        // Nearly all; a call to move so few octets would cost more than the moves.
        let mut carried = octet;
        for slot in recent.get_mut(..=place)? {
            std::mem::swap(slot, &mut carried);
        }
    } else {
        recent.copy_within(..place, 1);
        recent[0] = octet;
    }
    Some(octet)
}

#[cfg(test)]
mod tests;
