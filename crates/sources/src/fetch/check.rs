//! Whether what was downloaded is what its name says, to its last checksum.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use url::Url;

use super::Interrupted;
use crate::compression::Compression;

/// More than this no file of archives decodes to: the largest table dumps have some gigabytes.
const MOST_DECODED: u64 = 64 << 30;
/// Enough to tell a compression, and to show what else it is.
const HEAD_OCTETS: u64 = 32;

/// Reads a file to its end. The checksums of gzip (of each member), bzip2 and zstd are compared on the
/// way.
pub(super) async fn whole(path: &Path, url: &Url) -> Result<(), Interrupted> {
    let (path, named) = (path.to_owned(), named(url));
    let checked = tokio::task::spawn_blocking(move || check(&path, named)).await;
    checked.unwrap_or_else(|error| Err(Interrupted::Unchecked(io::Error::other(error))))
}

fn check(path: &Path, named: Option<Compression>) -> Result<(), Interrupted> {
    let mut file = File::open(path).map_err(Interrupted::Unchecked)?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD_OCTETS).read_to_end(&mut head).map_err(Interrupted::Unchecked)?;
    let compression = Compression::of(&head);
    if let Some(named) = named
        && compression != named
    {
        return Err(Interrupted::not_as_named(named, &head));
    }
    if compression == Compression::Plain {
        return Ok(());
    }
    let whole = io::Cursor::new(head).chain(BufReader::with_capacity(1 << 18, file));
    let decoded = compression.decode(whole).map_err(Interrupted::Damaged)?;
    let octets = io::copy(&mut decoded.take(MOST_DECODED), &mut io::sink());
    match octets.map_err(Interrupted::Damaged)? {
        MOST_DECODED => Err(Interrupted::Damaged(io::Error::other("it goes on and on"))),
        _ => Ok(()),
    }
}

/// The compression that the name tells.
fn named(url: &Url) -> Option<Compression> {
    let (_, ending) = url.path().rsplit_once('.')?;
    match ending {
        "gz" => Some(Compression::Gzip),
        "bz2" => Some(Compression::Bzip2),
        "zst" => Some(Compression::Zstd),
        _ => None,
    }
}
