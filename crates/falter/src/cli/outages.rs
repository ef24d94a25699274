//! `falter outages`: what the store knows, a line an outage.

use std::path::Path;

use clap::Args;
use falter_model::{Entity, Outage, Timestamp};
use falter_store::{KeptOutage, OutageFilter, Store};
use serde::Serialize;

use super::Global;
use super::output::Output;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outage_line;

/// See the module.
#[derive(Debug, Args)]
pub(super) struct Outages {
    /// Only those of this entity, such as network/kp or asn/AS20294
    #[arg(long, value_name = "ENTITY")]
    entity: Option<Entity>,
    /// Only those that lasted beyond this time
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Only those that began before this time
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct Listed {
    outages: Vec<ListedOutage>,
}

#[derive(Debug, Serialize)]
struct ListedOutage {
    #[serde(flatten)]
    outage: Outage,
    /// True for a re-enactment; `None` where an older version kept it, which did not tell.
    synthetic: Option<bool>,
}

impl Outages {
    pub(super) fn run(
        &self,
        global: &Global,
        config: &Config,
        output: &mut Output,
    ) -> Result<Exit, Failure> {
        let filter = OutageFilter {
            entity: self.entity.clone(),
            from: self.from,
            until: self.until,
            ..OutageFilter::default()
        };
        let store = open(&global.store_dir(config)?)?;
        let outages = store.outages(&filter).map_err(Failure::failed)?;
        if global.json {
            let listed = outages
                .into_iter()
                .map(|KeptOutage { outage, synthetic }| ListedOutage { outage, synthetic });
            output.json(&Listed { outages: listed.collect() })?;
        } else if outages.is_empty() {
            output.line("No outage.")?;
        } else {
            for KeptOutage { outage, synthetic } in &outages {
                output.line(&format!("{}{}", outage_line::line(outage), mark(*synthetic)))?;
            }
        }
        Ok(Exit::Done)
    }
}

/// The store in this folder, which must be there.
pub(super) fn open(dir: &Path) -> Result<Store, Failure> {
    Store::open_existing(dir).map_err(Failure::failed)
}

/// What stands behind an outage that was not measured, or may not have been.
const fn mark(synthetic: Option<bool>) -> &'static str {
    match synthetic {
        Some(false) => "",
        Some(true) => "  (re-enactment)",
        None => "  (perhaps a re-enactment)",
    }
}
