//! Share of the name servers that do their duty.

use std::collections::BTreeSet;

use falter_model::{Shape, SignalSpec, Unit};

use super::Question;
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "dns.answer-share",
    title: "Answering name servers",
    about: "Share of (server, zone, transport) that gave an authoritative answer without error in the bin, of those asked. UDP and TCP count apart.",
    unit: Unit::Share,
    shape: Shape::Share,
    step: crate::steps::MINUTE,
};

/// Servers, zones and transports with a good answer, of all asked.
pub(crate) fn tally(questions: &[Question]) -> Tally {
    let key =
        |question: &Question| (question.server.clone(), question.zone.clone(), question.transport);
    let all: BTreeSet<_> = questions.iter().map(key).collect();
    let good: BTreeSet<_> =
        questions.iter().filter(|question| question.failure.is_none()).map(key).collect();
    Tally::of(good.len(), all.len()).as_share()
}
