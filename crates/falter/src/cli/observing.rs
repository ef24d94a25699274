//! What `falter watch` and `falter record` have in common: which networks are observed, by which sources, in
//! whose name, and how what happens is printed.

use std::path::PathBuf;
use std::sync::mpsc::RecvTimeoutError;

use clap::Args;

use super::Global;
use super::output::Output;
use crate::config::{self, Config};
use crate::exit::Failure;
use crate::notify;
use crate::profiles::{self, Found};
use crate::watch::{Event, Feed, OwnTime, Watching};

/// See the module.
#[derive(Debug, Args)]
pub(super) struct Observing {
    /// Profiles' names or paths [default: what the configuration names, else kp]
    #[arg(value_name = "NETWORK")]
    observed: Vec<String>,
    /// Who answers for probes: a mail address or a URL; without a contact nothing is asked
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,
    /// Takes lines of recordings, or the packets of a darknet (pcap, pcapng), from this file or pipe too, as
    /// they come; - for stdin
    #[arg(long, value_name = "FILE")]
    lines: Option<PathBuf>,
    /// The lines or packets are the only source and bring their own time: as fast as they come, to their end
    #[arg(long, requires = "lines")]
    own_time: bool,
    /// What is observed is a re-enactment, as in the testbed: everything that comes of it is marked
    #[arg(long)]
    pub(super) synthetic: bool,
}

impl Observing {
    /// The configuration with the contact that the command line gives.
    pub(super) fn config(&self, config: &Config) -> Result<Config, Failure> {
        let mut config = config.clone();
        if let Some(contact) = &self.contact {
            config::check_contact(contact).map_err(Failure::usage)?;
            config.probing.contact = Some(contact.clone());
        }
        Ok(config)
    }

    /// The networks: of the command line, else of the configuration.
    pub(super) fn networks(&self, global: &Global, config: &Config) -> Result<Vec<Found>, Failure> {
        let names = if self.observed.is_empty() { &config.watch.networks } else { &self.observed };
        names.iter().map(|name| profiles::find(name, global.networks.as_deref())).collect()
    }

    /// Where observations of so many networks come from.
    pub(super) fn feed(&self, networks: usize) -> Result<Feed, Failure> {
        match &self.lines {
            Some(_) if self.own_time && networks != 1 => Err(Failure::usage(anyhow::anyhow!(
                "lines that bring their own time are of one network"
            ))),
            Some(path) if self.own_time => {
                let recording = OwnTime::open(path).map_err(Failure::failed)?;
                Ok(Feed::OwnTime(Box::new(recording)))
            }
            lines => Ok(Feed::Sources(lines.clone())),
        }
    }
}

/// A line an event, until watching ends.
pub(super) fn print(watching: &Watching, json: bool, output: &mut Output) -> Result<(), Failure> {
    loop {
        let event: Event = match watching.events.recv_timeout(notify::OFTEN) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => {
                notify::alive(&watching.board);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
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
