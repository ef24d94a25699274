//! Where the octets of an input come from, and how they are counted.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::listing::{Listed, ListedKind};
use crate::compression::{BlockDecoders, Compression};

/// Buffer between a file and its decoder.
const BUFFER_OCTETS: usize = 64 << 10;
/// Enough to tell how a file is compressed.
const MAGIC_OCTETS: u64 = 6;

/// Something that can be opened, most of them more than once.
pub(super) enum Origin {
    /// A file with a name.
    Named(PathBuf),
    /// Standard input or a pipe, put into a file without a name.
    Spooled(File),
    /// Standard input or a pipe, read as it comes.
    Streamed(Option<Box<dyn Read + Send>>),
}

/// Counts the octets that are read from a file.
pub(super) struct Counted<R> {
    input: R,
    count: Arc<AtomicU64>,
}

impl Origin {
    /// Spools what can be read only once, unless it is the only input.
    pub(super) fn of(listed: &Listed, is_only: bool) -> io::Result<Self> {
        let mut once: Box<dyn Read + Send> = match listed.kind {
            ListedKind::File => return Ok(Self::Named(listed.path.clone())),
            ListedKind::Pipe => Box::new(File::open(&listed.path)?),
            ListedKind::Stdin => Box::new(io::stdin()),
        };
        if is_only {
            return Ok(Self::Streamed(Some(once)));
        }
        let mut spool = tempfile::tempfile()?;
        io::copy(&mut once, &mut spool)?;
        Ok(Self::Spooled(spool))
    }

    /// Octets on disk; `None` for what is streamed.
    pub(super) fn octets(&self) -> Option<u64> {
        match self {
            Self::Named(path) => std::fs::metadata(path).ok().map(|found| found.len()),
            Self::Spooled(file) => file.metadata().ok().map(|found| found.len()),
            Self::Streamed(_) => None,
        }
    }

    /// Decompressed content from the start. What is streamed can be opened once.
    pub(super) fn open(
        &mut self,
        count: Arc<AtomicU64>,
        decoders: Option<&BlockDecoders>,
    ) -> io::Result<Box<dyn Read + Send>> {
        let mut input: Box<dyn Read + Send> = match self {
            Self::Named(path) => Box::new(File::open(path)?),
            Self::Spooled(file) => {
                let mut file = file.try_clone()?;
                file.rewind()?;
                Box::new(file)
            }
            Self::Streamed(stream) => stream.take().ok_or(io::ErrorKind::NotSeekable)?,
        };
        let mut magic = Vec::new();
        input.by_ref().take(MAGIC_OCTETS).read_to_end(&mut magic)?;
        count.fetch_add(magic.len() as u64, Ordering::Relaxed);
        let compression = Compression::of(&magic);
        let counted = Cursor::new(magic).chain(Counted { input, count });
        let buffered = BufReader::with_capacity(BUFFER_OCTETS, counted);
        match decoders {
            Some(decoders) => compression.decode_on(buffered, decoders),
            None => compression.decode(buffered),
        }
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Named(_) => "Named",
            Self::Spooled(_) => "Spooled",
            Self::Streamed(_) => "Streamed",
        })
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(into)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
