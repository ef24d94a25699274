//! `falter-lab run`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use falter_lab::keeper::{self, Request, Tie};
use falter_lab::run::{RunPlan, Wanted};
use falter_model::Timestamp;

use super::break_fault::{named, parameter};
use super::size::SizeArguments;
use super::{Global, output};

/// See [`super::Verb::Run`].
#[derive(Debug, Args)]
pub(super) struct Run {
    /// Faults that begin together: `power`, `power:batteries` (falter-lab faults)
    #[arg(required = true)]
    faults: Vec<String>,
    /// The folder that is left; it must not exist or be empty
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// What draws everything that is not said
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Seconds of the recording for a second of the machine [1 to 1,000]
    #[arg(long, value_name = "N", default_value_t = 10)]
    slower: u32,
    /// When the recording begins; drawn where not said
    #[arg(long, value_name = "TIME")]
    start: Option<Timestamp>,
    /// A parameter, such as `--set lasts_s=20`
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, f64)>,
    /// Lets this program falter watch the run live; what it leaves is in DIR/live
    #[arg(long, value_name = "FALTER")]
    live: Option<PathBuf>,
    /// It records only: DIR/live/record.jsonl
    #[arg(long, requires = "live")]
    record_only: bool,
    #[command(flatten)]
    size: SizeArguments,
}

impl Run {
    pub(super) fn run(&self, _global: &Global) -> Result<()> {
        keeper::can_stand()?;
        let faults = self.faults.iter().map(|text| {
            let (fault, implementation) = named(text);
            Wanted { fault, implementation }
        });
        let plan = RunPlan {
            faults: faults.collect(),
            parameters: self.parameters.iter().cloned().collect(),
            seed: self.seed,
            slower: self.slower,
            start: self.start,
            live: self.live.as_ref().map(std::path::absolute).transpose()?,
            records_only: self.record_only,
        };
        let size = self.size.size(plan.hold_time_s());
        let request = Request::Run { plan, out: std::path::absolute(&self.out)? };
        // A country of its own, which goes when this process does.
        let name = format!("run-{}", std::process::id());
        let spawned = keeper::spawn(&name, &size, Tie::Tied, &mut output::tell)?;
        let asked = keeper::find(&name)?.ask(&request, &mut output::tell);
        drop(spawned);
        asked.map(drop)
    }
}
