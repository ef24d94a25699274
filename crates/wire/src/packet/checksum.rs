//! The Internet checksum (RFC 1071): ones' complement of the ones' complement sum of 16-bit words.

/// A checksum that is being summed up. Parts but the last must have an even number of octets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Checksum {
    sum: u64,
}

/// The checksum of these octets; 0 for octets that hold their own correct checksum.
pub fn checksum(octets: &[u8]) -> u16 {
    Checksum::default().with(octets).finish()
}

impl Checksum {
    /// Adds octets; an odd last one counts as if a zero followed it.
    #[must_use]
    pub(super) fn with(self, octets: &[u8]) -> Self {
        let (pairs, rest) = octets.as_chunks::<2>();
        let pairs: u64 = pairs.iter().map(|pair| u64::from(u16::from_be_bytes(*pair))).sum();
        let rest = rest.first().map_or(0, |last| u64::from(u16::from_be_bytes([*last, 0])));
        Self { sum: self.sum.wrapping_add(pairs).wrapping_add(rest) }
    }

    /// The checksum.
    pub(super) fn finish(self) -> u16 {
        let mut sum = self.sum;
        while sum > 0xFFFF {
            sum = (sum & 0xFFFF).wrapping_add(sum >> 16);
        }
        !u16::try_from(sum).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_1071() {
        // Section 3: the sum of these octets is ddf2.
        assert_eq!(checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
    }

    #[test]
    fn an_odd_octet_is_the_high_one_of_a_word() {
        assert_eq!(checksum(&[0x12, 0x34, 0x56]), checksum(&[0x12, 0x34, 0x56, 0x00]));
    }
}
