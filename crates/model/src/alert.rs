//! Alerts: one signal of one entity left its baseline.

use crate::{End, Entity, LostShare, Onset, SignalId, Timestamp};

/// One signal of one entity left its baseline. Never a message to people: that is a notification.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// What it is about.
    pub entity: Entity,
    /// Which measure.
    pub signal: SignalId,
    /// Last good and first bad observation.
    pub from: Onset,
    /// Last bad and first good observation; `None` while it lasts.
    pub until: Option<End>,
    /// How much was lost, over the worst quarter of the time; `None` for signals that count no
    /// units (loss, round trip).
    pub lost: Option<LostShare>,
    /// Peak lost share, in [0, 1].
    pub peak: f64,
    /// Name of the rule that raised it, as docs/method.md lists them.
    pub rule: &'static str,
    /// When it was first told.
    pub told_at: Timestamp,
}
