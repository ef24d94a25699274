//! The archives of `../shared/data`, found by content.

use std::io::Read;
use std::path::{Path, PathBuf};

use falter_wire::mrt::{self, Line, StateLine, Told};

/// An archive, decompressed.
pub(crate) struct Archive {
    /// Its path below `mrt/`.
    pub(crate) name: String,
    pub(crate) octets: Vec<u8>,
}

/// The folder of shared data; `None`, and a word on it, where it is missing.
pub(crate) fn shared_data() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("FALTER_REQUIRE_DATA").is_none_or(|value| value != "1"),
        "no ../shared/data, and FALTER_REQUIRE_DATA=1"
    );
    println!("skipped: no ../shared/data");
    None
}

/// Every file that is MRT by content, by name.
pub(crate) fn archives() -> Vec<Archive> {
    let Some(folder) = shared_data() else { return Vec::new() };
    let folder = folder.join("mrt");
    let mut archives = Vec::new();
    let mut folders = vec![folder.clone()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let octets = read(&path);
            if mrt::looks_like_mrt(&octets) {
                let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
                archives.push(Archive { name, octets });
            }
        }
    }
    archives.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(archives.len(), 26, "archives that are MRT by content");
    archives
}

/// A file, decompressed by what it begins with.
pub(crate) fn read(path: &Path) -> Vec<u8> {
    let raw = std::fs::read(path).unwrap();
    let mut octets = Vec::new();
    if raw.starts_with(&[0x1F, 0x8B]) {
        flate2::read::MultiGzDecoder::new(&raw[..]).read_to_end(&mut octets).unwrap();
    } else if raw.starts_with(b"BZh") {
        bzip2::read::MultiBzDecoder::new(&raw[..]).read_to_end(&mut octets).unwrap();
    } else {
        octets = raw;
    }
    octets
}

/// What we read in an archive, as the lines that `bgpdump -m` prints.
pub(crate) fn lines(octets: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    mrt::read(octets, |told| match told {
        Told::Elem(record, elem) => lines.push(Line::new(record, elem).to_string()),
        Told::State(record, state) => lines.push(StateLine::new(record, state).to_string()),
        Told::Fault { .. } => {}
    });
    lines
}

/// What one list has more often than the other: (only in the first, only in the second), sorted.
pub(crate) fn differences(first: &[String], second: &[String]) -> (Vec<String>, Vec<String>) {
    let mut counts = std::collections::BTreeMap::<&String, i64>::new();
    for line in first {
        *counts.entry(line).or_default() += 1;
    }
    for line in second {
        *counts.entry(line).or_default() -= 1;
    }
    let more = |sign: i64| {
        let often = |count: &i64| usize::try_from(count * sign).unwrap_or(0);
        let lines =
            counts.iter().flat_map(move |(line, count)| vec![(*line).clone(); often(count)]);
        lines.collect::<Vec<_>>()
    };
    (more(1), more(-1))
}
