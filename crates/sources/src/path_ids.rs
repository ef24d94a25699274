//! Several paths of one peer to one prefix (RFC 7911): the prefix is lost with the last of them.
//!
//! The route that is told for such a prefix is the one announced last, even when that one is
//! withdrawn and another stays: which of the others the peer would use is not known.

use falter_model::{PeerId, Prefix};
use rustc_hash::FxHashMap;

/// The paths that each peer has, by their identifiers; only watched prefixes of peers that send
/// identifiers.
#[derive(Debug, Default)]
pub(crate) struct PathIds {
    known: FxHashMap<(PeerId, Prefix), Vec<u32>>,
}

impl PathIds {
    /// A path was announced.
    pub(crate) fn announced(&mut self, peer: PeerId, prefix: Prefix, id: u32) {
        let ids = self.known.entry((peer, prefix)).or_default();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }

    /// A path stands in a table dump; the first of the prefix replaces all that was known.
    pub(crate) fn tabled(&mut self, peer: PeerId, prefix: Prefix, id: u32, is_first: bool) {
        let ids = self.known.entry((peer, prefix)).or_default();
        if is_first {
            ids.clear();
        }
        if !ids.contains(&id) {
            ids.push(id);
        }
    }

    /// A path was withdrawn. True if the peer has none left that is known.
    pub(crate) fn withdrawn(&mut self, peer: PeerId, prefix: Prefix, id: u32) -> bool {
        let Some(ids) = self.known.get_mut(&(peer, prefix)) else { return true };
        ids.retain(|known| *known != id);
        if ids.is_empty() {
            self.known.remove(&(peer, prefix));
            return true;
        }
        false
    }

    /// The session ended: nothing is known of the peer.
    pub(crate) fn forget(&mut self, peer: PeerId) {
        self.known.retain(|(owner, _), _| *owner != peer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_lost_with_its_last_path() {
        let (peer, prefix) = (PeerId(0), "192.0.2.0/24".parse().unwrap());
        let mut ids = PathIds::default();
        assert!(ids.withdrawn(peer, prefix, 9));
        ids.announced(peer, prefix, 1);
        ids.announced(peer, prefix, 2);
        ids.announced(peer, prefix, 2);
        assert!(!ids.withdrawn(peer, prefix, 1));
        assert!(!ids.withdrawn(peer, prefix, 7));
        assert!(ids.withdrawn(peer, prefix, 2));
        ids.announced(peer, prefix, 1);
        ids.forget(peer);
        assert!(ids.withdrawn(peer, prefix, 3));
    }

    #[test]
    fn a_table_replaces_what_was_known() {
        let (peer, prefix) = (PeerId(0), "192.0.2.0/24".parse().unwrap());
        let mut ids = PathIds::default();
        ids.announced(peer, prefix, 1);
        ids.tabled(peer, prefix, 5, true);
        ids.tabled(peer, prefix, 6, false);
        assert!(!ids.withdrawn(peer, prefix, 5));
        assert!(ids.withdrawn(peer, prefix, 6));
    }
}
