//! A peer's session with its collector: what of it can be believed.

use falter_model::{Asn, Span, Timestamp};

use super::rhythm::Rhythm;

/// No peer is stale before this long: full-feed peers speak every few seconds (docs/method.md).
const STALE_FLOOR: Span = Span::from_minutes(10);

/// After a session came up, its table is complete when it has told routes for this long: a full
/// table takes a few minutes to send (docs/method.md).
const REFILL: Span = Span::from_minutes(10);

/// A silence from which on a peer may have lost its session unseen: the shortest hold time in use
/// (RFC 4271 proposes 90 s).
const RESET_SILENCE: Span = Span::from_seconds(90);

/// A reset is inferred if half of a table is told anew within this long after a silence (docs/method.md).
const RETOLD_WITHIN: Span = Span::from_minutes(5);

/// Below this many routes, half of a table may well change by itself: no reset is inferred.
const INFER_FROM: u64 = 100;

/// See the module.
#[derive(Debug)]
pub(crate) struct Session {
    /// The collector it feeds, by number.
    pub(crate) collector: usize,
    /// Its AS.
    pub(crate) asn: Asn,
    /// When it spoke; `None` before its first record.
    pub(crate) rhythm: Option<Rhythm>,
    /// Established, as far as we know.
    pub(crate) up: bool,
    /// Silent while others of its collector speak.
    pub(crate) stale: bool,
    /// Entries of an earlier epoch are unknown: the session was reset since.
    pub(crate) epoch: u16,
    /// A table dump listed it with routes, a family each, and nothing was missed since: what it does
    /// not have, it has no route to.
    pub(crate) complete: [bool; 2],
    /// When somebody last told that it went down or came up.
    pub(crate) changed: Option<Timestamp>,
    /// IPv4 and IPv6 prefixes that it carried in the last dump.
    pub(crate) totals: [u32; 2],
    /// Routes that it has told and not withdrawn, of those we watch.
    pub(crate) present: u64,
    /// Complete again once it has been up long enough: since when, and which families.
    refill: Option<(Timestamp, [bool; 2])>,
    /// Routes told since it broke a silence, and when it did.
    retold: Option<(Timestamp, u64)>,
}

impl Session {
    /// A session of which nothing was heard.
    pub(crate) const fn new(collector: usize, asn: Asn) -> Self {
        Self {
            collector,
            asn,
            rhythm: None,
            up: true,
            stale: false,
            epoch: 0,
            complete: [false; 2],
            changed: None,
            totals: [0; 2],
            present: 0,
            refill: None,
            retold: None,
        }
    }

    /// Forgets what it told: unknown, not withdrawn.
    pub(crate) fn forget(&mut self) {
        // Twelve bits beside the flags of an entry; that an entry sleeps through exactly 4,096
        // resets is no concern.
        self.epoch = (self.epoch + 1) & 0x0FFF;
        self.complete = [false; 2];
        self.present = 0;
        self.retold = None;
    }

    /// The session went down.
    pub(crate) fn down(&mut self) {
        if !self.up {
            return;
        }
        let complete = self.refill.map_or(self.complete, |(_, families)| families);
        self.forget();
        self.up = false;
        self.refill = Some((Timestamp::MAX, complete));
    }

    /// The session was established anew.
    pub(crate) fn came_up(&mut self, at: Timestamp) {
        if self.up && self.rhythm.is_some() {
            // It must have gone down unseen.
            self.down();
        }
        self.up = true;
        self.stale = false;
        if let Some((since, _)) = &mut self.refill {
            *since = at;
        }
    }

    /// It was missed for a while with its whole collector: only a dump makes it complete again.
    pub(crate) fn missed(&mut self) {
        self.forget();
        self.refill = None;
    }

    /// It spoke; `told` routes were in it. True where a reset is inferred that began a moment ago.
    pub(crate) fn heard(&mut self, at: Timestamp, told: u64) -> bool {
        let silence = self.rhythm.map_or(Span::ZERO, |rhythm| at - rhythm.last());
        match &mut self.rhythm {
            Some(rhythm) => rhythm.heard(at, self.stale),
            none => *none = Some(Rhythm::new(at)),
        }
        if silence >= RESET_SILENCE {
            self.retold = Some((at, 0));
        }
        let Some((since, count)) = &mut self.retold else { return false };
        if at - *since > RETOLD_WITHIN {
            self.retold = None;
            return false;
        }
        *count += told;
        let count = *count;
        let table = (u64::from(self.totals[0]) + u64::from(self.totals[1])).max(self.present);
        table >= INFER_FROM && count * 2 >= table
    }

    /// A reset is inferred: gives when the session spoke again, from when on its routes hold.
    pub(crate) fn infer_reset(&mut self) -> Option<Timestamp> {
        let (since, _) = self.retold.take()?;
        let complete = self.refill.map_or(self.complete, |(_, families)| families);
        self.complete = [false; 2];
        self.refill = Some((since, complete));
        Some(since)
    }

    /// Looks at the time: true where it changed what can be believed.
    pub(crate) fn look(&mut self, collector: Option<Rhythm>) -> bool {
        let Some(rhythm) = self.rhythm else { return false };
        let mut changed = false;
        if let Some((since, families)) = self.refill
            && self.up
            && rhythm.last() - since >= REFILL
        {
            self.complete = families;
            self.refill = None;
            changed = true;
        }
        let others_spoke = collector.map_or(rhythm.last(), |collector| collector.last());
        let stale =
            rhythm.limit(STALE_FLOOR).is_some_and(|limit| others_spoke - rhythm.last() > limit);
        changed |= stale != self.stale;
        self.stale = stale;
        changed
    }

    /// A dump of its collector, which ended `at`, lists it with so many routes. A peer that came up a moment
    /// ago has told what it has, and is told more itself meanwhile: what it lacks it need not lack for long.
    pub(crate) fn listed(&mut self, totals: [u32; 2], at: Timestamp) {
        self.totals = totals;
        let families = totals.map(|total| total > 0);
        let came_up = self.changed.filter(|changed| at - *changed < REFILL);
        self.complete = if came_up.is_some() { [false; 2] } else { families };
        self.refill = came_up.map(|came_up| (came_up, families));
        if totals == [0; 2] {
            self.forget();
            self.refill = None;
        } else {
            self.up = true;
        }
    }
}
