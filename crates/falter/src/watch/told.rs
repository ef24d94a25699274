//! Which outages were told, so that each event is told once: begun, changed, verdict revised, ended.

use std::collections::BTreeMap;

use falter_model::{Blind, Call, Entity, Outage, OutageId, State, Text, Timestamp};

use super::event::What;

/// What people know of outages that go on or ended lately.
#[derive(Debug, Default)]
pub(super) struct Told {
    known: BTreeMap<OutageId, Known>,
    /// Until when each blind time was told, by who can't see and why.
    blind: BTreeMap<(Entity, Text, Text), Timestamp>,
}

#[derive(Debug, Clone, PartialEq)]
struct Known {
    state: State,
    cause: Option<Call>,
    is_over: bool,
    lost: Option<String>,
}

/// Outages that ended are known until so many others were told: one that opens again is no new one.
const MOST: usize = 4_096;

impl Told {
    /// Outages of before a restart are no news.
    pub(super) fn already(&mut self, outage: &Outage) {
        self.known.insert(outage.id.clone(), Known::of(outage));
    }

    /// Whether a blind time is another one than was told: one that only grew is not.
    pub(super) fn is_new_blind(&mut self, blind: &Blind) -> bool {
        let key = (blind.entity.clone(), blind.vantage.clone(), blind.why.clone());
        let before = self.blind.insert(key, blind.until);
        before.is_none_or(|until| blind.from > until)
    }

    /// Whether it was told.
    pub(super) fn knows(&self, id: &OutageId) -> bool {
        self.known.contains_key(id)
    }

    /// What is to be told of an outage as it stands now; `None` where a reader would see no difference.
    pub(super) fn event(&mut self, outage: &Outage) -> Option<What> {
        let now = Known::of(outage);
        let before = self.known.insert(outage.id.clone(), now.clone());
        while self.known.len() > MOST {
            self.known.pop_first();
        }
        let outage = Box::new(outage.clone());
        match before {
            None if now.is_over => Some(What::Ended { outage }),
            None => Some(What::Began { outage }),
            Some(before) if now.is_over && !before.is_over => Some(What::Ended { outage }),
            Some(before) if now.cause != before.cause => Some(What::VerdictRevised { outage }),
            Some(before) if now != before => Some(What::Changed { outage }),
            Some(_) => None,
        }
    }
}

impl Known {
    fn of(outage: &Outage) -> Self {
        Self {
            state: outage.state,
            cause: outage.verdict.as_ref().map(|verdict| verdict.cause),
            is_over: outage.until.is_some(),
            // To the tenth: a person does not want to be told of each percent.
            lost: outage.lost_share.map(|lost| format!("{:.1}", lost.value.get())),
        }
    }
}
