//! `falter outages`: what the store knows, a line an outage.

use std::path::Path;

use clap::Args;
use falter_model::{Entity, Outage, Timestamp};
use falter_store::{OutageFilter, Store};
use serde::Serialize;

use super::Global;
use super::output::Output;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::replay::Document;

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
    outages: Vec<Outage>,
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
        let outages = store.outages_where(&filter).map_err(Failure::failed)?;
        if global.json {
            output.json(&Listed { outages })?;
        } else if outages.is_empty() {
            output.line("No outage.")?;
        } else {
            for outage in &outages {
                output.line(&line(outage))?;
            }
        }
        Ok(Exit::Done)
    }
}

/// The store in this folder, which must be there.
pub(super) fn open(dir: &Path) -> Result<Store, Failure> {
    Store::open_existing(dir).map_err(Failure::failed)
}

/// Keeps a replay. A store that can't take it keeps what it had.
pub(super) fn save(dir: &Path, document: &Document) -> Result<(), Failure> {
    let mut store = Store::open(dir).map_err(Failure::failed)?;
    let inputs = document.inputs.iter().map(|input| falter_store::Input {
        path: input.path.clone(),
        digest: String::new(),
        offset: 0,
    });
    let inputs: Vec<_> = inputs.collect();
    store
        .save(&falter_store::Replay {
            network: document.network.as_deref(),
            from: document.from,
            until: document.until,
            digests: falter_store::Digests {
                profile: document.digests.profile.as_deref(),
                config: &document.digests.config,
                fit: &document.digests.fit,
            },
            inputs: &inputs,
            outages: &document.outages,
            series: &document.series,
            blind: &document.blind,
        })
        .map_err(Failure::failed)
}

/// `ug-20210113T200000Z  partial  2021-01-13 20:00 - 2021-01-18 14:00  39 % of prefixes  shutdown 61 %`
pub(super) fn line(outage: &Outage) -> String {
    let until =
        outage.until.map_or_else(|| "going on".to_owned(), |end| end.first_good.to_string());
    let lost = outage
        .lost_share
        .map_or_else(String::new, |lost| format!("{} of {}", lost.value, lost.basis.words()));
    let verdict = outage.verdict.as_ref().map_or_else(String::new, |verdict| {
        let best = verdict.causes.first().map_or("", |best| best.cause.as_str());
        match verdict.cause {
            falter_model::Call::Decided(cause) => format!("{cause} ({})", verdict.probability),
            falter_model::Call::Undetermined => format!("undetermined (first: {best})"),
        }
    });
    format!(
        "{:<28}  {:<12}  {} – {:<20}  {:<22}  {verdict}",
        outage.id.0,
        outage.state.as_str(),
        outage.from.first_bad,
        until,
        lost
    )
    .trim_end()
    .to_owned()
}
