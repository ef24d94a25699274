//! How long an elem takes: `cargo run --release -p falter-wire --example speed -- ARCHIVE...`
//!
//! Archives are decompressed into memory first, then read several times; the fastest counts. Printed
//! are nanoseconds an elem: framing and visiting alone, with the origin and the blackhole community
//! (what a signal asks), with the whole path, and bgpkit-parser counting elems.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement of the machine, for people"
)]

use std::hint::black_box;
use std::io::Read;
use std::time::Instant;

use falter_wire::mrt::{self, Told};

fn main() {
    for path in std::env::args().skip(1) {
        let octets = read(&path);
        let (_, elems) = fastest(|| visit(&octets, |_| {}));
        let ours = [
            ("visit", fastest(|| visit(&octets, |_| {}))),
            ("origin", fastest(|| visit(&octets, origin))),
            ("path", fastest(|| with_paths(&octets))),
        ];
        println!("{path}: {elems} elems, {} octets", octets.len());
        for (what, (nanos, elems)) in ours {
            println!("  {what:16} {:8.1} ns/elem", nanos / elems as f64);
        }
        let (nanos, elems) = fastest(|| {
            bgpkit_parser::BgpkitParser::from_reader(&octets[..]).into_elem_iter().count()
        });
        println!("  {:16} {:8.1} ns/elem", "bgpkit-parser", nanos / elems as f64);
    }
}

/// Nanoseconds of the fastest of five runs, and what it counted.
fn fastest(mut run: impl FnMut() -> usize) -> (f64, usize) {
    let once = |_| {
        let start = Instant::now();
        let count = black_box(run());
        (start.elapsed().as_nanos() as f64, count)
    };
    (0..5).map(once).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
}

fn visit(octets: &[u8], mut look: impl FnMut(&mrt::Elem<'_>)) -> usize {
    let mut count = 0;
    mrt::read(octets, |told| {
        if let Told::Elem(_, elem) = told {
            look(black_box(&elem));
            count += 1;
        }
    });
    count
}

fn origin(elem: &mrt::Elem<'_>) {
    if let Some(attributes) = elem.attributes() {
        black_box((attributes.origin_asn(), attributes.is_blackholed()));
    }
}

fn with_paths(octets: &[u8]) -> usize {
    let mut path = Vec::new();
    visit(octets, |elem| {
        if let Some(attributes) = elem.attributes() {
            attributes.path(&mut path);
            black_box(&path);
        }
    })
}

fn read(path: &str) -> Vec<u8> {
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
