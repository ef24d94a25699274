//! Tables for RIS Live to begin with, as `routes.bootstrap` names them.

use std::time::Duration;

use falter_sources::archive::Interest;
use falter_sources::bootstrap::{BootstrapInput, BootstrapPlan};
use falter_sources::collectors::Collector;

use super::Watched;
use crate::archives::Archives;
use crate::config::{BootstrapConfig, Config, is_url};
use crate::exit::Failure;
use crate::replay;

/// Archives that can't be had, or do not reach far enough yet, are asked for again after this at first: RIS
/// writes a file of updates every five minutes.
const FIRST_WAIT: Duration = Duration::from_mins(1);
/// And after this at most.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// `None` where nothing is configured.
pub(super) fn plan(config: &Config, watched: &[Watched]) -> Result<Option<BootstrapPlan>, Failure> {
    let BootstrapConfig { collectors, inputs, max_age } = &config.routes.bootstrap;
    if collectors.is_empty() && inputs.is_empty() {
        return Ok(None);
    }
    let interests: Vec<Interest> =
        watched.iter().map(|(profile, _)| replay::interest(Some(profile))).collect();
    let collectors: Result<Vec<Collector>, _> =
        collectors.iter().map(|name| name.parse()).collect();
    let input = |text: &String| match text.parse() {
        Ok(url) if is_url(text) => BootstrapInput::Url(url),
        _ => BootstrapInput::Path(text.into()),
    };
    let Archives { fetcher, mirrors } = Archives::new(config)?;
    Ok(Some(BootstrapPlan {
        collectors: collectors.map_err(Failure::usage)?,
        inputs: inputs.iter().map(input).collect(),
        interest: Interest::of_all(&interests),
        max_age: *max_age,
        fetcher,
        mirrors,
        first_wait: FIRST_WAIT,
        longest_wait: LONGEST_WAIT,
    }))
}
