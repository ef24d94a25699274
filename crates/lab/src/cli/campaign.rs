//! `falter-lab campaign`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;
use falter_lab::campaign::{self, CampaignPlan, Line, Listener};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Global, output};

/// How often the clock of the bar moves.
const TICKS_EVERY: Duration = Duration::from_secs(1);

/// See [`super::Verb::Campaign`].
#[derive(Debug, Args)]
pub(super) struct Campaign {
    /// How many runs, those that are there already included
    #[arg(long, value_name = "N")]
    runs: u32,
    /// What draws them
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Goes on with a campaign that was ended
    #[arg(long)]
    resume: bool,
    /// Where the cases are kept
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
}

/// A bar on a terminal; elsewhere a line a run.
struct Teller {
    bar: ProgressBar,
}

impl Campaign {
    pub(super) fn run(&self, _global: &Global) -> Result<()> {
        let plan = CampaignPlan { runs: self.runs, seed: self.seed, resume: self.resume };
        let style = ProgressStyle::with_template(
            "{wide_bar} {pos} of {len} runs, {per_sec:.2}, {eta} left  {msg}",
        )?;
        let teller = Teller { bar: ProgressBar::no_length().with_style(style) };
        let out = std::path::absolute(&self.out)?;
        let came = campaign::run(&plan, &out, &command, &teller)?;
        teller.bar.finish_and_clear();
        output::tell(&format!("{} cases in {}", came.kept, out.display()));
        if came.failed > 0 {
            bail!("{} runs failed (--resume tries them again)", came.failed);
        }
        Ok(())
    }
}

/// A run of its own, which goes when this process does.
fn command(arguments: &[String], out: &Path) -> Result<Command> {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(std::env::current_exe()?);
    command.args(arguments).arg("--out").arg(out);
    Ok(command)
}

impl Listener for Teller {
    fn begins(&self, left: u32) {
        self.bar.set_length(u64::from(left));
        self.bar.enable_steady_tick(TICKS_EVERY);
    }

    fn done(&self, line: &Line) {
        let became = line.failed.as_deref().unwrap_or("kept");
        if self.bar.is_hidden() {
            output::tell(&format!("{}: {became}", line.folder));
        } else {
            self.bar.inc(1);
            self.bar.set_message(format!("{}: {became}", line.folder));
        }
    }
}
