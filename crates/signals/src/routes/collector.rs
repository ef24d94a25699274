//! A collector: whether its feed lives, and whether a table dump of it is under way.

use falter_model::{Span, Text, Timestamp};

use super::rhythm::Rhythm;

/// No silence shorter than this is a hole: archives come in files of five minutes at least, so a
/// missing file is longer than this.
const FLOOR: Span = Span::from_minutes(5);

/// A silence this many times the longest before is a hole (docs/method.md).
const TIMES_LONGEST: i64 = 4;

/// The longest earlier silence argues up to here only: otherwise one long quiet would excuse every
/// later hole.
const LONGEST_ARGUES: Span = Span::from_hours(1);

/// A dump whose end never came is given up after this long: the slowest take minutes to write.
const DUMP_LASTS: Span = Span::from_minutes(30);

/// See the module.
#[derive(Debug)]
pub(crate) struct Collector {
    /// Its name.
    pub(crate) name: Text,
    /// When its peers spoke; dumps do not count. `None` before the first record.
    pub(crate) rhythm: Option<Rhythm>,
    /// Its feed fell silent.
    pub(crate) silent: bool,
    /// When a dump began whose end has not come.
    dump: Option<Timestamp>,
    /// When it last gave any sign of life, dumps included.
    pub(crate) last_sign: Option<Timestamp>,
}

impl Collector {
    /// A collector that has said nothing yet.
    pub(crate) const fn new(name: Text) -> Self {
        Self { name, rhythm: None, silent: false, dump: None, last_sign: None }
    }

    /// An entry of a dump arrived.
    pub(crate) fn dumping(&mut self, at: Timestamp) {
        self.dump = Some(self.dump.map_or(at, |from| from.max(at - DUMP_LASTS)));
    }

    /// The dump is complete.
    pub(crate) const fn dumped(&mut self) {
        self.dump = None;
    }

    /// When the dump began that is under way.
    pub(crate) fn dump_from(&self, now: Timestamp) -> Option<Timestamp> {
        self.dump.filter(|from| now - *from < DUMP_LASTS)
    }

    /// One of its peers spoke. Gives the hole that ended, where there was one.
    pub(crate) fn heard(&mut self, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let hole = self.silent_since(at);
        match &mut self.rhythm {
            Some(rhythm) => rhythm.heard(at, hole.is_some()),
            none => *none = Some(Rhythm::new(at)),
        }
        self.silent = false;
        self.last_sign = self.last_sign.max(Some(at));
        hole.map(|from| (from, at))
    }

    /// Since when it has been silent, where that is a hole at `now`.
    pub(crate) fn silent_since(&self, now: Timestamp) -> Option<Timestamp> {
        let rhythm = self.rhythm?;
        if now - rhythm.last() <= FLOOR {
            // As nearly always; no limit is lower.
            return None;
        }
        let longest = rhythm.longest().times(TIMES_LONGEST).min(LONGEST_ARGUES);
        let limit = rhythm.limit(FLOOR)?.max(longest);
        (now - rhythm.last() > limit).then_some(rhythm.last())
    }
}
