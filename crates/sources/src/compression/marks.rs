//! Finds where the blocks of a bzip2 file may begin: at any bit, marked by 48 bits.

/// What begins a block: the digits of pi.
pub(super) const BLOCK: u64 = 0x3141_5926_5359;
/// What ends a stream: the digits of the square root of pi.
pub(super) const END: u64 = 0x1772_4538_5090;
/// Length of either.
pub(super) const MARK_BITS: u64 = 48;
/// Octets that a mark may touch.
pub(super) const MARK_OCTETS: usize = 7;

/// What a mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// A block begins.
    Block,
    /// The stream ends.
    End,
}

/// For each value of an octet, at which of the eight bits of the octet before it a mark may begin.
///
/// The second octet that a mark touches is known in full at every shift, and at most 16 of the 256
/// values occur: one look-up an octet is nearly all of the work.
const SECOND: [u8; 256] = {
    let mut table = [0; 256];
    let mut shift = 0;
    while shift < 8 {
        // A mark that begins `shift` bits into the first octet has its bits from 8 - shift on in the
        // second.
        table[((BLOCK >> (32 + shift)) & 0xff) as usize] |= 1 << shift;
        table[((END >> (32 + shift)) & 0xff) as usize] |= 1 << shift;
        shift += 1;
    }
    table
};

/// Calls `found` with the bit (from the start of `octets`) of each mark that begins in an octet from
/// `from` on, in order. Returns the octet up to which all were found: the search goes on there once
/// more octets are known.
pub(super) fn find(octets: &[u8], from: usize, mut found: impl FnMut(u64, Mark)) -> usize {
    let all = octets.get(from..).unwrap_or_default();
    let Some(ends) = all.len().checked_sub(MARK_OCTETS - 1) else { return from };
    for (index, window) in all.windows(MARK_OCTETS).enumerate() {
        let [_, second, ..] = window else { continue };
        let mut shifts = SECOND[usize::from(*second)];
        while shifts != 0 {
            let shift = shifts.trailing_zeros();
            shifts &= shifts - 1;
            let bits = window.iter().fold(0_u64, |bits, octet| bits << 8 | u64::from(*octet));
            let mark = match bits >> (8 - shift) & 0xffff_ffff_ffff {
                BLOCK => Mark::Block,
                END => Mark::End,
                _ => continue,
            };
            found((from + index) as u64 * 8 + u64::from(shift), mark);
        }
    }
    from + ends
}

/// The 64 bits from `bit` on; zeros beyond the end.
pub(super) fn bits_at(octets: &[u8], bit: u64) -> u64 {
    let first = usize::try_from(bit / 8).unwrap_or(usize::MAX);
    let octet = |n: usize| octets.get(first.saturating_add(n)).copied().unwrap_or(0);
    let bits = (0..9).fold(0_u128, |bits, n| bits << 8 | u128::from(octet(n)));
    #[expect(clippy::cast_possible_truncation, reason = "the 64 bits that are asked for")]
    let bits = (bits >> (8 - bit % 8)) as u64;
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_at_every_bit_and_across_pieces() {
        for (mark, pattern) in [(Mark::Block, BLOCK), (Mark::End, END)] {
            for bit in 0..64_u64 {
                let number = u128::from(pattern) << (128 - 48 - bit);
                let octets = number.to_be_bytes();
                let mut marks = Vec::new();
                let mut from = 0;
                for known in [0, 5, 7, 8, 9, 16] {
                    from = find(&octets[..known], from, |at, mark| marks.push((at, mark)));
                }
                assert_eq!(marks, [(bit, mark)], "{bit}");
                assert_eq!(bits_at(&octets, bit) >> 16, pattern);
            }
        }
    }

    #[test]
    fn what_differs_in_one_bit_is_no_mark() {
        for flipped in 0..48 {
            let octets = ((u128::from(BLOCK) ^ 1 << flipped) << 77).to_be_bytes();
            find(&octets, 0, |at, mark| panic!("{mark:?} at {at}"));
        }
    }
}
