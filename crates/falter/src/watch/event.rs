//! What happens while watching, as it is told: a line of text or a JSON document each.

use falter_model::{Blind, Call, Outage, Text, Timestamp, Verdict};
use serde::Serialize;

/// Something that happened, and when it became known.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Event {
    /// When it became known here.
    pub(crate) at: Timestamp,
    /// Of which network; `None` where it concerns all of them.
    pub(crate) network: Option<Text>,
    /// What.
    #[serde(flatten)]
    pub(crate) what: What,
}

/// What happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum What {
    /// Watching begins, or goes on after a restart.
    Watching {
        /// What was kept reaches until here; `None` where nothing was.
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
        /// Observations that were read again.
        warmed_up_on: u64,
        /// Whether anything is asked, or only heard.
        passive: bool,
    },
    /// An outage began; it is in the store.
    Began {
        /// The whole outage.
        outage: Box<Outage>,
    },
    /// More is known of an outage.
    Changed {
        /// The whole outage.
        outage: Box<Outage>,
    },
    /// The verdict on an outage is another one.
    VerdictRevised {
        /// The whole outage.
        outage: Box<Outage>,
    },
    /// An outage ended.
    Ended {
        /// The whole outage.
        outage: Box<Outage>,
    },
    /// A time in which we could not tell.
    Blind {
        /// Whose, and why.
        blind: Blind,
    },
    /// A source is up, down or has ended.
    Source {
        /// Its name.
        source: String,
        /// How it is.
        #[serde(flatten)]
        state: super::status::SourceState,
    },
    /// This vantage point can, or can't, trust itself in one respect.
    Health {
        /// In which: `clock`, `cpu`, `disk`, `store`, `controls`.
        concern: &'static str,
        /// Whether all is well.
        well: bool,
        /// In words.
        says: String,
    },
    /// Watching ends.
    Stopped,
}

impl Event {
    /// `2026-01-26T01:02:03Z kp began kp-20260126T010200Z: complete, since 2026-01-26T01:02:00Z`.
    pub(crate) fn line(&self) -> String {
        let network = self.network.as_deref().unwrap_or("falter");
        format!("{} {network} {}", self.at, self.what.words())
    }
}

impl What {
    /// In words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Watching { since, warmed_up_on, passive } => {
                let how = if *passive { "watching (passively: no contact)" } else { "watching" };
                match since {
                    Some(since) => format!(
                        "{how}, goes on after {since}, warmed up on {warmed_up_on} observations"
                    ),
                    None => format!("{how}, begins without a past"),
                }
            }
            Self::Began { outage } => format!("began {}", words_of(outage)),
            Self::Changed { outage } => format!("changed {}", words_of(outage)),
            Self::VerdictRevised { outage } => format!("verdict {}", words_of(outage)),
            Self::Ended { outage } => format!("ended {}", words_of(outage)),
            Self::Blind { blind } => format!(
                "blind {} by {}: {}, {} to {}",
                blind.entity, blind.vantage, blind.why, blind.from, blind.until
            ),
            Self::Source { source, state } => format!("source {source} {}", state.words()),
            Self::Health { concern, well, says } => {
                format!("{concern} {}: {says}", if *well { "well" } else { "trouble" })
            }
            Self::Stopped => "stopped".to_owned(),
        }
    }
}

/// An outage in a line.
fn words_of(outage: &Outage) -> String {
    let lost = outage.lost_share.map_or_else(String::new, |lost| {
        format!(", {} of {} lost", lost.value, lost.basis.words())
    });
    let until = outage.until.map_or_else(String::new, |end| format!(" until {}", end.first_good));
    let verdict = outage.verdict.as_ref().map_or_else(String::new, |v| format!("; {}", call(v)));
    format!(
        "{}: {} {}, since {}{until}{lost}{verdict}",
        outage.id, outage.entity, outage.state, outage.from.first_bad
    )
}

/// `power (0.71)`, or `undetermined (first: power 0.41)`.
pub(crate) fn call(verdict: &Verdict) -> String {
    match verdict.cause {
        Call::Decided(cause) => format!("{cause} ({})", verdict.probability),
        Call::Undetermined => verdict.causes.first().map_or_else(
            || "undetermined".to_owned(),
            |best| format!("undetermined (first: {} {})", best.cause, best.probability),
        ),
    }
}
