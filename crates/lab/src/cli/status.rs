//! `falter-lab status`.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use clap::Args;
use falter_lab::keeper::{self, Answer, Request};
use falter_lab::status::Check;

use super::{Exit, Global, output};

/// See [`super::Verb::Status`].
#[derive(Debug, Args)]
pub(super) struct Status {
    /// Every single check, not only those that are not as planned
    #[arg(long)]
    all: bool,
}

impl Status {
    pub(super) fn run(&self, global: &Global) -> Result<Exit> {
        let keeper = keeper::find(&global.name)?;
        let Answer::Checks(checks) = keeper.ask(&Request::Status, &mut output::tell)? else {
            bail!("the keeper gave no checks");
        };
        if global.json {
            output::json(&checks)?;
        } else {
            output::print(&self.text(&checks))?;
        }
        let right = checks.iter().all(|check| check.right);
        Ok(if right { Exit::Done } else { Exit::NotAsPlanned })
    }

    /// A line a kind, then what is not as planned.
    fn text(&self, checks: &[Check]) -> String {
        let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for check in checks {
            let (right, all) = kinds.entry(&check.kind).or_default();
            *right += usize::from(check.right);
            *all += 1;
        }
        let mut lines: Vec<String> = kinds
            .iter()
            .map(|(kind, (right, all))| format!("{kind:<9} {right} of {all} as planned"))
            .collect();
        let told = checks.iter().filter(|check| self.all || !check.right);
        lines.extend(told.map(|check| {
            let found = if check.right { "as planned" } else { &check.found };
            format!("  {:<9} {}: {found}", check.kind, check.what)
        }));
        lines.join("\n") + "\n"
    }
}
