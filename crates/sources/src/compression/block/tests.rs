use super::super::marks::find;
use super::*;
use std::io::Write;

use bzip2::write::BzEncoder;
use proptest::prelude::*;

/// A stream of one block, as the library writes it, and the bits at which the block begins and ends.
fn stream(content: &[u8]) -> (Vec<u8>, u64, u64) {
    let mut out = BzEncoder::new(Vec::new(), bzip2::Compression::best());
    out.write_all(content).unwrap();
    let octets = out.finish().unwrap();
    let mut marks = Vec::new();
    find(&octets, 0, |bit, _| marks.push(bit));
    let [from, until] = marks[..] else { panic!("{} marks", marks.len()) };
    (octets, from, until)
}

fn read(reader: &mut BlockReader, content: &[u8]) -> Option<Vec<u8>> {
    let (octets, from, until) = stream(content);
    reader.read(&octets, from, until - from)
}

#[test]
fn content_of_every_form_is_read() {
    let mut reader = BlockReader::default();
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let run = vec![7; 20_000_000];
    let contents: [&[u8]; 9] = [
        b"a",
        b"ab",
        b"aaaa",
        b"aaaaa",
        &b"abab".repeat(1000),
        &[0; 259],
        &run,
        &all,
        &b"one sentence, many times. ".repeat(20_000),
    ];
    for content in contents {
        let found = read(&mut reader, content);
        assert!(found.as_deref() == Some(content), "{} octets", content.len());
    }
}

#[test]
fn a_block_must_fill_its_bits() {
    let (octets, from, until) = stream(b"some content");
    let mut reader = BlockReader::default();
    assert!(reader.read(&octets, from, until - from).is_some());
    assert!(reader.read(&octets, from, until - from + 1).is_none());
    assert!(reader.read(&octets, from, until - from - 1).is_none());
}

#[test]
fn whatever_bits_there_are_end() {
    let mut reader = BlockReader::default();
    for octet in 0..=255 {
        assert!(reader.read(&[octet; 4096], 3, 30_000).is_none());
    }
    assert!(reader.read(&[], 0, 0).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_reads_what_the_library_wrote(
        parts in prop::collection::vec((any::<u8>(), 1_usize..700, 1_u8..60), 1..60),
    ) {
        let content: Vec<u8> = parts
            .iter()
            .flat_map(|(octet, times, step)| {
                (0..*times).map(move |n| octet.wrapping_add(u8::try_from(n % 5).unwrap() * step))
            })
            .collect();
        let found = read(&mut BlockReader::default(), &content);
        prop_assert!(found == Some(content));
    }

    #[test]
    fn a_flipped_bit_is_never_content(bit in 0_u64..100_000, runs in 1_usize..9) {
        let content = b"falter ".repeat(runs).repeat(11);
        let (mut octets, from, until) = stream(&content);
        // The mark itself is not read.
        let bit = from + MARK_BITS + bit % (until - from - MARK_BITS);
        octets[usize::try_from(bit / 8).unwrap()] ^= 0x80 >> (bit % 8);
        let found = BlockReader::default().read(&octets, from, until - from);
        prop_assert!(found.is_none_or(|found| found == content));
    }
}
