//! The sources that tell what happens now: started once, for all networks.

mod lines;

use anyhow::Context;
use falter_model::Profile;
use falter_sources::live::Teller;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::{Events, WatchPlan};
use crate::config::Config;
use crate::exit::Failure;

/// Starts what the configuration asks for; each source ends after `stop`.
pub(super) fn start(
    plan: &WatchPlan,
    _config: &Config,
    watched: &[(Profile, Teller)],
    _runtime: &Handle,
    _stop: &CancellationToken,
    _events: &Events,
) -> Result<(), Failure> {
    if let Some(path) = &plan.lines {
        let tellers: Vec<Teller> = watched.iter().map(|(_, teller)| teller.clone()).collect();
        lines::start(path, tellers).context("could not read lines").map_err(Failure::failed)?;
    }
    Ok(())
}
