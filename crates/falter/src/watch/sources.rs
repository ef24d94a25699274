//! The sources that tell what happens now: started once, for all networks.

mod bmp;
mod lines;
mod probing;

use anyhow::Context;
use falter_model::Profile;
use falter_sources::live::Teller;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::{Events, WatchPlan};
use crate::config::Config;
use crate::exit::Failure;

/// A network, and where what happens to it is told.
pub(super) type Watched = (Profile, Teller);

/// Starts what the configuration asks for; each source ends after `stop`.
pub(super) fn start(
    plan: &WatchPlan,
    config: &Config,
    watched: &[Watched],
    runtime: &Handle,
    stop: &CancellationToken,
    events: &Events,
) -> Result<(), Failure> {
    if let Some(path) = &plan.lines {
        let tellers: Vec<Teller> = watched.iter().map(|(_, teller)| teller.clone()).collect();
        lines::start(path, tellers).context("could not read lines").map_err(Failure::failed)?;
    }
    if let Some(on) = config.routes.bmp.listen {
        runtime.block_on(bmp::start(on, watched, stop, events))?;
    }
    if let Some(contact) = &config.probing.contact {
        for watched in watched {
            probing::start(contact, plan, config, watched, stop, events)?;
        }
    }
    Ok(())
}
