//! The body of an answer, as far as one wants to read it.

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

/// No more of a page is read: far beyond the text of any.
const MOST_OCTETS: usize = 1 << 20;

/// What was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) octets: Vec<u8>,
    pub(super) end: End,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All of it, or as much as one wants.
    Good,
    /// It went on when time was up.
    Timeout,
    /// The connection ended before it.
    Cut,
}

/// Reads until `deadline`.
pub(super) async fn read(mut body: Incoming, deadline: Instant) -> Read {
    let mut octets = Vec::new();
    loop {
        let end = match timeout_at(deadline, body.frame()).await {
            Err(_) => End::Timeout,
            Ok(None) => End::Good,
            Ok(Some(Err(_))) => End::Cut,
            Ok(Some(Ok(frame))) => {
                let Some(data) = frame.data_ref() else { continue };
                let room = MOST_OCTETS.saturating_sub(octets.len());
                octets.extend_from_slice(data.get(..room).unwrap_or(data));
                if octets.len() < MOST_OCTETS {
                    continue;
                }
                End::Good
            }
        };
        return Read { octets, end };
    }
}
