//! What is to be seen of the country from where observers stand, by tools that have nothing to do with
//! falter: fping, dig, curl and BIRD.
//!
//! Each kind of question is a file. All of them give [`Observation`]s by the machine's clock, of which the
//! recording and the truth are made.

mod asking;
mod backscatter;
pub(crate) mod bird;
mod curl;
pub(crate) mod mail;
pub(crate) mod names;
mod pings;
mod places;
mod routes;
pub(crate) mod sites;

use std::path::Path;

use anyhow::Result;
use falter_model::Observation;

use crate::country::Country;

pub use backscatter::attacks;
pub use places::{Stand, far_controls, near_controls, stands};
pub use routes::Look;

use asking::Askers;

/// All who look, until they are told to stop.
#[derive(Debug)]
pub struct Witnesses {
    pings: Vec<pings::Pinger>,
    askers: Askers,
    routes: routes::Looker,
}

/// What they saw, by the machine's clock.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// Probes, controls, names and pages, in no order.
    pub observations: Vec<Observation>,
    /// What the collector carried, in the order of time.
    pub routes: Vec<Look>,
}

impl Witnesses {
    /// Begins to look; `folder` is for the tools' output.
    pub fn begin(country: &Country, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut askers = Askers::default();
        let mut pings = Vec::new();
        for stand in stands(country) {
            pings.push(pings::Pinger::begin(country, &stand, folder)?);
            names::begin(country, &stand, &mut askers);
            sites::begin(country, &stand, &mut askers);
            mail::begin(country, &stand, &mut askers);
        }
        let routes = routes::Looker::begin(country, folder)?;
        Ok(Self { pings, askers, routes })
    }

    /// Ends it and tells what was seen.
    pub fn end(self) -> Result<Seen> {
        let mut observations = self.askers.end()?;
        for pinger in self.pings {
            observations.extend(pinger.end()?);
        }
        Ok(Seen { observations, routes: self.routes.end() })
    }
}
