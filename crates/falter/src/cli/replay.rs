//! `falter replay`: recorded input through the same pipeline as live.

use std::path::PathBuf;

use clap::Args;
use falter_model::State;
use falter_signals::CountryTable;
use falter_sources::archive::{InputArg, Inputs};

use super::Global;
use super::fetching::Fetching;
use super::output::{self, Output};
use super::progress::Progress;
use crate::config::Config;
use crate::digest;
use crate::exit::{Exit, Failure};
use crate::pipeline::{Pipeline, Plan};
use crate::profiles::{self, Found};
use crate::replay::{self, Digests, Document};

mod text;

/// See the module.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// Files, folders, http(s):// URLs or - for stdin: MRT, recordings, series CSV, captures of a darknet
    /// (pcap, pcapng); plain or compressed by gzip, bzip2, zstd; told apart by content
    #[arg(required_unless_present = "collectors", value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    fetching: Fetching,
    /// A profile's name or the path of one [default: the network that the recordings name]
    #[arg(long, value_name = "NETWORK")]
    network: Option<String>,
    /// Groups prefixes by country with this address table (MMDB, or CSV of start,end,country)
    #[arg(long, value_name = "TABLE", conflicts_with = "network")]
    countries: Option<PathBuf>,
    /// What is read is a re-enactment, though it does not say so (BGP archives can't): everything that
    /// comes of it is marked
    #[arg(long)]
    synthetic: bool,
    /// Ends with 4 if an outage is going on at the end of the input
    #[arg(long)]
    exit_state: bool,
}

impl Replay {
    pub(super) fn run(
        &self,
        global: &Global,
        config: &Config,
        output: &mut Output,
    ) -> Result<Exit, Failure> {
        let fetched = self.fetching.fetch(&self.inputs, config)?;
        let arguments: Vec<InputArg> = fetched.inputs.into_iter().map(InputArg::from).collect();
        // A store names what it rests on by its digest.
        let open = if global.store.is_some() { Inputs::open_digesting } else { Inputs::open };
        let mut inputs = open(&arguments).map_err(Failure::failed)?;
        let found = self.profile(&inputs, global)?;
        inputs.watch(replay::interest(found.as_ref().map(|found| &found.profile)));
        let mut document = self.document(&mut inputs, found.as_ref(), config)?;
        document.synthetic |= self.synthetic;
        let bad =
            fetched.missing + inputs.reports().iter().filter(|report| report.bad_count > 0).count();
        inputs.reports().iter().for_each(output::tell_bad);
        if inputs.reports().iter().all(|report| report.observations == 0) {
            return Err(Failure::failed(anyhow::anyhow!("nothing could be read from the input")));
        }
        let saved = match &global.store {
            Some(store) => super::kept::save(store, &document),
            None => Ok(()),
        };
        if global.json {
            output.json(&document)?;
        } else {
            text::print(&document, found.as_ref(), global, output)?;
        }
        // What was found is printed even where the store could not take it: it may have taken hours.
        saved?;
        let going_on = document
            .outages
            .iter()
            .any(|outage| outage.until.is_none() && outage.state > State::Blind);
        Ok(match (self.exit_state && going_on, bad > 0) {
            (true, _) => Exit::OutageGoingOn,
            (false, true) => Exit::BadInput,
            (false, false) => Exit::Done,
        })
    }

    /// The profile asked for; else the one that all recordings name, if it is known.
    fn profile(&self, inputs: &Inputs, global: &Global) -> Result<Option<Found>, Failure> {
        let folder = global.networks.as_deref();
        if let Some(network) = &self.network {
            return profiles::find(network, folder).map(Some);
        }
        let mut named: Vec<_> =
            inputs.recording_headers().iter().map(|header| header.network.clone()).collect();
        named.dedup();
        match named.as_slice() {
            [Some(name)] => Ok(profiles::find(name, folder).ok()),
            _ => Ok(None),
        }
    }

    fn country_table(&self) -> Result<Option<CountryTable>, Failure> {
        let Some(path) = &self.countries else { return Ok(None) };
        let table = super::network::read_table(path)?;
        Ok(Some(CountryTable::new(move |prefix| table.country(prefix))))
    }

    fn document(
        &self,
        inputs: &mut Inputs,
        found: Option<&Found>,
        config: &Config,
    ) -> Result<Document, Failure> {
        let plan = Plan {
            profile: found.map(|found| found.profile.clone()),
            countries: self.country_table()?,
            shapes: config.shapes(),
            vantage_points: inputs.vantage_points(),
        };
        let bar = Progress::new(inputs.progress().all_octets);
        let findings = replay::run(inputs, Pipeline::new(plan), |progress, at| {
            if !bar.is_hidden() {
                let at = at.map(|at| at.to_string()).unwrap_or_default();
                bar.at(progress.read_octets, &at);
            }
        });
        bar.clear();
        let digests = Digests {
            profile: found.map(|found| digest::hex(&found.text)),
            config: digest::hex(config.text()),
            fit: falter_explain::Fit::built_in().digest().to_owned(),
        };
        let network = found.map(|found| found.profile.name.to_string());
        Ok(Document::new(network, digests, inputs, findings))
    }
}
