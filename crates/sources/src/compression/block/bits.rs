//! Bits of octets, the highest first.

/// Reads on from some bit; beyond the end there are zeros, which [`position`](Self::position) tells.
#[derive(Debug)]
pub(super) struct Bits<'a> {
    octets: &'a [u8],
    /// The next octet to be held.
    next: usize,
    /// Bits that were not taken yet, from the highest on.
    held: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(octets: &'a [u8], first: u64) -> Self {
        let next = usize::try_from(first / 8).unwrap_or(usize::MAX);
        let mut bits = Self { octets, next, held: 0, count: 0 };
        bits.fill();
        bits.skip(u32::try_from(first % 8).unwrap_or_default());
        bits
    }

    /// Holds at least 32 bits.
    #[inline]
    pub(super) fn fill(&mut self) {
        if self.count > 32 {
            return;
        }
        let rest = self.octets.get(self.next..).unwrap_or_default();
        let word = match rest.first_chunk::<4>() {
            Some(word) => *word,
            None => std::array::from_fn(|n| rest.get(n).copied().unwrap_or(0)),
        };
        self.held |= u64::from(u32::from_be_bytes(word)) << (32 - self.count);
        self.count += 32;
        self.next += 4;
    }

    /// The next `bits` bits, 1 to 32, of those that are held.
    #[inline]
    pub(super) const fn peek(&self, bits: u32) -> u32 {
        let peeked = self.held >> (64 - bits);
        #[expect(clippy::cast_possible_truncation, reason = "32 bits at most are asked for")]
        let peeked = peeked as u32;
        peeked
    }

    /// Goes on by up to 32 bits, which are held.
    #[inline]
    pub(super) const fn skip(&mut self, bits: u32) {
        self.held <<= bits;
        self.count -= bits;
    }

    /// Takes 1 to 32 bits.
    #[inline]
    pub(super) fn take(&mut self, bits: u32) -> u32 {
        self.fill();
        let taken = self.peek(bits);
        self.skip(bits);
        taken
    }

    /// The bit that comes next, from the first of the octets.
    pub(super) fn position(&self) -> u64 {
        self.next as u64 * 8 - u64::from(self.count)
    }
}
