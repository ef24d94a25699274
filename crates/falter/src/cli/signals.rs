//! `falter signals`: the manual of the signals, made from the code.

use serde::Serialize;

use super::Global;
use super::output::Output;
use crate::exit::{Exit, Failure};

#[derive(Debug, Serialize)]
struct Manual {
    signals: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Entry {
    id: &'static str,
    title: &'static str,
    about: &'static str,
    unit: falter_model::Unit,
    step_s: i64,
}

/// Prints every signal that falter computes itself.
pub(super) fn run(global: &Global, output: &mut Output) -> Result<Exit, Failure> {
    let signals: Vec<Entry> = falter_signals::ALL
        .iter()
        .map(|spec| Entry {
            id: spec.id,
            title: spec.title,
            about: spec.about,
            unit: spec.unit,
            step_s: spec.step.seconds(),
        })
        .collect();
    if global.json {
        output.json(&Manual { signals })?;
        return Ok(Exit::Done);
    }
    for entry in signals {
        output.line(&format!("{}  {}, every {} s", entry.id, entry.title, entry.step_s))?;
        output.line(&falter_draw::wrapped(entry.about, Output::width(), 4))?;
    }
    output.line("\nImported series keep their own ids; of those, less is bad unless the configuration says otherwise.")?;
    Ok(Exit::Done)
}
