//! `falter doctor`: what this machine can do, and how to mend what it can't.

use clap::Args;
use serde::Serialize;

use super::Global;
use super::output::Output;
use crate::config::Config;
use crate::doctor::{self, Finding, Grade, Patient};
use crate::exit::{Exit, Failure};
use crate::profiles;

/// See the module.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Profiles' names or paths [default: what the configuration names, else kp]
    #[arg(value_name = "NETWORK")]
    watched: Vec<String>,
    /// Looks whether feeds can be reached, too
    #[arg(long)]
    online: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    can_watch: bool,
    findings: Vec<Finding>,
}

impl Doctor {
    pub(super) fn run(&self, global: &Global, output: &mut Output) -> Result<Exit, Failure> {
        let words = |failure: Failure| format!("{:#}", failure.error);
        let config = Config::read(global.config.as_deref()).map_err(words);
        let default = Config::default();
        let known = config.as_ref().unwrap_or(&default);
        let names = if self.watched.is_empty() { &known.watch.networks } else { &self.watched };
        let found = names.iter().map(|name| profiles::find(name, global.networks.as_deref()));
        let store = global.store_dir(known).map_err(words);
        let findings = doctor::examine(&Patient {
            networks: found.collect::<Result<_, _>>().map_err(words),
            store: store.as_deref().map_err(Clone::clone),
            online: self.online,
            config: config.clone(),
        });
        let can_watch = findings.iter().all(|finding| finding.grade < Grade::Bad);
        let exit = if can_watch { Exit::Done } else { Exit::Failed };
        if global.json {
            output.json(&Report { can_watch, findings })?;
            return Ok(exit);
        }
        for Finding { check, grade, says, mend } in &findings {
            output.line(&format!("{}  {check:<14} {says}", grade.word()))?;
            if let Some(mend) = mend {
                output.line(&format!("{:25}{mend}", ""))?;
            }
        }
        output.line(if can_watch {
            "Watching works."
        } else {
            "Watching can't work like this."
        })?;
        Ok(exit)
    }
}
