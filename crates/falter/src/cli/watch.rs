//! `falter watch`: what happens now.

use clap::Args;

use super::Global;
use super::observing::{Observing, print};
use super::output::{self, Output};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::notify;
use crate::screen;
use crate::watch::{self, Keep, WatchPlan};

/// See the module.
#[derive(Debug, Args)]
pub(super) struct Watch {
    #[command(flatten)]
    observing: Observing,
    /// Ends with 4 if an outage is going on when it ends
    #[arg(long)]
    exit_state: bool,
    /// Prints lines even where stdout is a terminal
    #[arg(long)]
    plain: bool,
}

impl Watch {
    pub(super) fn run(
        &self,
        global: &Global,
        config: &Config,
        to: &mut Output,
    ) -> Result<Exit, Failure> {
        let config = self.observing.config(config)?;
        let networks = self.observing.networks(global, &config)?;
        let feed = self.observing.feed(networks.len())?;
        let keep = Keep::Store(global.store_dir(&config)?);
        let synthetic = self.observing.synthetic;
        let plan = WatchPlan { networks, config: &config, keep, synthetic, feed };
        let watching = watch::start(plan)?;
        notify::ready();
        let shown = if !global.json && !self.plain && Output::is_terminal() {
            output::on_a_screen(true);
            let shown = screen::show(&watching);
            output::on_a_screen(false);
            shown
        } else {
            print(&watching, global.json, to)
        };
        notify::stopping();
        let board = watching.end();
        match shown {
            Err(failure) if !failure.is_broken_pipe() => return Err(failure),
            Ok(()) | Err(_) => {}
        }
        let goes_on = self.exit_state && board.outage_goes_on();
        Ok(if goes_on { Exit::OutageGoingOn } else { Exit::Done })
    }
}
