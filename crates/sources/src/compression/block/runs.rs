//! The outermost layer of a block: four equal octets are followed by how many more there are; and the
//! checksum of what comes out.

/// What most blocks have at most.
const USUAL_OCTETS: usize = 900_000;
/// Equal octets after which their number follows.
const RUN: u8 = 4;
/// CRC-32 with the highest bit first, as bzip2 has it.
const POLYNOMIAL: u32 = 0x04c1_1db7;
/// Octets that enter the checksum at a time.
const SLICE: usize = 8;

/// By octet: what it does to the checksum with 0 to 7 octets behind it.
const TABLES: [[u32; 256]; SLICE] = {
    let mut tables = [[0; 256]; SLICE];
    let mut octet = 0;
    while octet < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "an octet")]
        let mut sum = (octet as u32) << 24;
        let mut slice = 0;
        while slice < SLICE {
            let mut bit = 0;
            while bit < 8 {
                sum = if sum >> 31 == 1 { sum << 1 ^ POLYNOMIAL } else { sum << 1 };
                bit += 1;
            }
            tables[slice][octet] = sum;
            slice += 1;
        }
        octet += 1;
    }
    tables
};

/// Writes out runs; `None` where the last one lacks its number.
pub(super) fn expand<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(USUAL_OCTETS);
    let (mut last, mut equal) = (0, 0);
    for octet in pieces.flatten().copied() {
        if equal == RUN {
            out.resize(out.len() + usize::from(octet), last);
            equal = 0;
            continue;
        }
        equal = if octet == last { equal + 1 } else { 1 };
        last = octet;
        out.push(octet);
    }
    (equal < RUN).then_some(out)
}

/// The checksum of a block.
pub(super) fn checksum(octets: &[u8]) -> u32 {
    let (slices, rest) = octets.as_chunks::<SLICE>();
    let mut sum = u32::MAX;
    for slice in slices {
        let mut mixed = *slice;
        for (octet, of_sum) in mixed.iter_mut().zip(sum.to_be_bytes()) {
            *octet ^= of_sum;
        }
        let entries = mixed.iter().zip(TABLES.iter().rev());
        sum = entries.fold(0, |sum, (octet, table)| sum ^ table[usize::from(*octet)]);
    }
    for octet in rest {
        let [high, ..] = sum.to_be_bytes();
        sum = sum << 8 ^ TABLES[0][usize::from(high ^ octet)];
    }
    !sum
}
