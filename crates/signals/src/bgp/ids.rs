//! Ids that are told by the ten thousand: made once, shared afterwards.

use falter_model::SignalId;

use super::{updates, visible_blocks, visible_blocks6, visible_prefixes, withdrawals};

/// See the module.
#[derive(Debug)]
pub(crate) struct Ids {
    pub(crate) blocks: SignalId,
    pub(crate) blocks6: SignalId,
    pub(crate) prefixes: SignalId,
    pub(crate) updates: SignalId,
    pub(crate) withdrawals: SignalId,
}

impl Ids {
    /// Those of the signals that every entity has.
    pub(crate) fn new() -> Self {
        Self {
            blocks: visible_blocks::SPEC.id.into(),
            blocks6: visible_blocks6::SPEC.id.into(),
            prefixes: visible_prefixes::SPEC.id.into(),
            updates: updates::SPEC.id.into(),
            withdrawals: withdrawals::SPEC.id.into(),
        }
    }
}
