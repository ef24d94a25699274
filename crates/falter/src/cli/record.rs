//! `falter record`: observations to a file only.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use falter_model::Span;

use super::Global;
use super::observing::{Observing, print};
use super::output::Output;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::watch::{self, Keep, WatchPlan};

/// See the module.
#[derive(Debug, Args)]
pub(super) struct Record {
    #[command(flatten)]
    observing: Observing,
    /// The file, which must not be there yet; compressed if its name ends in .zst; with several networks
    /// a file each, with the network in its name
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Ends after this time, such as 10m [default: at SIGINT or SIGTERM]
    #[arg(long = "for", value_name = "TIME")]
    lasts: Option<Span>,
}

impl Record {
    pub(super) fn run(
        &self,
        global: &Global,
        config: &Config,
        output: &mut Output,
    ) -> Result<Exit, Failure> {
        let config = self.observing.config(config)?;
        let networks = self.observing.networks(global, &config)?;
        let feed = self.observing.feed(networks.len())?;
        let (keep, synthetic) = (Keep::Recording(self.out.clone()), self.observing.synthetic);
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
