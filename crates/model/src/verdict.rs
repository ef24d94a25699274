//! Verdicts: ranked causes with probabilities, and the evidence for and against.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Call, Cause, Probability, Ratio, Timestamp};

/// What most probably caused an outage, or that it can't be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The decided cause, or `undetermined`.
    pub cause: Call,
    /// Probability of the most probable cause.
    pub probability: Probability,
    /// All six, most probable first, summing to 1.
    pub causes: Vec<CauseShare>,
    /// Everything that was weighed.
    pub evidence: Vec<Evidence>,
    /// What the evidence was divided by before it was added to the prior, at least 1.
    pub temperature: Ratio,
    /// Which measurement would tell the two most probable causes apart.
    pub would_settle: String,
    /// Smallest loss, shortest outage and blind time that could have been missed.
    pub could_not_see: String,
    /// How the verdict changed over time.
    pub revisions: Vec<Revision>,
}

/// A cause and how probable it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CauseShare {
    /// Which.
    pub cause: Cause,
    /// After the evidence.
    pub probability: Probability,
    /// Before it.
    pub prior: Probability,
}

/// Independent kinds of evidence: a cause is decided only by two or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// What routes did.
    Routes,
    /// What hosts did.
    Hosts,
    /// What name servers did.
    Names,
    /// What web sites did.
    Sites,
    /// An attack that was seen.
    Attack,
    /// When, how long and how often.
    Timing,
    /// How it came back.
    Recovery,
    /// What an observer inside saw.
    Inside,
    /// What the operator's calendar says.
    Calendar,
}

/// What a weight rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceBasis {
    /// Published figures.
    Literature,
    /// Counted from labelled outages.
    Labels,
    /// The testbed only; capped at ln 5.
    Lab,
    /// Judgement.
    Expert,
}

/// A reason with its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// `timing.local-hour`.
    pub id: String,
    /// Evidence of one group shares a cap: it is not independent.
    pub group: String,
    /// Of which kind.
    pub kind: Kind,
    /// What the weight rests on.
    pub basis: EvidenceBasis,
    /// Natural logarithm of the likelihood of what was observed, a cause each, up to a constant that
    /// all share. A missing cause counts as 0.
    pub log_likelihood: BTreeMap<Cause, Ratio>,
    /// True where a cap cut it.
    pub capped: bool,
    /// What a person reads.
    pub says: String,
    /// The numbers behind it.
    pub observed: BTreeMap<String, Ratio>,
}

/// What the verdict was at some time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// Since when.
    pub at: Timestamp,
    /// What it said.
    pub cause: Call,
    /// How probable the most probable cause was.
    pub probability: Probability,
}
