//! Every target over its corpus and deterministic mutations of it, on stable: `cargo test
//! --manifest-path fuzz/Cargo.toml`.

use std::path::{Path, PathBuf};

/// Mutations of each seed, besides its truncations.
const MUTATIONS: u64 = 3_000;

#[test]
fn every_target_survives_its_corpus() {
    for (name, target) in falter_fuzz::TARGETS {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "no corpus for {name}");
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        for seed in &seeds {
            target(seed);
            for end in 0..seed.len() {
                target(&seed[..end]);
            }
            for _ in 0..MUTATIONS {
                target(&mutated(seed, &seeds, &mut random));
            }
        }
    }
}

/// All files of a corpus, in the order of their names.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// A seed with one to four changes: a bit flipped, an octet set to one that often matters, octets cut
/// out, repeated, or taken from another seed.
fn mutated(seed: &[u8], seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut octets = seed.to_vec();
    for _ in 0..=random.below(4) {
        if octets.is_empty() {
            break;
        }
        let at = random.below(octets.len());
        let length = random.below(octets.len() - at).min(32);
        match random.below(5) {
            0 => octets[at] ^= 1 << random.below(8),
            1 => octets[at] = [0, 1, 2, 4, 16, 32, 33, 127, 128, 255][random.below(10)],
            2 => drop(octets.drain(at..at + length)),
            3 => {
                let copy = octets[at..at + length].to_vec();
                octets.splice(at..at, copy);
            }
            _ => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len().max(1)).min(other.len());
                let copy = other[from..].iter().take(length).copied();
                let copy: Vec<u8> = copy.collect();
                octets.splice(at..at, copy);
            }
        }
    }
    octets
}

/// Marsaglia's xorshift: the same mutations on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % bound.max(1)
    }
}
