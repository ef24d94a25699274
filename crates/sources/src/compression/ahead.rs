//! Decompression on a thread of its own, ahead of whoever reads, and the window he reads through.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Room before the data of a chunk, for the rest of the one before it. Longer rests (a record of a
/// table dump may have megabytes) are copied the other way round.
const HEADROOM_OCTETS: usize = 32 << 10;
/// Size of a chunk with its headroom: fits the second-level cache, so that what one core
/// decompresses is still near when the other decodes it.
const CHUNK_OCTETS: usize = 256 << 10;
/// Chunks that may lie ready: enough that neither side waits for the other's hiccups, 1 MB a file.
const CHUNKS_AHEAD: usize = 4;

/// What fills chunks: a thread that runs ahead, or the reader's own thread.
pub(crate) enum Feed {
    /// Runs ahead.
    Ahead {
        /// Chunks with data, or the fault at the end.
        full: Receiver<io::Result<Vec<u8>>>,
        /// Chunks to be used again.
        empty: SyncSender<Vec<u8>>,
    },
    /// Decodes when asked.
    Direct {
        /// What decodes.
        decoder: Box<dyn Read + Send>,
        /// A fault that is told after the data before it.
        fault: Option<io::Error>,
    },
    /// Gives what is there: not compressed, and written while it is read.
    Growing(Box<dyn Read + Send>),
    /// The end was reached.
    Ended,
}

impl Feed {
    /// Starts a thread that decodes ahead; decodes when asked where the system gives no thread.
    pub(crate) fn ahead(decoder: Box<dyn Read + Send>) -> Self {
        let (to_reader, full) = sync_channel(CHUNKS_AHEAD);
        let (empty, from_reader) = sync_channel::<Vec<u8>>(CHUNKS_AHEAD + 2);
        // The decoder moves into the thread only once it runs, so that it is not lost if none starts.
        let (hand_over, take_over) = sync_channel::<Box<dyn Read + Send>>(1);
        let started = thread::Builder::new().name("decompress".to_owned()).spawn(move || {
            let Ok(mut decoder) = take_over.recv() else { return };
            loop {
                let used = from_reader.try_recv().unwrap_or_default();
                let (octets, end) = fill(&mut decoder, used);
                let reader_went = !octets.is_empty() && to_reader.send(Ok(octets)).is_err();
                match end {
                    Ok(false) if !reader_went => {}
                    Ok(_) => return,
                    Err(error) => {
                        // A reader that went wants no error either.
                        drop(to_reader.send(Err(error)));
                        return;
                    }
                }
            }
        });
        if started.is_err() {
            return Self::direct(decoder);
        }
        drop(hand_over.send(decoder));
        Self::Ahead { full, empty }
    }

    /// Decodes on the reader's own thread.
    pub(crate) const fn direct(decoder: Box<dyn Read + Send>) -> Self {
        Self::Direct { decoder, fault: None }
    }

    /// Gives what is there at each call, however little.
    pub(crate) const fn growing(stream: Box<dyn Read + Send>) -> Self {
        Self::Growing(stream)
    }

    /// The next chunk, its data after the headroom; `None` at the end.
    fn next(&mut self, used: Vec<u8>) -> Option<io::Result<Vec<u8>>> {
        match self {
            Self::Ahead { full, empty } => {
                // Where the thread has ended or has enough, the chunk is freed.
                drop(empty.try_send(used));
                full.recv().ok()
            }
            Self::Direct { decoder, fault } => {
                if let Some(error) = fault.take() {
                    *self = Self::Ended;
                    return Some(Err(error));
                }
                let (octets, end) = fill(decoder, used);
                match end {
                    Ok(false) => {}
                    Ok(true) => *self = Self::Ended,
                    Err(error) => *fault = Some(error),
                }
                if octets.is_empty() { self.next(octets) } else { Some(Ok(octets)) }
            }
            Self::Growing(stream) => {
                let more = read_once(stream, used);
                if !matches!(more, Ok(Some(_))) {
                    *self = Self::Ended;
                }
                more.transpose()
            }
            Self::Ended => None,
        }
    }
}

/// What one read gives, as a chunk; `None` at the end.
fn read_once(stream: &mut impl Read, mut chunk: Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    chunk.resize(CHUNK_OCTETS, 0);
    let room = chunk.get_mut(HEADROOM_OCTETS..).unwrap_or_default();
    let read = loop {
        match stream.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => break read?,
        }
    };
    chunk.truncate(HEADROOM_OCTETS + read);
    Ok((read > 0).then_some(chunk))
}

/// Fills a chunk. Empty if there is nothing left; true at the end.
fn fill(decoder: &mut impl Read, mut chunk: Vec<u8>) -> (Vec<u8>, io::Result<bool>) {
    chunk.resize(CHUNK_OCTETS, 0);
    let mut filled = HEADROOM_OCTETS;
    let end = loop {
        let Some(room) = chunk.get_mut(filled..).filter(|room| !room.is_empty()) else {
            break Ok(false);
        };
        match decoder.read(room) {
            Ok(0) => break Ok(true),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    chunk.truncate(if filled == HEADROOM_OCTETS { 0 } else { filled });
    (chunk, end)
}

/// A view on decompressed data that only moves forward: whole records lie in it in one piece.
pub(crate) struct Window {
    feed: Feed,
    chunk: Vec<u8>,
    /// Holds the rest of a chunk while the next comes.
    kept: Vec<u8>,
    from: usize,
    /// Where `from` lies in the decompressed data.
    offset: u64,
}

impl Window {
    pub(crate) const fn new(feed: Feed) -> Self {
        Self { feed, chunk: Vec::new(), kept: Vec::new(), from: 0, offset: 0 }
    }

    /// What lies in the window now.
    pub(crate) fn octets(&self) -> &[u8] {
        self.chunk.get(self.from..).unwrap_or_default()
    }

    /// Where the window begins, in octets of decompressed data.
    pub(crate) const fn offset(&self) -> u64 {
        self.offset
    }

    /// Moves the window forward by what was read.
    pub(crate) fn consume(&mut self, octets: usize) {
        let octets = octets.min(self.octets().len());
        self.from += octets;
        self.offset += octets as u64;
    }

    /// Widens the window by more data; false at the end. What lay in it stays.
    pub(crate) fn widen(&mut self) -> io::Result<bool> {
        let rest = self.octets().len();
        if rest > HEADROOM_OCTETS {
            let Some(next) = self.feed.next(Vec::new()).transpose()? else { return Ok(false) };
            self.chunk.drain(..self.from);
            self.from = 0;
            self.chunk.extend_from_slice(next.get(HEADROOM_OCTETS..).unwrap_or_default());
            return Ok(true);
        }
        // The rest is short: it is kept aside so that its chunk can be used again at once.
        let mut kept = std::mem::take(&mut self.kept);
        kept.clear();
        kept.extend_from_slice(self.octets());
        let used = std::mem::take(&mut self.chunk);
        let next = self.feed.next(used).transpose();
        if let Ok(Some(mut chunk)) = next {
            self.from = HEADROOM_OCTETS - rest;
            if let Some(room) = chunk.get_mut(self.from..HEADROOM_OCTETS) {
                room.copy_from_slice(&kept);
            }
            self.chunk = chunk;
            self.kept = kept;
            return Ok(true);
        }
        self.from = 0;
        self.chunk = kept;
        next.map(|_| false)
    }
}
