//! Threads that decode single bzip2 blocks, shared by all files that are read at a time.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use bzip2::{Decompress, Status};

use super::block::BlockReader;
use super::marks::{END, MARK_BITS, bits_at};

/// A block cut out of a file: `bits` bits from bit `first` (0 to 7) of the first octet on, its mark
/// included.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) octets: Vec<u8>,
    pub(super) first: u64,
    pub(super) bits: u64,
}

/// What came of a block: its content, or `None` where the bits are no block.
pub(super) type Decoded = Option<Vec<u8>>;

/// A handle on the threads. They start with the first block and end with the last handle.
#[derive(Debug, Clone, Default)]
pub(crate) struct BlockDecoders {
    /// `None` where the system gives no threads.
    jobs: Arc<OnceLock<Option<Sender<Job>>>>,
}

type Job = (Block, SyncSender<Decoded>);

impl BlockDecoders {
    /// How many blocks are decoded at a time.
    pub(super) fn threads() -> usize {
        thread::available_parallelism().map_or(1, NonZero::get)
    }

    /// Has a block decoded. The channel gives its content, once; it is closed where there is no
    /// thread to do it.
    pub(super) fn decode(&self, block: Block) -> Receiver<Decoded> {
        let (reply, decoded) = sync_channel(1);
        if let Some(jobs) = self.jobs.get_or_init(start) {
            // The threads run as long as a handle lives.
            drop(jobs.send((block, reply)));
        }
        decoded
    }
}

/// Starts as many threads as there are cores; fewer, if the system gives no more.
fn start() -> Option<Sender<Job>> {
    let (jobs, queue) = channel();
    let queue = Arc::new(Mutex::new(queue));
    let mut started = None;
    for _ in 0..BlockDecoders::threads() {
        let queue = Arc::clone(&queue);
        let thread = thread::Builder::new().name("bzip2".to_owned());
        started = thread.spawn(move || work(&queue)).ok().or(started);
    }
    started.map(|_| jobs)
}

fn work(queue: &Mutex<Receiver<Job>>) {
    let mut reader = BlockReader::default();
    loop {
        // No thread panics while it waits for a job; if one did, the others would still be right.
        let job = queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
        let Ok((block, reply)) = job else { return };
        // A file that was given up wants no block.
        drop(reply.send(decode(&block, &mut reader)));
    }
}

/// Decodes a block.
pub(super) fn decode(block: &Block, reader: &mut BlockReader) -> Decoded {
    reader.read(&block.octets, block.first, block.bits).or_else(|| decode_as_stream(block))
}

/// Has the library decode a block by making it a stream of its own: header, the block moved to a
/// whole octet, mark of the end, and its checksum, which is that of a stream of one block.
fn decode_as_stream(block: &Block) -> Decoded {
    let stream = as_stream(block);
    let mut decoder = Decompress::new(false);
    // The usual block; one of long runs has up to fifty times as much.
    let mut content = Vec::with_capacity(900_000);
    loop {
        let read = usize::try_from(decoder.total_in()).ok()?;
        let before = decoder.total_out();
        let status = decoder.decompress_vec(stream.get(read..)?, &mut content).ok()?;
        match status {
            // A block that ends before its bits do was cut at a mark that is none.
            Status::StreamEnd => {
                return (decoder.total_in() == stream.len() as u64).then_some(content);
            }
            _ if content.len() == content.capacity() => content.reserve(900_000),
            _ if decoder.total_in() == read as u64 && decoder.total_out() == before => return None,
            _ => {}
        }
    }
}

fn as_stream(block: &Block) -> Vec<u8> {
    // The digit bounds the size of blocks; 9 takes those of every stream.
    let mut stream = Vec::with_capacity(block.octets.len() + 16);
    stream.extend_from_slice(b"BZh9");
    shift(block, &mut stream);
    let checksum = bits_at(&block.octets, block.first + MARK_BITS) >> 32;
    let tail = (u128::from(END) << 80 | u128::from(checksum) << 48) >> (block.bits % 8);
    if !block.bits.is_multiple_of(8) {
        let [head, ..] = tail.to_be_bytes();
        if let Some(last) = stream.last_mut() {
            *last |= head;
        }
    }
    let whole = usize::from(!block.bits.is_multiple_of(8));
    let end = usize::try_from((block.bits % 8 + 80).div_ceil(8)).unwrap_or_default();
    stream.extend_from_slice(tail.to_be_bytes().get(whole..end).unwrap_or_default());
    stream
}

/// Appends the bits of a block, from a whole octet on, the last one filled up with zeros.
fn shift(block: &Block, into: &mut Vec<u8>) {
    let octets = usize::try_from(block.bits.div_ceil(8)).unwrap_or_default();
    let start = into.len();
    if block.first == 0 {
        into.extend_from_slice(block.octets.get(..octets).unwrap_or(&block.octets));
    } else {
        let next = block.octets.iter().skip(1).chain([&0]);
        let pairs = block.octets.iter().zip(next);
        let moved = pairs.map(|(left, right)| left << block.first | right >> (8 - block.first));
        into.extend(moved.take(octets));
    }
    into.resize(start + octets, 0);
    let beyond = octets as u64 * 8 - block.bits;
    if let Some(last) = into.last_mut().filter(|_| octets > 0) {
        *last &= 0xff_u8 << beyond;
    }
}
