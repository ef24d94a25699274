//! `falter record`: observations to a file only.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use falter_model::Span;

use super::Global;
use super::output::Output;
use super::watch::{feed, print, with_contact};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::profiles;
use crate::watch::{self, Keep, WatchPlan};

/// See the module.
#[derive(Debug, Args)]
pub(super) struct Record {
    /// Profiles' names or paths [default: what the configuration names, else kp]
    #[arg(value_name = "NETWORK")]
    recorded: Vec<String>,
    /// The file, which must not be there yet; compressed if its name ends in .zst; with several networks
    /// a file each, with the network in its name
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Ends after this time, such as 10m [default: at SIGINT or SIGTERM]
    #[arg(long = "for", value_name = "TIME")]
    lasts: Option<Span>,
    /// Who answers for probes: a mail address or a URL; without a contact nothing is asked
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,
    /// Takes lines of recordings from this file or pipe too, as they come; - for stdin
    #[arg(long, value_name = "FILE")]
    lines: Option<PathBuf>,
    /// The lines are the only source and bring their own time: as fast as they come, to their end
    #[arg(long, requires = "lines")]
    own_time: bool,
    /// What is recorded is a re-enactment, as in the testbed
    #[arg(long)]
    synthetic: bool,
}

impl Record {
    pub(super) fn run(
        &self,
        global: &Global,
        config: &Config,
        output: &mut Output,
    ) -> Result<Exit, Failure> {
        let config = with_contact(config, self.contact.as_deref())?;
        let names = if self.recorded.is_empty() { &config.watch.networks } else { &self.recorded };
        let found = names.iter().map(|name| profiles::find(name, global.networks.as_deref()));
        let networks = found.collect::<Result<Vec<_>, _>>()?;
        let feed = feed(self.lines.as_ref(), self.own_time, networks.len())?;
        let (keep, synthetic) = (Keep::Recording(self.out.clone()), self.synthetic);
        let plan = WatchPlan { networks, config: &config, keep, synthetic, feed };
        let watching = watch::start(plan)?;
        if let Some(lasts) = self.lasts {
            watching.end_after(Duration::from_micros(lasts.micros().unsigned_abs()));
        }
        let printed = print(&watching, global.json, output);
        watching.end();
        match printed {
            Err(failure) if !failure.is_broken_pipe() => Err(failure),
            Ok(()) | Err(_) => Ok(Exit::Done),
        }
    }
}
