//! bzip2, its blocks decoded on all cores.
//!
//! A bzip2 file is a row of streams, a stream a row of blocks that are independent of each other but
//! begin at any bit. Where blocks may begin is told by a mark of 48 bits, which may also stand in the
//! middle of a block by chance (once in 35 TB) or by malice. So every stretch between two marks is
//! decoded as if it were a block, ahead and in parallel, and confirmed in order: a block must begin
//! where the one before it ended, decode without rest, and have the right checksum. A stretch that
//! fails is joined with the ones behind it and tried again, in order, on this thread.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::mpsc::Receiver;

use super::CompressionError;
use super::block::BlockReader;
use super::blocks::{Block, BlockDecoders, Decoded, decode};
use super::marks::{MARK_BITS, MARK_OCTETS, Mark, bits_at, find};

/// How much of the file is read at a time.
const PIECE_OCTETS: usize = 128 << 10;
/// No block is longer: 900,000 symbols of at most 20 bits, the tables, and the start.
const LONGEST_BLOCK_OCTETS: u64 = 2_300_000;
/// How many stretches are joined before a block counts as damaged. By chance, two never are needed;
/// a limit keeps a file made of marks from costing a quadratic time.
const MOST_JOINED: usize = 16;

/// Decodes a file in order.
pub(super) struct Bzip2<R> {
    input: R,
    decoders: BlockDecoders,
    /// Compressed octets that are not done with; the first is octet `base` of the file.
    octets: Vec<u8>,
    base: u64,
    /// Octets of `octets` in which all marks were found.
    searched: usize,
    input_ended: bool,
    /// Marks from `at` on, in order.
    marks: VecDeque<Stretch>,
    /// How many stretches at the front of `marks` were given to the decoders.
    given: usize,
    /// Where the stream goes on.
    at: Position,
    /// Of the blocks of this stream so far.
    checksum: u32,
    /// Content of the last block, and how much of it was handed out.
    content: Vec<u8>,
    handed_out: usize,
}

/// From one mark to the next.
struct Stretch {
    bit: u64,
    mark: Mark,
    decoded: Option<Receiver<Decoded>>,
}

/// What must come next, and at which bit of the file.
#[derive(Debug, Clone, Copy)]
enum Position {
    /// A stream, or the end of the file.
    Stream(u64),
    /// A block, or the end of the stream.
    Mark(u64),
    /// Nothing: the end was reached, or a fault.
    Nothing,
}

impl<R: Read> Bzip2<R> {
    pub(super) fn new(input: R, decoders: BlockDecoders) -> Self {
        Self {
            input,
            decoders,
            octets: Vec::new(),
            base: 0,
            searched: 0,
            input_ended: false,
            marks: VecDeque::new(),
            given: 0,
            at: Position::Stream(0),
            checksum: 0,
            content: Vec::new(),
            handed_out: 0,
        }
    }

    /// Goes on to the next block; false at the end of the file.
    fn next_block(&mut self) -> io::Result<bool> {
        loop {
            match std::mem::replace(&mut self.at, Position::Nothing) {
                Position::Nothing => return Ok(false),
                Position::Stream(bit) => self.at = self.begin_stream(bit)?,
                Position::Mark(bit) => {
                    self.seek(bit)?;
                    let Some(stretch) = self.take_mark(bit) else {
                        return Err(self.no_block(bit));
                    };
                    match stretch.mark {
                        Mark::End => self.at = self.end_stream(bit)?,
                        Mark::Block => {
                            self.at = Position::Mark(self.decode_block(stretch)?);
                            return Ok(true);
                        }
                    }
                }
            }
        }
    }

    /// The header of a stream, or the end of the file.
    fn begin_stream(&mut self, bit: u64) -> io::Result<Position> {
        self.drop_before(bit);
        while self.octets.len() < 4 && self.read_more()? {}
        match self.octets.get(..4) {
            Some([b'B', b'Z', b'h', b'1'..=b'9']) => {
                self.checksum = 0;
                Ok(Position::Mark(bit + 32))
            }
            _ if self.octets.is_empty() => Ok(Position::Nothing),
            _ if self.octets.iter().zip(b"BZh").all(|(found, wanted)| found == wanted)
                && self.octets.len() < 4 =>
            {
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            _ => Err(CompressionError::Trailing.into()),
        }
    }

    /// The checksum after the end of a stream; the next begins at a whole octet.
    fn end_stream(&mut self, bit: u64) -> io::Result<Position> {
        let end = (bit + MARK_BITS + 32).div_ceil(8) * 8;
        while (self.base + self.octets.len() as u64) * 8 < end {
            if !self.read_more()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let found = self.word_at(bit + MARK_BITS);
        if found != self.checksum {
            return Err(CompressionError::StreamChecksum { expected: self.checksum, found }.into());
        }
        Ok(Position::Stream(end))
    }

    /// Decodes the block of a stretch and returns the bit at which it ends.
    fn decode_block(&mut self, stretch: Stretch) -> io::Result<u64> {
        let bit = stretch.bit;
        let mut ahead = stretch.decoded;
        for joined in 0..MOST_JOINED {
            let Some(end) = self.next_mark(bit)? else {
                // The file ends within the block, unless it seemed to end before.
                let cut_off = || io::Error::from(io::ErrorKind::UnexpectedEof);
                let damaged = || CompressionError::Block { bit }.into();
                return Err(if joined == 0 { cut_off() } else { damaged() });
            };
            // Without a result from ahead (joined stretches, no threads) this thread decodes.
            let decoded = match ahead.take().map(|decoded| decoded.recv()) {
                Some(Ok(decoded)) => decoded,
                Some(Err(_)) | None => decode(&self.cut(bit, end), &mut BlockReader::default()),
            };
            if let Some(content) = decoded {
                self.content = content;
                self.handed_out = 0;
                self.checksum = self.checksum.rotate_left(1) ^ self.word_at(bit + MARK_BITS);
                return Ok(end);
            }
            if end - bit > LONGEST_BLOCK_OCTETS * 8 {
                break;
            }
            // That mark was none, or the block is damaged.
            self.take_mark(end);
        }
        Err(CompressionError::Block { bit }.into())
    }

    /// The bit of the first mark after `bit`; reads on until it is found. `None` at the end.
    fn next_mark(&mut self, bit: u64) -> io::Result<Option<u64>> {
        loop {
            if let Some(next) = self.marks.front() {
                return Ok(Some(next.bit));
            }
            let known = (self.base + self.octets.len() as u64) * 8;
            if known.saturating_sub(bit) > LONGEST_BLOCK_OCTETS * 8 {
                return Err(CompressionError::Block { bit }.into());
            }
            if !self.read_more()? {
                return Ok(None);
            }
        }
    }

    /// Drops what lies before `bit`, looks ahead from there and gives blocks to the decoders.
    fn seek(&mut self, bit: u64) -> io::Result<()> {
        self.drop_before(bit);
        let wanted = bit + MARK_OCTETS as u64 * 8;
        while (self.base + self.octets.len() as u64) * 8 < wanted && self.read_more()? {}
        // One more than there are threads, so that none waits while this one hands out content.
        let deep = BlockDecoders::threads() + 1;
        let most = LONGEST_BLOCK_OCTETS * (deep as u64 + 1);
        while self.marks.len() <= deep && (self.octets.len() as u64) < most && self.read_more()? {}
        while self.given < deep && self.given + 1 < self.marks.len() {
            let ends = (self.marks.get(self.given), self.marks.get(self.given + 1));
            if let (Some(Stretch { bit, mark: Mark::Block, .. }), Some(next)) = ends {
                let decoded = self.decoders.decode(self.cut(*bit, next.bit));
                if let Some(stretch) = self.marks.get_mut(self.given) {
                    stretch.decoded = Some(decoded);
                }
            }
            self.given += 1;
        }
        Ok(())
    }

    /// Reads a piece of the file and finds its marks; false at the end.
    fn read_more(&mut self) -> io::Result<bool> {
        if self.input_ended {
            return Ok(false);
        }
        let read = self.input.by_ref().take(PIECE_OCTETS as u64).read_to_end(&mut self.octets)?;
        self.input_ended = read == 0;
        let (base, marks) = (self.base * 8, &mut self.marks);
        self.searched = find(&self.octets, self.searched, |bit, mark| {
            marks.push_back(Stretch { bit: base + bit, mark, decoded: None });
        });
        Ok(!self.input_ended)
    }

    /// Takes the mark at `bit` from the front, and those before it, which were none.
    fn take_mark(&mut self, bit: u64) -> Option<Stretch> {
        while let Some(stretch) = self.marks.pop_front_if(|stretch| stretch.bit <= bit) {
            self.given = self.given.saturating_sub(1);
            if stretch.bit == bit {
                return Some(stretch);
            }
        }
        None
    }

    fn drop_before(&mut self, bit: u64) {
        let octets = usize::try_from((bit / 8).saturating_sub(self.base)).unwrap_or(usize::MAX);
        let octets = octets.min(self.octets.len());
        self.octets.drain(..octets);
        self.base += octets as u64;
        self.searched = self.searched.saturating_sub(octets);
    }

    /// What is wrong where a block should be.
    fn no_block(&self, bit: u64) -> io::Error {
        let known = (self.base + self.octets.len() as u64) * 8;
        if self.input_ended && known < bit + MARK_BITS {
            io::ErrorKind::UnexpectedEof.into()
        } else {
            CompressionError::NoBlock { bit }.into()
        }
    }

    fn word_at(&self, bit: u64) -> u32 {
        let bits = bits_at(&self.octets, bit.saturating_sub(self.base * 8));
        u32::try_from(bits >> 32).unwrap_or_default()
    }

    fn cut(&self, bit: u64, end: u64) -> Block {
        let index = |octet: u64| usize::try_from(octet.saturating_sub(self.base)).unwrap_or(0);
        let octets = self.octets.get(index(bit / 8)..index(end.div_ceil(8))).unwrap_or_default();
        Block { octets: octets.to_vec(), first: bit % 8, bits: end - bit }
    }
}

impl<R: Read> Read for Bzip2<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.handed_out == self.content.len() {
            if into.is_empty() || !self.next_block()? {
                return Ok(0);
            }
        }
        let ready = self.content.get(self.handed_out..).unwrap_or_default();
        let octets = ready.len().min(into.len());
        if let (Some(into), Some(ready)) = (into.get_mut(..octets), ready.get(..octets)) {
            into.copy_from_slice(ready);
        }
        self.handed_out += octets;
        Ok(octets)
    }
}

#[cfg(test)]
mod tests;
