//! Signals from questions to name servers.

pub(crate) mod answer_share;
pub(crate) mod failures;
pub(crate) mod rtt;
pub(crate) mod serial;

use falter_model::{Name, SignalId, Text, Transport};

use crate::tally::Tally;

/// One question, as far as signals care.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) server: Text,
    pub(crate) zone: Text,
    pub(crate) transport: Transport,
    /// Why it failed; `None` where all was well.
    pub(crate) failure: Option<Text>,
    /// Time to any answer.
    pub(crate) rtt_us: Option<u32>,
    pub(crate) serial: Option<u32>,
}

impl Question {
    /// From the answer.
    pub(crate) fn new(name: &Name) -> Self {
        let answer = name.answer.as_ref().ok();
        Self {
            server: name.server.clone(),
            zone: name.zone.clone(),
            transport: name.transport,
            failure: failures::kind(name),
            rtt_us: answer.map(|answer| answer.rtt_us),
            serial: answer.and_then(|answer| answer.serial),
        }
    }
}

/// Every signal of one entity in one bin.
pub(crate) fn tally(questions: &[Question]) -> Vec<(SignalId, Tally)> {
    let mut signals = vec![
        (answer_share::SPEC.id.into(), answer_share::tally(questions)),
        (rtt::SPEC.id.into(), rtt::tally(questions)),
    ];
    for (kind, tally) in failures::tally(questions) {
        signals.push((format!("{}/{kind}", failures::SPEC.id).as_str().into(), tally));
    }
    signals
}
