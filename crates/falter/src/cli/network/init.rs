//! `falter network init`: a profile from a table dump and address tables.

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::Args;
use falter_model::{Asn, Change, CountryCode, Fact, Interned, Timestamp};
use falter_networks::{AddressTable, Sources, Subject, Tally};
use falter_sources::archive::{InputArg, Inputs, Interest};

use crate::cli::output::{self, Output};
use crate::cli::progress::Progress;
use crate::exit::{Exit, Failure};

/// See the module.
#[derive(Debug, Args)]
pub(in crate::cli) struct Init {
    /// A country (KP) or an AS (AS131279)
    #[arg(value_name = "COUNTRY|AS")]
    subject: String,
    /// A table dump (MRT), of RIS or RouteViews
    #[arg(long, value_name = "FILE", required = true)]
    rib: Vec<PathBuf>,
    /// Address tables: MMDB, or CSV of start,end,country; the first that knows an address decides
    #[arg(long, value_name = "FILE")]
    addresses: Vec<PathBuf>,
    /// Where to [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Init {
    pub(super) fn run(&self, output: &mut Output) -> Result<Exit, Failure> {
        let subject = self.subject()?;
        let mut table: Option<AddressTable> = None;
        for path in &self.addresses {
            let read = super::read_table(path)?;
            table = Some(match table {
                None => read,
                Some(first) => first.join(read),
            });
        }
        let (tally, written) = self.count()?;
        let sources = Sources {
            routes: described(&self.rib, written),
            addresses: table.as_ref().map(|_| described(&self.addresses, None)),
        };
        let profile = falter_networks::init(subject, &tally, table.as_ref(), &sources)
            .with_context(|| format!("could not make a profile of {}", self.subject))
            .map_err(Failure::usage)?;
        super::write(self.output.as_ref(), &profile, output)?;
        if let Some(path) = &self.output {
            output::tell(&format!("wrote {}; see `falter network check`", path.display()));
        }
        Ok(Exit::Done)
    }

    fn subject(&self) -> Result<Subject, Failure> {
        if let Ok(country) = self.subject.parse::<CountryCode>() {
            return Ok(Subject::Country(country));
        }
        self.subject.parse::<Asn>().map(Subject::As).map_err(|_| {
            Failure::usage(anyhow!(
                "{:?} is neither a country such as KP nor an AS such as AS131279",
                self.subject
            ))
        })
    }

    /// Counts all table entries, and tells when the table was written.
    fn count(&self) -> Result<(Tally, Option<Timestamp>), Failure> {
        let arguments: Vec<InputArg> = self.rib.iter().cloned().map(InputArg::from).collect();
        let mut inputs = Inputs::open(&arguments).map_err(Failure::failed)?;
        inputs.watch(Interest { paths: true, ..Interest::default() });
        let bar = Progress::new(inputs.progress().all_octets);
        let (mut tally, mut written) = (Tally::new(), None);
        let (mut interned, mut batch) = (Interned::new(), Vec::new());
        loop {
            let more = inputs.read(&mut interned, &mut batch);
            for observation in &batch {
                if let Fact::Route(route) = &observation.fact
                    && let Change::Tabled { origin, path } | Change::Announced { origin, path, .. } =
                        route.change
                {
                    written = written.or(Some(observation.at));
                    tally.add(route.prefix, origin, interned.path(path));
                }
            }
            batch.clear();
            bar.at(inputs.progress().read_octets, "");
            if !more {
                bar.clear();
                break;
            }
        }
        for report in inputs.reports() {
            output::tell_bad(report);
        }
        if tally.is_empty() {
            return Err(Failure::failed(anyhow!(
                "there are no routes in {}",
                described(&self.rib, None)
            )));
        }
        Ok((tally, written))
    }
}

/// File names, and a time.
fn described(paths: &[PathBuf], at: Option<Timestamp>) -> String {
    let names: Vec<_> = paths
        .iter()
        .map(|path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned())
        .collect();
    let at = at.map(|at| format!(", {at}")).unwrap_or_default();
    format!("{}{at}", names.join(", "))
}
