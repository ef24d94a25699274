//! Lines of recordings from a file or a pipe, taken as they come: how a vantage point elsewhere joins.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::thread;

use falter_sources::live::Teller;

/// Reads `path` (`-` is standard input) on a thread of its own and tells each line to all networks.
pub(super) fn start(path: &Path, tellers: Vec<Teller>) -> io::Result<()> {
    let from: Box<dyn Read + Send> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    thread::Builder::new().name("lines".to_owned()).spawn(move || {
        if let Err(error) = read(BufReader::new(from), &tellers) {
            tracing::warn!(%error, "Lines can't be read any further.");
        }
    })?;
    Ok(())
}

fn read(mut from: impl BufRead, tellers: &[Teller]) -> io::Result<()> {
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        // A header says who observes, not what; a last line may have been cut off.
        if line.ends_with(b"\n") && !line.starts_with(b"{\"falter\"") {
            for teller in tellers {
                if teller.tell_line_blocking(line.clone()).is_err() {
                    return Ok(());
                }
            }
        }
        line.clear();
    }
    Ok(())
}
