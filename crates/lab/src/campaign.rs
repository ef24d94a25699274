//! Many runs: faults, implementations and parameters drawn from one seed, each run in a country of its own,
//! and of each a derived case kept, so that fitting and scoring need no testbed.
//!
//! Runs that flood have the machine to themselves; others go two at a time. What is done is a line of an
//! index, so that a campaign goes on where it stopped.

mod derive;
mod draw;
mod index;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread;

use anyhow::{Context, Result, bail};

pub use derive::{derive, profile_path};
pub use draw::{Drawn, draw};
pub use index::{Index, Line};

/// Countries side by side.
const SIDE_BY_SIDE: usize = 2;
/// So many failures in a row end a campaign: something is wrong with the machine.
const MOST_FAILURES: u32 = 4;
/// Where runs are made before they are a case.
const WORK: &str = ".work";
/// Where the profiles of all cases are kept.
pub const PROFILES: &str = "networks";

/// What is asked of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignPlan {
    /// How many runs.
    pub runs: u32,
    /// What draws them.
    pub seed: u64,
    /// Goes on with what is there.
    pub resume: bool,
}

/// What became of a campaign.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Came {
    /// Cases that are there, earlier ones included.
    pub kept: u32,
    /// Runs that failed; a resumed campaign tries them again.
    pub failed: u32,
}

/// Somebody who is told how it is going.
pub trait Listener: Sync {
    /// So many runs are to be made.
    fn begins(&self, left: u32);
    /// A run is done.
    fn done(&self, line: &Line);
}

/// Makes the runs and keeps their cases in `out`. `command` starts a run: it is given the words of
/// [`Drawn::arguments`] and the folder that the run shall leave.
pub fn run(
    plan: &CampaignPlan,
    out: &Path,
    command: &(dyn Fn(&[String], &Path) -> Result<Command> + Sync),
    listener: &dyn Listener,
) -> Result<Came> {
    let index = Index::open(out, plan.resume)?;
    let kept: BTreeSet<u32> = index.kept()?;
    let left: Vec<u32> = (0..plan.runs).filter(|number| !kept.contains(number)).collect();
    let work = out.join(WORK);
    if work.exists() {
        // Left by a campaign that was ended.
        std::fs::remove_dir_all(&work)?;
    }
    std::fs::create_dir_all(&work)?;
    listener.begins(u32::try_from(left.len()).unwrap_or(u32::MAX));
    let campaign = Campaign {
        seed: plan.seed,
        out,
        work: &work,
        command,
        listener,
        queue: Mutex::new(left.into_iter().rev().collect()),
        index: Mutex::new(index),
        machine: RwLock::new(()),
        failures: AtomicU32::new(0),
        over: AtomicBool::new(false),
        came: Mutex::new(Came { kept: u32::try_from(kept.len()).unwrap_or(u32::MAX), failed: 0 }),
    };
    let workers = thread::scope(|scope| {
        let workers: Vec<_> = (0..SIDE_BY_SIDE).map(|_| scope.spawn(|| campaign.work())).collect();
        workers.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    for worker in workers {
        worker.unwrap_or_else(|_| bail!("a campaign's worker broke off"))?;
    }
    std::fs::remove_dir_all(&work)?;
    let came = *locked(&campaign.came);
    Ok(came)
}

/// What the workers share.
struct Campaign<'a> {
    seed: u64,
    out: &'a Path,
    work: &'a Path,
    command: &'a (dyn Fn(&[String], &Path) -> Result<Command> + Sync),
    listener: &'a dyn Listener,
    /// Numbers of runs to be made, the next last.
    queue: Mutex<Vec<u32>>,
    index: Mutex<Index>,
    /// Whoever floods has it alone.
    machine: RwLock<()>,
    failures: AtomicU32,
    over: AtomicBool,
    came: Mutex<Came>,
}

impl Campaign<'_> {
    fn work(&self) -> Result<()> {
        loop {
            let next = locked(&self.queue).pop();
            let Some(number) = next.filter(|_| !self.over.load(Ordering::Relaxed)) else {
                return Ok(());
            };
            let drawn = draw(self.seed, number)?;
            let made = self.make(&drawn);
            let line = Line::of(&drawn, &made);
            locked(&self.index).append(&line)?;
            self.listener.done(&line);
            let mut came = locked(&self.came);
            match made {
                Ok(()) => {
                    came.kept += 1;
                    self.failures.store(0, Ordering::Relaxed);
                }
                Err(error) => {
                    came.failed += 1;
                    if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_FAILURES {
                        self.over.store(true, Ordering::Relaxed);
                        return Err(error).context("too many runs failed in a row");
                    }
                }
            }
        }
    }

    /// Makes a run and its case.
    fn make(&self, drawn: &Drawn) -> Result<()> {
        let run = self.work.join(drawn.name());
        if drawn.floods {
            let _alone = self.machine.write().unwrap_or_else(PoisonError::into_inner);
            self.play(drawn, &run)?;
        } else {
            let _shared = self.machine.read().unwrap_or_else(PoisonError::into_inner);
            self.play(drawn, &run)?;
        }
        let case: PathBuf = self.work.join(format!("{}.case", drawn.name()));
        derive(&run, &case, &self.out.join(PROFILES))
            .with_context(|| format!("deriving the case of {}", drawn.name()))?;
        let place = self.out.join(drawn.name());
        if place.exists() {
            // Kept by a campaign that ended before it could say so.
            std::fs::remove_dir_all(&place)?;
        }
        std::fs::rename(&case, &place).context("putting a case into its place")?;
        std::fs::remove_dir_all(&run).context("clearing up")
    }

    fn play(&self, drawn: &Drawn, run: &Path) -> Result<()> {
        let mut command = (self.command)(&drawn.arguments(), run)?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let output = command.output().context("starting a run")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("{}", said.trim().lines().last().unwrap_or("the run ended without a word"));
        }
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
