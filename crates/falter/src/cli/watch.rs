//! `falter watch`: what happens now.

use std::io;
use std::path::PathBuf;

use clap::Args;

use super::Global;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::profiles;
use crate::watch::{self, Events, Form, WatchPlan};

/// See the module.
#[derive(Debug, Args)]
pub(super) struct Watch {
    /// Profiles' names or paths [default: what the configuration names, else kp]
    #[arg(value_name = "NETWORK")]
    watched: Vec<String>,
    /// Whom to write to about probes; without a contact nothing is probed
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,
    /// Takes lines of recordings from this file or pipe too, as they come; - for stdin
    #[arg(long, value_name = "FILE")]
    lines: Option<PathBuf>,
    /// What is watched is a re-enactment, as in the testbed: everything that comes of it is marked
    #[arg(long)]
    synthetic: bool,
    /// Ends with 4 if an outage is going on when it ends
    #[arg(long)]
    exit_state: bool,
}

impl Watch {
    pub(super) fn run(&self, global: &Global, config: &Config) -> Result<Exit, Failure> {
        let mut config = config.clone();
        if self.contact.is_some() {
            config.probing.contact.clone_from(&self.contact);
            config.probing.check().map_err(Failure::usage)?;
        }
        let names = if self.watched.is_empty() { &config.watch.networks } else { &self.watched };
        let found = names.iter().map(|name| profiles::find(name, global.networks.as_deref()));
        let plan = WatchPlan {
            networks: found.collect::<Result<_, _>>()?,
            store: global.store_dir(&config)?,
            vantage: config.vantage.point(),
            synthetic: self.synthetic,
            lines: self.lines.clone(),
        };
        let form = if global.json { Form::Json } else { Form::Text };
        let events = Events::new(form, Box::new(io::stdout()));
        let exit = watch::run(&plan, &config, &events)?;
        Ok(if self.exit_state { exit } else { Exit::Done })
    }
}
