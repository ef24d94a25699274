//! Compressed input: told by its first octets, decoded ahead of whoever reads it.
//!
//! gzip may have several members, bzip2 several streams, zstd several frames. All decoders keep what
//! came before a fault: they hand it out first, then the fault, as an [`io::Error`] whose cause is a
//! [`CompressionError`] or says that the input ended early.

mod ahead;
mod block;
mod blocks;
mod bzip2;
mod gzip;
mod marks;

use std::io::{self, BufRead, Read};

pub(crate) use ahead::{Feed, Window};
pub(crate) use blocks::BlockDecoders;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compression {
    /// Not at all.
    Plain,
    /// RFC 1952.
    Gzip,
    /// bzip2.
    Bzip2,
    /// RFC 8878.
    Zstd,
}

/// What is wrong with compressed data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CompressionError {
    /// Something follows the last gzip member or bzip2 stream that is neither another nor padding.
    #[error(
        "expected the end of the file after the compressed data, found octets that don't belong to it"
    )]
    Trailing,
    /// A bzip2 block is missing where one must begin.
    #[error("expected a bzip2 block at bit {bit} of the file")]
    NoBlock {
        /// From the start of the compressed file.
        bit: u64,
    },
    /// A bzip2 block does not decode, or not to what its checksum says.
    #[error("the bzip2 block at bit {bit} of the file is damaged")]
    Block {
        /// From the start of the compressed file.
        bit: u64,
    },
    /// The checksum of a bzip2 stream is not that of its blocks.
    #[error("expected the checksum {expected:#010x} of a bzip2 stream, found {found:#010x}")]
    StreamChecksum {
        /// Over the blocks that were decoded.
        expected: u32,
        /// In the file.
        found: u32,
    },
}

impl Compression {
    /// Told by the first octets of a file, six are enough.
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A stream begins with a block, or ends at once.
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, ..] => Self::Bzip2,
            // A frame, or a skippable one.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }

    /// Decodes in order, on the thread that reads.
    pub(crate) fn decode<R: BufRead + Send + 'static>(
        self,
        input: R,
    ) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Plain => Box::new(input),
            Self::Gzip => Box::new(gzip::Gzip::new(input)),
            Self::Bzip2 => Box::new(::bzip2::bufread::MultiBzDecoder::new(input)),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(input)?),
        })
    }

    /// Decodes with the help of other threads where the form allows it: bzip2 only.
    pub(crate) fn decode_on<R: BufRead + Send + 'static>(
        self,
        input: R,
        decoders: &BlockDecoders,
    ) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Self::Bzip2 => Ok(Box::new(bzip2::Bzip2::new(input, decoders.clone()))),
            Self::Plain | Self::Gzip | Self::Zstd => self.decode(input),
        }
    }
}

impl From<CompressionError> for io::Error {
    fn from(error: CompressionError) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}
