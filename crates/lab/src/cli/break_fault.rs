//! `falter-lab break`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use clap::Args;
use falter_lab::keeper::{self, Request};

use super::{Global, output};

/// See [`super::Verb::Break`].
#[derive(Debug, Args)]
pub(super) struct Break {
    /// A fault, or one of its implementations: `power`, `power:batteries` (falter-lab faults)
    fault: String,
    /// What draws everything that is not said
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// A parameter, such as `--set lasts_s=20`
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, f64)>,
}

impl Break {
    pub(super) fn run(&self, global: &Global) -> Result<()> {
        let (fault, implementation) = named(&self.fault);
        let request = Request::Break {
            fault,
            implementation,
            parameters: self.parameters.iter().cloned().collect::<BTreeMap<String, f64>>(),
            seed: self.seed,
        };
        keeper::find(&global.name)?.ask(&request, &mut output::tell).map(drop)
    }
}

/// `fault` or `fault:implementation`.
pub(super) fn named(text: &str) -> (String, Option<String>) {
    match text.split_once(':') {
        Some((fault, implementation)) => (fault.to_owned(), Some(implementation.to_owned())),
        None => (text.to_owned(), None),
    }
}

/// `name=value`.
pub(super) fn parameter(text: &str) -> Result<(String, f64)> {
    let (name, value) = text.split_once('=').context("expected NAME=VALUE")?;
    let value: f64 = value.parse().with_context(|| format!("{value:?} is no number"))?;
    Ok((name.to_owned(), value))
}
