//! What is asked of a keeper and what it answers: a line of JSON each.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::run::RunPlan;
use crate::status::Check;

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// Is everything as it should be?
    Status,
    /// Break it.
    Break {
        /// Which fault.
        fault: String,
        /// Which of its implementations; drawn where not said.
        implementation: Option<String>,
        /// Parameters by name; drawn where not said.
        parameters: BTreeMap<String, f64>,
        /// What draws.
        seed: u64,
    },
    /// Put everything back.
    Mend,
    /// Record before, during and after a fault, and leave a folder.
    Run {
        /// What is played.
        plan: RunPlan,
        /// The folder, absolute.
        out: PathBuf,
    },
    /// Run a program in a node.
    Enter {
        /// The node.
        node: String,
        /// Program and arguments.
        command: Vec<String>,
    },
    /// End.
    Down,
}

/// What a keeper answers: any number of `Says`, then one of the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// How it is going, for people.
    Says(String),
    /// What a program printed.
    Printed(String),
    /// All checks.
    Checks(Vec<Check>),
    /// It is done.
    Done,
    /// It could not be done, and why.
    Failed(String),
}
