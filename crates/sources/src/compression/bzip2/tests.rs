use super::*;
use std::io::Write;

use bzip2::write::BzEncoder;
use proptest::prelude::*;

/// One stream; level 1 makes blocks of 100 kB.
fn stream(content: &[u8], level: u32) -> Vec<u8> {
    let mut out = BzEncoder::new(Vec::new(), bzip2::Compression::new(level));
    out.write_all(content).unwrap();
    out.finish().unwrap()
}

fn read(file: &[u8]) -> (Vec<u8>, io::Result<()>) {
    let mut content = Vec::new();
    let decoders = BlockDecoders::default();
    let end = Bzip2::new(file, decoders).read_to_end(&mut content).map(drop);
    (content, end)
}

/// Octets that do not compress away, the same for the same seed.
fn noise(octets: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    (0..octets).map(|_| next() & 0x3f).collect()
}

#[test]
fn streams_of_many_blocks_follow_each_other() {
    let (a, b) = (noise(450_000, 1), noise(250_001, 2));
    let file = [stream(&a, 1), stream(b"", 9), stream(&b, 1), stream(b"x", 9)].concat();
    let (content, end) = read(&file);
    end.unwrap();
    assert!(content == [a, b, b"x".to_vec()].concat());
}

#[test]
fn long_runs_make_blocks_far_larger_than_usual() {
    let runs = vec![7; 20_000_000];
    let (content, end) = read(&stream(&runs, 9));
    end.unwrap();
    assert!(content == runs);
}

#[test]
fn what_came_before_garbage_is_kept() {
    let (content, end) = read(&[stream(b"kept", 9), b"garbage".to_vec()].concat());
    assert_eq!(content, b"kept");
    assert!(end.unwrap_err().to_string().contains("after the compressed data"));
}

#[test]
fn an_empty_file_is_no_fault() {
    let (content, end) = read(b"");
    end.unwrap();
    assert!(content.is_empty());
}

#[test]
fn marks_that_are_none_are_joined_with_what_follows() {
    // The content of a block is coded, so a mark can't be put into it. A decoder sees no difference
    // between one that was found by chance and one that is added to the list of those that were.
    let content = noise(350_000, 3);
    let file = stream(&content, 1);
    let mut decoder = Bzip2::new(&file[..], BlockDecoders::default());
    while decoder.read_more().unwrap() {}
    let true_marks: Vec<u64> = decoder.marks.iter().map(|stretch| stretch.bit).collect();
    assert!(true_marks.len() > 4);
    for bit in true_marks {
        for (offset, mark) in [(77, Mark::Block), (4000, Mark::End), (100_003, Mark::Block)] {
            decoder.marks.push_back(Stretch { bit: bit + offset, mark, decoded: None });
        }
    }
    let marks = decoder.marks.make_contiguous();
    marks.sort_by_key(|stretch| stretch.bit);
    let mut out = Vec::new();
    // Marks beyond the end of the last stream stay unread.
    decoder.read_to_end(&mut out).unwrap();
    assert!(out == content);
}

#[test]
fn a_damaged_block_costs_what_follows_and_is_told_with_its_place() {
    let content = noise(350_000, 4);
    let mut file = stream(&content, 1);
    let middle = file.len() / 2;
    file[middle] ^= 4;
    let (kept, end) = read(&file);
    assert!(!kept.is_empty() && content.starts_with(&kept));
    assert!(end.unwrap_err().to_string().contains("damaged"));
}

#[test]
fn a_wrong_checksum_of_the_stream_is_told() {
    let mut file = stream(b"content", 9);
    let last = file.len() - 2;
    file[last] ^= 0x10;
    let (kept, end) = read(&file);
    assert_eq!(kept, b"content");
    assert!(end.unwrap_err().to_string().contains("checksum"));
}

#[test]
fn every_truncation_of_a_small_file_is_told() {
    let whole = [stream(b"first", 9), stream(b"second", 9)].concat();
    let first = stream(b"first", 9).len();
    for length in 1..whole.len() {
        let (content, end) = read(&whole[..length]);
        assert!(b"firstsecond".starts_with(&content[..]), "{length}");
        assert_eq!(end.is_err(), length != first, "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn it_reads_what_the_library_wrote(
        sizes in prop::collection::vec(0_usize..260_000, 1..4), seed: u64, level in 1_u32..3,
    ) {
        let parts: Vec<Vec<u8>> =
            sizes.iter().zip(0..).map(|(size, n)| noise(*size, seed.wrapping_add(n))).collect();
        let file: Vec<u8> = parts.iter().flat_map(|part| stream(part, level)).collect();
        let (content, end) = read(&file);
        prop_assert!(end.is_ok());
        prop_assert!(content == parts.concat());
    }

    #[test]
    fn one_flipped_bit_never_passes_unnoticed(bit in 0_usize..1_000_000, seed: u64) {
        let content = noise(150_000, seed);
        let mut file = stream(&content, 1);
        let bit = bit % (file.len() * 8);
        file[bit / 8] ^= 1 << (bit % 8);
        let (kept, end) = read(&file);
        // The digit of the level and the padding at the end carry nothing.
        prop_assert!(end.is_err() || kept == content);
        prop_assert!(content.starts_with(&kept));
    }
}
