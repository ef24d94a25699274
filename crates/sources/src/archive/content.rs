//! The digest of an input's content, taken while it is read.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// What was read of an input, after decompression: to find out later whether a file still holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// SHA-256 of the first `octets` octets.
    pub sha256: [u8; 32],
    /// How far it was read: all of it, or up to where its compression is broken.
    pub octets: u64,
}

/// Digests what passes through. A clone sees the same content: one stays with whoever wants to know
/// while the other may be read on another thread.
#[derive(Clone, Default)]
pub(super) struct Digesting(Arc<Mutex<(Sha256, u64)>>);

impl Digesting {
    /// The content again, digested as it is read.
    pub(super) fn through(&self, content: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        Box::new(Through { content, digesting: self.clone() })
    }

    /// What was read so far.
    pub(super) fn content(&self) -> Content {
        let (digest, octets) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Content { sha256: digest.clone().finalize().into(), octets: *octets }
    }
}

struct Through {
    content: Box<dyn Read + Send>,
    digesting: Digesting,
}

impl Read for Through {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(into)?;
        let (digest, octets) =
            &mut *self.digesting.0.lock().unwrap_or_else(PoisonError::into_inner);
        digest.update(into.get(..read).unwrap_or_default());
        *octets += read as u64;
        Ok(read)
    }
}
