//! Archives broken in every way: no panic, no hang, and what came before the fault is kept.

use std::fs;
use std::path::Path;

use falter_model::{Interned, Observation};
use falter_sources::archive::{InputArg, Inputs};

use crate::shared_data;

fn read(path: &Path) -> (u64, Vec<Observation>) {
    let mut inputs = Inputs::open(&[InputArg::from(path.to_owned())]).unwrap();
    let (mut interned, mut all) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut all) {}
    (inputs.reports()[0].bad_count, all)
}

/// Observations that both begin with.
fn common(a: &[Observation], b: &[Observation]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[test]
fn every_truncation_and_many_flips_of_small_archives_cost_what_they_hit() {
    let Some(data) = shared_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken");
    for name in ["bird-mrtdump_bgp", "openbgpd_rib_table-v2", "quagga_bgp"] {
        let whole = fs::read(data.join("mrt/mrtparse/samples").join(name)).unwrap();
        fs::write(&file, &whole).unwrap();
        let (_, all) = read(&file);
        for length in (0..whole.len()).step_by(11) {
            fs::write(&file, &whole[..length]).unwrap();
            let (_, kept) = read(&file);
            // All but the end of a table, which is told where the input ends.
            assert!(kept.len() <= common(&kept, &all) + 1, "{name} {length}");
        }
        for bit in (0..whole.len() * 8).step_by(97) {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            fs::write(&file, &flipped).unwrap();
            read(&file);
        }
    }
}

#[test]
fn flips_in_compressed_archives_are_told() {
    let Some(data) = shared_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken");
    for name in
        ["ris.rrc06.updates.1427846400.gz", "routeviews.route-views.jinx.updates.1427846400.bz2"]
    {
        let whole = fs::read(data.join("mrt/libbgpstream/test").join(name)).unwrap();
        // The header of gzip has octets (a name) that carry nothing.
        for bit in (1000..whole.len() * 8).step_by(7001) {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            fs::write(&file, &flipped).unwrap();
            let (bad, _) = read(&file);
            assert!(bad > 0, "{name} {bit}");
        }
    }
}
