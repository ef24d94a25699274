//! What replay reads that is not on this machine yet: URLs among its inputs, and what collectors heard in a
//! time.

use std::path::PathBuf;

use clap::Args;
use falter_model::Timestamp;
use falter_sources::collectors::Collector;
use url::Url;

use super::output::tell;
use super::progress::Progress;
use crate::archives::{Archives, wait_for};
use crate::config::{Config, is_url};
use crate::exit::Failure;

/// Which collectors, and when.
#[derive(Debug, Args)]
pub(super) struct Fetching {
    /// Fetches what this collector of RIPE RIS or RouteViews heard (rrc00, route-views2, route-views.sg), with
    /// the last table dump before; can be given several times
    #[arg(long = "collector", value_name = "NAME", requires_all = ["from", "until"])]
    collectors: Vec<Collector>,
    /// From this time on
    #[arg(long, value_name = "TIME", requires = "collectors")]
    from: Option<Timestamp>,
    /// Up to this time
    #[arg(long, value_name = "TIME", requires = "collectors")]
    until: Option<Timestamp>,
}

/// Inputs that are all on this machine.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) inputs: Vec<PathBuf>,
    /// Archives that were expected and are nowhere; each was told.
    pub(super) missing: usize,
}

impl Fetching {
    /// Fetches what is not here, and tells what is nowhere.
    pub(super) fn fetch(&self, inputs: &[PathBuf], config: &Config) -> Result<Fetched, Failure> {
        let url =
            |input: &PathBuf| input.to_str().filter(|text| is_url(text)).map(str::parse::<Url>);
        let is_here = self.collectors.is_empty() && inputs.iter().all(|input| url(input).is_none());
        if is_here {
            return Ok(Fetched { inputs: inputs.to_owned(), missing: 0 });
        }
        let archives = Archives::new(config)?;
        let bar = Progress::new(None);
        let watcher = |progress: falter_sources::fetch::Progress<'_>| {
            bar.of(progress.octets, progress.total, progress.url.path());
        };
        let mut fetched = Fetched { inputs: Vec::new(), missing: 0 };
        let done = wait_for(async {
            for input in inputs {
                fetched.inputs.push(match url(input) {
                    Some(Ok(url)) => archives.fetch(&url, &watcher).await?,
                    Some(Err(_)) | None => input.clone(),
                });
            }
            for (collector, span) in self.spans() {
                let of_one = archives.span(collector, span, &watcher).await?;
                fetched.inputs.extend(of_one.files);
                of_one
                    .missing
                    .iter()
                    .for_each(|url| tell(&format!("{url}: there is no such file")));
                fetched.missing += of_one.missing.len();
            }
            anyhow::Ok(())
        })?;
        bar.clear();
        done.map_err(Failure::failed)?;
        Ok(fetched)
    }

    fn spans(&self) -> impl Iterator<Item = (&Collector, (Timestamp, Timestamp))> {
        let span = self.from.zip(self.until);
        self.collectors.iter().filter_map(move |collector| Some((collector, span?)))
    }
}
