//! Share of the name servers that do their duty for those inside.

use falter_model::{Shape, SignalSpec, Unit};

use crate::dns::{self, Question};
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "inside.answer-share",
    title: "Answering name servers, from inside",
    about: "Share of (server, zone, transport) that gave a vantage point inside the network an authoritative answer without error in the bin, of those asked from inside.",
    unit: Unit::Share,
    shape: Shape::Share,
    step: crate::steps::MINUTE,
};

/// Servers, zones and transports with a good answer, of all asked.
pub(crate) fn tally(questions: &[Question]) -> Tally {
    dns::answer_share::tally(questions)
}
