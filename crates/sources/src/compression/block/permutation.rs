//! Undoes the Burrows-Wheeler transform of a block.
//!
//! The octets of a block stand in the order of what follows them. Counting them gives, for each, where
//! the next one of the text stands: a permutation, followed from the place that the block names. Each
//! step needs the one before and lies elsewhere in 3.6 MB, so that a processor waits for its memory
//! nearly all the time. So the cycle is cut at many places, and as many pieces as a core can have
//! loads under way are followed at a time; then they are put together in the order in which each leads
//! to the next.

use super::MOST_SYMBOLS;

/// Pieces followed at a time: no more than the ten or so loads that a core has under way at least.
/// With eight, 120 MB of updates take 1.6 s of CPU instead of 3.0 s (measured by `falter replay`).
const LANES: usize = 8;
/// Pieces into which a cycle is cut: enough that the lanes end at nearly the same time.
const PIECES: u32 = 128;
/// Marks the start of a piece in an entry, beside eight bits for the octet and twenty for the place.
const START: u32 = 1 << 31;
const OCTET_BITS: u32 = 8;
const PLACE_MASK: u32 = (1 << 20) - 1;
/// Steps after which lanes that have ended are dropped.
const BURST: usize = 256;

/// See the module.
#[derive(Debug)]
pub(super) struct Permutation {
    /// For each place, the octet that stands there and the place of the next, [`OCTET_BITS`] higher.
    entries: Vec<u32>,
    counts: [u32; 256],
    /// Starts of pieces, in order.
    starts: Vec<u32>,
    pieces: Vec<Piece>,
    lanes: [Vec<u8>; LANES],
}

/// What was found between two starts.
#[derive(Debug, Clone, Copy, Default)]
struct Piece {
    /// Which lane holds it, and where.
    lane: usize,
    from: usize,
    until: usize,
    /// The start that it leads to.
    next: u32,
}

/// One piece that is being followed.
struct Lane<'a> {
    number: usize,
    /// The number of the piece; `None` after the last.
    piece: Option<usize>,
    from: usize,
    at: u32,
    octets: &'a mut Vec<u8>,
}

impl Default for Permutation {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            counts: [0; 256],
            starts: Vec::new(),
            pieces: Vec::new(),
            lanes: Default::default(),
        }
    }
}

impl Permutation {
    /// Forgets the block before.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.entries.reserve(MOST_SYMBOLS);
        self.counts = [0; 256];
    }

    /// Adds an octet so many times; `None` where a block can't have as many.
    #[inline]
    pub(super) fn push(&mut self, octet: u8, times: usize) -> Option<()> {
        let length = self.entries.len() + times;
        if length > MOST_SYMBOLS {
            return None;
        }
        self.counts[usize::from(octet)] += u32::try_from(times).ok()?;
        if times == 1 {
            self.entries.push(octet.into());
        } else {
            self.entries.resize(length, octet.into());
        }
        Some(())
    }

    /// The octets of the text in pieces, in order, from the one after `origin` on; `None` where there
    /// is no such place.
    pub(super) fn follow(&mut self, origin: u32) -> Option<impl Iterator<Item = &[u8]>> {
        self.link()?;
        let entry = *self.entries.get(usize::try_from(origin).ok()?)?;
        let first = entry >> OCTET_BITS & PLACE_MASK;
        self.cut(first)?;
        self.follow_pieces()?;
        let Self { entries, starts, pieces, lanes, .. } = &*self;
        let mut next = starts.binary_search(&first).ok();
        let mut missing = entries.len();
        // A text that repeats itself has several cycles, all of which say the same: the first is
        // followed as often as it takes.
        Some(std::iter::from_fn(move || {
            if missing == 0 {
                return None;
            }
            let piece = pieces.get(next?)?;
            next = starts.binary_search(&piece.next).ok();
            let octets = lanes.get(piece.lane)?.get(piece.from..piece.until)?;
            let octets = octets.get(..missing).unwrap_or(octets);
            missing -= octets.len();
            Some(octets)
        }))
    }

    /// Enters for each place where the next octet stands.
    fn link(&mut self) -> Option<()> {
        let mut sum = 0;
        for count in &mut self.counts {
            (*count, sum) = (sum, sum + *count);
        }
        for place in 0..self.entries.len() {
            // Bits that are set already lie above the octet.
            let octet = self.entries.get(place)?.to_le_bytes()[0];
            let next = &mut self.counts[usize::from(octet)];
            let entry = self.entries.get_mut(usize::try_from(*next).ok()?)?;
            *entry |= u32::try_from(place).ok()? << OCTET_BITS;
            *next += 1;
        }
        Some(())
    }

    /// Chooses where pieces start: evenly, and where the text begins.
    fn cut(&mut self, first: u32) -> Option<()> {
        let length = u32::try_from(self.entries.len()).ok()?;
        let stride = length.div_ceil(PIECES).max(1);
        self.starts.clear();
        self.starts.extend((0..length).step_by(usize::try_from(stride).ok()?));
        if let Err(place) = self.starts.binary_search(&first) {
            self.starts.insert(place, first);
        }
        for start in &self.starts {
            *self.entries.get_mut(usize::try_from(*start).ok()?)? |= START;
        }
        Some(())
    }

    /// Follows all pieces, some at a time.
    fn follow_pieces(&mut self) -> Option<()> {
        let Self { entries, starts, pieces, lanes, .. } = self;
        pieces.clear();
        pieces.resize(starts.len(), Piece::default());
        let mut waiting = starts.iter().copied().enumerate();
        let mut running: Vec<Lane<'_>> = Vec::with_capacity(LANES);
        for (number, octets) in lanes.iter_mut().enumerate() {
            octets.clear();
            let mut lane = Lane { number, piece: None, from: 0, at: 0, octets };
            lane.begin(waiting.next(), entries)?;
            running.push(lane);
        }
        while !running.is_empty() {
            for _ in 0..BURST {
                for lane in &mut running {
                    let entry = *entries.get(lane.at as usize)?;
                    if entry & START == 0 {
                        lane.step(entry);
                    } else if let Some(ended) = lane.piece {
                        *pieces.get_mut(ended)? = lane.end();
                        lane.begin(waiting.next(), entries)?;
                    }
                }
            }
            running.retain(|lane| lane.piece.is_some());
        }
        Some(())
    }
}

impl Lane<'_> {
    /// Begins a piece, unless there is none left.
    fn begin(&mut self, piece: Option<(usize, u32)>, entries: &[u32]) -> Option<()> {
        self.piece = piece.map(|(number, _)| number);
        self.from = self.octets.len();
        if let Some((_, start)) = piece {
            self.step(*entries.get(start as usize)?);
        }
        Some(())
    }

    #[inline]
    fn step(&mut self, entry: u32) {
        self.octets.push(entry.to_le_bytes()[0]);
        self.at = entry >> OCTET_BITS & PLACE_MASK;
    }

    fn end(&self) -> Piece {
        Piece { lane: self.number, from: self.from, until: self.octets.len(), next: self.at }
    }
}
