//! A peer of a router, as told in one of its tables.

use std::time::Duration;

use falter_model::{Asn, Family, Span, Timestamp};
use falter_wire::Fault;
use falter_wire::bgp::{AddPath, Message as BgpMessage};
use falter_wire::bmp::{PeerHeader, PeerKind, PeerUp, RouteMonitoring, View};

use super::table_size::TableSize;
use crate::feed::Update;

/// Where a router tells no End-of-RIB, a table is taken as told once its session has stood for so long: a
/// full table takes a few minutes to send (docs/method.md).
pub(super) const TOLD_WITHIN: Span = Span::from_minutes(10);
/// Whether one is, is looked at so often.
pub(super) const LOOKED_AT_EVERY: Duration = Duration::from_mins(1);

/// See the module.
#[derive(Debug)]
pub(super) struct Neighbor {
    kind: PeerKind,
    distinguisher: u64,
    /// Which of its tables is told; `None` until the first route.
    view: Option<View>,
    /// How its updates are to be read: as was agreed, or as they turned out to be.
    add_path: AddPath,
    /// Stands before each path, though the peer did not send it.
    prepended: Option<Asn>,
    pub(super) is_up: bool,
    /// When it began to tell its table.
    pub(super) from: Timestamp,
    v4: Size,
    v6: Size,
}

/// Prefixes of a family.
#[derive(Debug)]
enum Size {
    /// They are being told.
    Growing(TableSize),
    /// So many there were when all were told.
    Whole(u32),
}

impl Neighbor {
    pub(super) fn new(up: &PeerUp, from: Timestamp) -> Self {
        Self {
            kind: up.peer.kind,
            distinguisher: up.peer.distinguisher,
            view: None,
            add_path: up.add_path(),
            prepended: (up.sent.asn != up.peer.asn).then_some(up.sent.asn),
            is_up: true,
            from,
            v4: Size::default(),
            v6: Size::default(),
        }
    }

    /// Whether a header names another peer of the same AS and address.
    pub(super) fn is_not(&self, header: &PeerHeader) -> bool {
        self.is_up && (self.kind, self.distinguisher) != (header.kind, header.distinguisher)
    }

    /// Whether this table is the one that counts: the first that is told.
    pub(super) fn tells(&mut self, view: View) -> bool {
        *self.view.get_or_insert(view) == view
    }

    /// Reads a message. The OPENs say whether prefixes carry identifiers of paths (RFC 7911), but FRR 8
    /// and gobgpd 3 leave them out of what they pass on all the same, and others send them unagreed: what
    /// can't be read as agreed is read the other way, where it fits, and so from there on.
    pub(super) fn read<'a>(
        &mut self,
        routes: &RouteMonitoring<'a>,
    ) -> Result<BgpMessage<'a>, Fault> {
        let message = routes.message(self.add_path)?;
        if matches!(message, BgpMessage::Update(_)) && !routes.fits(self.add_path) {
            let other = self.add_path.others().into_iter().find(|other| routes.fits(*other));
            if let Some(other) = other {
                self.add_path = other;
                return routes.message(other);
            }
        }
        Ok(message)
    }

    /// A path as the peer told it. FRR 8 puts its own AS before the peer's, as if it passed the path on; a
    /// peer can't have sent that: it would have put its own first.
    pub(super) fn told(&self, path: &mut Vec<Asn>, peer: Asn) {
        if let Some(router) = self.prepended
            && path.starts_with(&[router, peer])
        {
            path.remove(0);
        }
    }

    /// Counts the prefixes of an update.
    pub(super) fn count(&mut self, update: &Update) {
        for (prefix, id) in &update.withdrawn {
            if let Size::Growing(size) = self.of(prefix.family()) {
                size.withdrawn(*prefix, *id);
            }
        }
        for (prefix, id) in &update.announced {
            if let Size::Growing(size) = self.of(prefix.family()) {
                size.announced(*prefix, *id);
            }
        }
    }

    /// All of a family was told; gives the prefixes of both where that is news: zero where not all were
    /// told.
    pub(super) fn whole(&mut self, family: Family) -> Option<(u32, u32)> {
        let size = self.of(family);
        let Size::Growing(growing) = size else { return None };
        let prefixes = growing.prefixes();
        *size = Size::Whole(prefixes);
        (prefixes > 0).then(|| (self.v4.known(), self.v6.known()))
    }

    /// The same for all that should have been told by now.
    pub(super) fn look(&mut self, now: Timestamp) -> Option<(u32, u32)> {
        if !self.is_up || now - self.from < TOLD_WITHIN {
            return None;
        }
        let v4 = self.whole(Family::V4);
        self.whole(Family::V6).or(v4)
    }

    const fn of(&mut self, family: Family) -> &mut Size {
        match family {
            Family::V4 => &mut self.v4,
            Family::V6 => &mut self.v6,
        }
    }
}

impl Default for Size {
    fn default() -> Self {
        Self::Growing(TableSize::default())
    }
}

impl Size {
    /// Zero as long as not all was told: not known.
    const fn known(&self) -> u32 {
        match self {
            Self::Growing(_) => 0,
            Self::Whole(prefixes) => *prefixes,
        }
    }
}
