//! `falter watch`: what happens now.

use std::path::PathBuf;

use clap::Args;

use super::Global;
use super::output::{self, Output};
use crate::config::{self, Config};
use crate::exit::{Exit, Failure};
use crate::notify;
use crate::profiles;
use crate::screen;
use crate::watch::{self, Event, Feed, Keep, OwnTime, WatchPlan};

/// See the module.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(super) struct Watch {
    /// Profiles' names or paths [default: what the configuration names, else kp]
    #[arg(value_name = "NETWORK")]
    watched: Vec<String>,
    /// Who answers for probes: a mail address or a URL; without a contact nothing is asked
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,
    /// Takes lines of recordings from this file or pipe too, as they come; - for stdin
    #[arg(long, value_name = "FILE")]
    lines: Option<PathBuf>,
    /// The lines are the only source and bring their own time: as fast as they come, to their end
    #[arg(long, requires = "lines")]
    own_time: bool,
    /// What is watched is a re-enactment, as in the testbed: everything that comes of it is marked
    #[arg(long)]
    synthetic: bool,
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
        let config = with_contact(config, self.contact.as_deref())?;
        let names = if self.watched.is_empty() { &config.watch.networks } else { &self.watched };
        let found = names.iter().map(|name| profiles::find(name, global.networks.as_deref()));
        let networks = found.collect::<Result<Vec<_>, _>>()?;
        let feed = feed(self.lines.as_ref(), self.own_time, networks.len())?;
        let keep = Keep::Store(global.store_dir(&config)?);
        let synthetic = self.synthetic;
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

/// The configuration with the contact that the command line gives.
pub(super) fn with_contact(config: &Config, contact: Option<&str>) -> Result<Config, Failure> {
    let mut config = config.clone();
    if let Some(contact) = contact {
        config::check_contact(contact).map_err(Failure::usage)?;
        config.probing.contact = Some(contact.to_owned());
    }
    Ok(config)
}

/// Where observations come from, as the command line says.
pub(super) fn feed(
    lines: Option<&PathBuf>,
    own_time: bool,
    networks: usize,
) -> Result<Feed, Failure> {
    match lines {
        Some(path) if own_time => {
            if networks != 1 {
                let error = anyhow::anyhow!("lines that bring their own time are of one network");
                return Err(Failure::usage(error));
            }
            let recording = OwnTime::open(path).map_err(Failure::failed)?;
            Ok(Feed::OwnTime(Box::new(recording)))
        }
        lines => Ok(Feed::Sources(lines.cloned())),
    }
}

/// A line an event, until watching ends.
pub(super) fn print(
    watching: &watch::Watching,
    json: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    loop {
        let event: Event = match watching.events.recv_timeout(notify::OFTEN) {
            Ok(event) => event,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                notify::alive(&watching.board);
                continue;
            }
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return Ok(()),
        };
        notify::alive(&watching.board);
        if json {
            output.json_line(&event)?;
        } else {
            output.line(&event.line())?;
        }
        output.finish()?;
    }
}
