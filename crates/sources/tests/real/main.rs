//! Archives that others wrote: read whole, and broken in every way.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]
#![expect(clippy::print_stdout, reason = "says what was skipped")]

use std::path::{Path, PathBuf};

mod archives;
mod broken;

/// The folder of shared data; `None`, said aloud, where it is missing and nobody demands it.
fn shared_data() -> Option<PathBuf> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if folder.is_dir() {
        return Some(folder.to_owned());
    }
    assert!(std::env::var_os("FALTER_REQUIRE_DATA").is_none(), "../shared/data is missing");
    println!("skipped: no ../shared/data");
    None
}
