//! A canonical prefix code: shorter codes first, those of one length in the order of their symbols.

use super::bits::Bits;

/// The longest code, in bits.
pub(super) const LONGEST: u32 = 20;
/// 256 octets, less the one at the front, two for runs and one for the end.
pub(super) const MOST_SYMBOLS: usize = 258;
/// Codes up to this length are looked up at once: 2 KiB a table, six of which stay in the cache.
const QUICK_BITS: u32 = 10;
/// Bits of an entry for the length of the code.
const LENGTH_BITS: u32 = 5;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Code {
    /// By the next bits: symbol and length of the code; zero where it is longer.
    quick: Vec<u16>,
    /// Symbols in the order of their codes.
    symbols: Vec<u16>,
    /// By length, from 1 on.
    lengths: [Length; LONGEST as usize],
}

/// Codes of one length.
#[derive(Debug, Clone, Copy, Default)]
struct Length {
    /// The first code.
    first: u32,
    /// One beyond the last code, as the highest of [`LONGEST`] bits.
    end: u32,
    /// Where in the symbols that of the first code stands.
    place: u32,
}

impl Code {
    /// Makes the code in which symbols have these lengths, 1 to [`LONGEST`] each; `None` where there
    /// are more codes than bits have room for.
    pub(super) fn build(&mut self, lengths: &[u32]) -> Option<()> {
        self.symbols.clear();
        self.quick.clear();
        self.quick.resize(1 << QUICK_BITS, 0);
        let mut next = 0_u32;
        for (length, of_length) in (1..=LONGEST).zip(&mut self.lengths) {
            next <<= 1;
            let place = u32::try_from(self.symbols.len()).ok()?;
            let first = next;
            for (symbol, _) in (0_u16..).zip(lengths).filter(|(_, told)| **told == length) {
                self.symbols.push(symbol);
                if length <= QUICK_BITS {
                    let from = usize::try_from(next << (QUICK_BITS - length)).ok()?;
                    let entries = 1_usize << (QUICK_BITS - length);
                    let entry = symbol << LENGTH_BITS | u16::try_from(length).ok()?;
                    self.quick.get_mut(from..from + entries)?.fill(entry);
                }
                next += 1;
            }
            if next > 1 << length {
                return None;
            }
            *of_length = Length { first, end: next << (LONGEST - length), place };
        }
        Some(())
    }

    /// Reads a symbol; `None` where no code fits.
    #[inline]
    pub(super) fn read(&self, input: &mut Bits<'_>) -> Option<u32> {
        input.fill();
        let index = usize::try_from(input.peek(QUICK_BITS)).ok()?;
        let entry = u32::from(*self.quick.get(index)?);
        if entry != 0 {
            input.skip(entry & ((1 << LENGTH_BITS) - 1));
            return Some(entry >> LENGTH_BITS);
        }
        self.read_long(input)
    }

    fn read_long(&self, input: &mut Bits<'_>) -> Option<u32> {
        let bits = input.peek(LONGEST);
        let (length, found) =
            (1..=LONGEST).zip(&self.lengths).find(|(_, of_length)| bits < of_length.end)?;
        let place = (bits >> (LONGEST - length)).checked_sub(found.first)? + found.place;
        input.skip(length);
        self.symbols.get(usize::try_from(place).ok()?).copied().map(u32::from)
    }
}
