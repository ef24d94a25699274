//! How name servers fail.

use std::collections::BTreeMap;

use falter_model::{Name, Shape, SignalSpec, Text, Unit};

use super::Question;
use crate::tally::Tally;

/// See the module.
pub(crate) const SPEC: SignalSpec = SignalSpec {
    id: "dns.failures",
    title: "Failures of name servers",
    about: "Questions that failed, by the kind behind the slash: timeout, refused, unreachable, malformed, lame (answers without authority), or the error code in small letters (servfail, ...).",
    unit: Unit::Events,
    shape: Shape::Badness,
    step: crate::steps::MINUTE,
};

/// How a question failed; `None` where it was answered well.
pub(crate) fn kind(name: &Name) -> Option<Text> {
    match &name.answer {
        Err(why) => Some(why.clone()),
        Ok(answer) if &*answer.rcode != "NOERROR" => {
            Some(answer.rcode.to_ascii_lowercase().as_str().into())
        }
        Ok(answer) if !answer.aa => Some("lame".into()),
        Ok(_) => None,
    }
}

/// Failures by kind.
pub(crate) fn tally(questions: &[Question]) -> BTreeMap<&str, Tally> {
    let mut kinds: BTreeMap<&str, Tally> = BTreeMap::new();
    for kind in questions.iter().filter_map(|question| question.failure.as_deref()) {
        kinds.entry(kind).or_insert(Tally::events(0)).count_one();
    }
    kinds
}
