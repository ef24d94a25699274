//! A prefix and what each peer says of it, in sixteen octets a peer.

use falter_model::{Asn, PathId, Prefix};

use super::electorate::{Electorate, NOBODY};
use super::peer_set::PeerSet;

/// Number of the entity of a row that belongs to none.
pub(crate) const NO_GROUP: u32 = u32::MAX;

/// Whether a prefix is carried by more than half of those who count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visibility {
    /// Too few are known.
    Unknown,
    /// Half of them or fewer.
    Invisible,
    /// More than half.
    Visible,
}

/// What one peer says of one prefix.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) peer: u16,
    /// Flags in the lower four bits, the session's epoch above.
    mark: u16,
    origin: u32,
    path: u32,
    /// Second of the last change.
    pub(crate) since: u32,
}

const PRESENT: u16 = 1;
const EVER: u16 = 2;
const UPDATED: u16 = 4;
const BLACKHOLED: u16 = 8;

/// What is put into an entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    /// `None`: withdrawn.
    pub(crate) route: Option<(Option<Asn>, PathId)>,
    pub(crate) blackholed: bool,
    /// By an update, not by a dump.
    pub(crate) update: bool,
    pub(crate) since: u32,
}

impl Entry {
    /// A peer of which nothing is known yet.
    pub(crate) const fn new(peer: u16) -> Self {
        // Epoch 0xFFF with no flags: harmless even where a session is in that epoch.
        Self { peer, mark: 0xFFF0, origin: 0, path: u32::MAX, since: 0 }
    }

    /// The epoch it was told in.
    pub(crate) const fn epoch(self) -> u16 {
        self.mark >> 4
    }

    /// The peer has a route.
    pub(crate) const fn present(self) -> bool {
        self.mark & PRESENT != 0
    }

    /// The last change came by an update.
    pub(crate) const fn updated(self) -> bool {
        self.mark & UPDATED != 0
    }

    /// The route carries the BLACKHOLE community.
    pub(crate) const fn blackholed(self) -> bool {
        self.mark & BLACKHOLED != 0
    }

    /// Who originates it; `None` where the path ends in a set.
    pub(crate) const fn origin(self) -> Option<Asn> {
        // AS 0 is reserved (RFC 7607) and stands for none here.
        if self.origin == 0 { None } else { Some(Asn(self.origin)) }
    }

    /// Its path.
    pub(crate) const fn path(self) -> PathId {
        PathId(self.path)
    }

    /// Takes what the peer told in this epoch.
    pub(crate) fn tell(&mut self, told: Told, epoch: u16) {
        let ever = if self.epoch() == epoch { self.mark & EVER } else { 0 };
        let mut flags = if told.update { UPDATED } else { 0 };
        match told.route {
            Some((origin, path)) => {
                flags |= PRESENT | EVER | if told.blackholed { BLACKHOLED } else { 0 };
                self.origin = origin.map_or(0, |asn| asn.0);
                self.path = path.0;
            }
            None => flags |= ever,
        }
        self.mark = epoch << 4 | flags;
        self.since = told.since;
    }

    /// Gone without a word: a withdrawal was missed.
    pub(crate) const fn drop_silently(&mut self) {
        self.mark &= !(PRESENT | BLACKHOLED);
    }

    /// Unknown: of an epoch that was before.
    pub(crate) const fn forget(&mut self, epoch: u16) {
        self.mark = (epoch.wrapping_sub(1) & 0x0FFF) << 4;
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) prefix: Prefix,
    pub(crate) entries: Vec<Entry>,
    pub(crate) visibility: Visibility,
    /// Visible when it was last known.
    pub(crate) last_known: bool,
    /// How many who count carry it.
    pub(crate) carried: u16,
    /// How many who count are known.
    pub(crate) known: u16,
    /// The origin that most carriers name; the smallest of equals.
    pub(crate) origin: Option<Asn>,
    /// Number of the entity it belongs to.
    pub(crate) group: u32,
    /// Number of the network or country that it belongs to.
    pub(crate) top: u32,
    /// Blocks of it that were visible when last counted; `None` before the first count.
    pub(crate) reach: Option<u32>,
    pub(crate) dirty: bool,
    /// Other entities than these two count it too.
    pub(crate) shared: bool,
}

/// Memory that is used again from row to row.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    known: PeerSet,
    carriers: PeerSet,
    seen: PeerSet,
}

impl Row {
    /// A prefix of which nobody told yet.
    pub(crate) const fn new(prefix: Prefix) -> Self {
        Self {
            prefix,
            entries: Vec::new(),
            visibility: Visibility::Unknown,
            last_known: false,
            carried: 0,
            known: 0,
            origin: None,
            group: NO_GROUP,
            top: NO_GROUP,
            reach: None,
            dirty: false,
            shared: false,
        }
    }

    /// The entry of a peer, made where there is none.
    pub(crate) fn entry(&mut self, peer: u16) -> &mut Entry {
        // Peers tell in much the same order everywhere, so an entry stands at its peer's number or
        // somewhat before: looked for there first, it costs one cache line instead of five.
        let guess = self.entries.len().min(usize::from(peer) + 1);
        let (before, after) = self.entries.split_at(guess);
        let is_it = |entry: &Entry| entry.peer == peer;
        let place = before
            .iter()
            .rposition(is_it)
            .or_else(|| after.iter().position(is_it).map(|place| guess + place));
        let place = place.unwrap_or_else(|| {
            if self.entries.len() == self.entries.capacity() {
                // A cache line of them, later a quarter more, not double: most prefixes have as many
                // entries as there are peers.
                self.entries.reserve_exact(4.max(self.entries.len() / 4));
            }
            self.entries.push(Entry::new(peer));
            self.entries.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the place was found or made above")]
        &mut self.entries[place]
    }

    /// Entries that count now, with the number of their AS.
    pub(crate) fn counted<'a>(
        &'a self,
        electorate: &'a Electorate,
        epochs: &'a [u16],
    ) -> impl Iterator<Item = (u16, Entry)> + 'a {
        self.entries.iter().filter_map(move |entry| {
            let peer = usize::from(entry.peer);
            let number = *electorate.number.get(peer)?;
            (number != NOBODY && epochs.get(peer) == Some(&entry.epoch()))
                .then_some((number, *entry))
        })
    }

    /// Counts who carries it. True where its visibility or origin changed.
    pub(crate) fn recount(
        &mut self,
        electorate: &Electorate,
        epochs: &[u16],
        scratch: &mut Scratch,
    ) -> bool {
        self.dirty = false;
        scratch.known.copy_from(&electorate.complete);
        scratch.carriers.clear();
        let mut first = None;
        let mut one_origin = true;
        for (number, entry) in self.counted(electorate, epochs) {
            if electorate.established || entry.mark & EVER != 0 {
                scratch.known.insert(number);
            }
            if entry.present() {
                scratch.carriers.insert(number);
                one_origin &= *first.get_or_insert(entry.origin) == entry.origin;
            }
        }
        let (known, carried) = (scratch.known.len(), scratch.carriers.len());
        self.known = u16::try_from(known).unwrap_or(u16::MAX);
        self.carried = u16::try_from(carried).unwrap_or(u16::MAX);
        let visibility = if known == 0 || known < electorate.quorum() {
            Visibility::Unknown
        } else if carried * 2 > known {
            Visibility::Visible
        } else {
            Visibility::Invisible
        };
        let origin = match first {
            // Nobody carries it: it still belongs to whom it belonged.
            None => self.origin,
            Some(origin) if one_origin => (origin != 0).then_some(Asn(origin)),
            Some(_) => self.majority_origin(electorate, epochs, &mut scratch.seen),
        };
        let changed = visibility != self.visibility || origin != self.origin;
        self.visibility = visibility;
        self.origin = origin;
        if visibility != Visibility::Unknown {
            self.last_known = visibility == Visibility::Visible;
        }
        changed
    }

    /// The origin that most peer ASes name; the smallest of equals.
    fn majority_origin(
        &self,
        electorate: &Electorate,
        epochs: &[u16],
        seen: &mut PeerSet,
    ) -> Option<Asn> {
        let mut named: Vec<(u32, u16)> = self
            .counted(electorate, epochs)
            .filter(|(_, entry)| entry.present() && entry.origin != 0)
            .map(|(number, entry)| (entry.origin, number))
            .collect();
        named.sort_unstable();
        let mut best = (0, None);
        for origin in named.chunk_by(|a, b| a.0 == b.0) {
            seen.clear();
            for (_, number) in origin {
                seen.insert(*number);
            }
            if seen.len() > best.0 {
                best = (seen.len(), origin.first().map(|(asn, _)| Asn(*asn)));
            }
        }
        best.1
    }
}
