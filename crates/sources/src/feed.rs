//! What all live feeds of routes have in common: who listens, what becomes of a lost connection, and
//! when to try again.
//!
//! A feed serves several networks over one connection; each is told only what its interest meets, and
//! one activity a peer and second, so that silence of a feed is told from silence of the network.
//!
//! **A lost feed.** What was missed is unknown, not withdrawn: each peer that was up is told as down,
//! and of each collector a table dump in which its peers carried nothing at all, which says that their
//! tables are not known. A peer is up again once it is heard; what it carries is known once it
//! announces it, or from a table of it: the peer's own, or one from archives ([`crate::bootstrap`]).

mod audience;
mod event;
mod health;
mod listener;

use falter_model::Text;

use crate::archive::Interest;
use crate::live::Teller;

pub(crate) use audience::Audience;
pub(crate) use event::{Event, Update};
pub use health::{FeedHealth, FeedStatus};

/// A network that listens to a feed.
#[derive(Debug)]
pub struct Subscriber {
    /// What of all routes it asks for.
    pub interest: Interest,
    /// Where it is told.
    pub teller: Teller,
}

/// Nobody listens any more: the feed should end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nobody listens any more")]
pub struct NobodyListens;

/// A name as the `vantage` of a recording: printing characters only, at most 64 octets.
pub(crate) fn clean_name(name: &str) -> Text {
    let mut clean = String::new();
    for letter in name.trim().chars().filter(|letter| !letter.is_control()) {
        if clean.len() + letter.len_utf8() > 64 {
            break;
        }
        clean.push(letter);
    }
    clean.into()
}
