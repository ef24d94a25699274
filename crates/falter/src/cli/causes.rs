//! `falter causes`: the manual of the causes, made from the code.

use serde::Serialize;

use super::Global;
use super::output::Output;
use crate::exit::{Exit, Failure};

#[derive(Debug, Serialize)]
struct Manual {
    causes: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Entry {
    id: &'static str,
    title: &'static str,
    mechanism: &'static str,
    looks: &'static str,
    reference: &'static str,
}

/// Prints the six causes: mechanism, how each looks in data, where that is known from.
pub(super) fn run(global: &Global, output: &mut Output) -> Result<Exit, Failure> {
    let causes: Vec<Entry> = falter_explain::causes::ALL
        .iter()
        .map(|cause| Entry {
            id: cause.id(),
            title: cause.title(),
            mechanism: cause.mechanism(),
            looks: cause.looks(),
            reference: cause.reference(),
        })
        .collect();
    if global.json {
        output.json(&Manual { causes })?;
        return Ok(Exit::Done);
    }
    for entry in causes {
        output.line(&format!("{}  {}", entry.id, entry.mechanism))?;
        output.line(&falter_draw::wrapped(entry.looks, Output::width(), 4))?;
        output.line(&falter_draw::wrapped(entry.reference, Output::width(), 4))?;
    }
    output.line("\nundetermined  the evidence does not carry any of them")?;
    Ok(Exit::Done)
}
