//! Ids that are told by the ten thousand: made once, shared afterwards.

use falter_model::{SeriesNumber, SignalId};

use super::{updates, visible_blocks, visible_blocks6, visible_prefixes, withdrawals};

/// How many signals every entity has.
const SIGNALS: u32 = 5;

/// A signal that every entity has.
#[derive(Debug)]
pub(crate) struct Id {
    pub(crate) signal: SignalId,
    /// Which of them it is.
    place: u32,
}

impl Id {
    /// The number of its series for the entity of a number.
    pub(crate) fn series_of(&self, entity: u32) -> Option<SeriesNumber> {
        entity.checked_mul(SIGNALS)?.checked_add(self.place).map(SeriesNumber)
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Ids {
    pub(crate) blocks: Id,
    pub(crate) blocks6: Id,
    pub(crate) prefixes: Id,
    pub(crate) updates: Id,
    pub(crate) withdrawals: Id,
}

impl Ids {
    /// Those of the signals that every entity has.
    pub(crate) fn new() -> Self {
        let id = |place, id: &str| Id { signal: id.into(), place };
        Self {
            blocks: id(0, visible_blocks::SPEC.id),
            blocks6: id(1, visible_blocks6::SPEC.id),
            prefixes: id(2, visible_prefixes::SPEC.id),
            updates: id(3, updates::SPEC.id),
            withdrawals: id(4, withdrawals::SPEC.id),
        }
    }
}
