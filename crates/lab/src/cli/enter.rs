//! `falter-lab enter`.

use anyhow::{Result, bail};
use clap::Args;
use falter_lab::keeper::{self, Answer, Request};

use super::{Global, output};

/// See [`super::Verb::Enter`].
#[derive(Debug, Args)]
pub(super) struct Enter {
    /// The node, as `falter-lab status --all` and docs/lab.md name it
    node: String,
    /// Program and arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

impl Enter {
    pub(super) fn run(&self, global: &Global) -> Result<()> {
        let request = Request::Enter { node: self.node.clone(), command: self.command.clone() };
        match keeper::find(&global.name)?.ask(&request, &mut output::tell)? {
            Answer::Printed(text) => output::print(&text),
            _ => bail!("the keeper gave no output"),
        }
    }
}
