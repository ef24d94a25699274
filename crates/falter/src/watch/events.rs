//! What people and programs are told while it watches: a line an event.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use falter_model::{Call, Outage, OutageId, State, Timestamp};
use serde::Serialize;

use crate::outage_line::line;

/// Something that happened.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Event<'a> {
    /// An outage was found.
    Begun {
        /// With its verdict so far.
        outage: &'a Outage,
    },
    /// Its state is another.
    Changed {
        /// As it is now.
        outage: &'a Outage,
    },
    /// Its cause is another.
    Revised {
        /// As it is now.
        outage: &'a Outage,
    },
    /// It is over.
    Ended {
        /// As it was.
        outage: &'a Outage,
    },
    /// A source, or whoever watches, has something to say of itself.
    Health {
        /// Which source: `bmp`, `ris-live`, `probing`, `clock`, `store`.
        source: &'a str,
        /// Whether it works.
        ok: bool,
        /// In words.
        says: &'a str,
    },
}

/// Where events go.
#[derive(Clone)]
pub(crate) struct Events {
    form: Form,
    to: Arc<Mutex<Box<dyn Write + Send>>>,
}

/// As what events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A line of text.
    Text,
    /// A JSON document a line.
    Json,
}

#[derive(Serialize)]
struct Told<'a> {
    at: Timestamp,
    network: Option<&'a str>,
    #[serde(flatten)]
    event: &'a Event<'a>,
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").field("form", &self.form).finish_non_exhaustive()
    }
}

impl Events {
    /// Events in this form to `to`.
    pub(crate) fn new(form: Form, to: Box<dyn Write + Send>) -> Self {
        Self { form, to: Arc::new(Mutex::new(to)) }
    }

    /// Tells one of a network, or of the watcher itself.
    pub(crate) fn tell(&self, at: Timestamp, network: Option<&str>, event: &Event<'_>) {
        let line = match self.form {
            Form::Text => text(at, network, event),
            Form::Json => serde_json::to_string(&Told { at, network, event })
                .unwrap_or_else(|e| e.to_string()),
        };
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = writeln!(to, "{line}").and_then(|()| to.flush()) {
            tracing::warn!(%error, "Event could not be written.");
        }
    }
}

/// `2026-01-25T21:00:12Z  kp  begun    kp-20260125T210003Z  complete ...`
fn text(at: Timestamp, network: Option<&str>, event: &Event<'_>) -> String {
    let who = network.unwrap_or("-");
    let (word, rest) = match event {
        Event::Begun { outage } => ("begun", line(outage)),
        Event::Changed { outage } => ("changed", line(outage)),
        Event::Revised { outage } => ("revised", line(outage)),
        Event::Ended { outage } => ("ended", line(outage)),
        Event::Health { source, ok, says } => {
            ("health", format!("{source} {}: {says}", if *ok { "works" } else { "is in trouble" }))
        }
    };
    format!("{at}  {who}  {word:<8}  {rest}")
}

/// What was told of each outage, so that each change is told once.
#[derive(Debug, Default)]
pub(super) struct Known {
    of: BTreeMap<OutageId, (State, Option<Call>, bool)>,
}

impl Known {
    /// What is to be told of an outage as it is now.
    pub(super) fn event<'a>(&mut self, outage: &'a Outage) -> Option<Event<'a>> {
        let cause = outage.verdict.as_ref().map(|verdict| verdict.cause);
        let now = (outage.state, cause, outage.until.is_some());
        let before = self.of.insert(outage.id.clone(), now);
        match before {
            None if now.2 => Some(Event::Ended { outage }),
            None => Some(Event::Begun { outage }),
            Some(before) if before == now => None,
            Some((_, _, false)) if now.2 => Some(Event::Ended { outage }),
            // What seemed to be over goes on.
            Some((_, _, true)) if !now.2 => Some(Event::Changed { outage }),
            Some((state, _, _)) if state != now.0 => Some(Event::Changed { outage }),
            Some(_) => Some(Event::Revised { outage }),
        }
    }

    /// True while an outage that was told goes on.
    pub(super) fn any_going_on(&self) -> bool {
        self.of.values().any(|(state, _, ended)| !ended && *state > State::Blind)
    }
}
