//! A program that runs until it is ended.

use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::namespaces::Ns;

/// How long a daemon may take to end when asked.
const PATIENCE: Duration = Duration::from_secs(2);

/// See the module.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
}

impl Daemon {
    /// Starts a program inside a namespace; what it says is appended to `log`.
    pub fn start(ns: &Ns, mut command: Command, log: &Path) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = ns.inside(|| command.spawn().with_context(|| format!("running {name}")))?;
        Ok(Self { child })
    }

    /// Takes a child that was started otherwise.
    pub(super) const fn of(child: Child) -> Self {
        Self { child }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// True while it runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        kill(self.pid(), signal).context("signalling a daemon")
    }

    /// Ends it: by itself and in order, or at once and without a word where `killed`.
    pub fn stop(mut self, killed: bool) -> Result<()> {
        if !killed {
            // One that has ended already has nothing to be told.
            let _gone = kill(self.pid(), Signal::SIGTERM);
            let asked = Instant::now();
            while self.runs() && asked.elapsed() < PATIENCE {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        drop(self.child.kill());
        self.child.wait().context("ending a daemon")?;
        Ok(())
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap_or(i32::MAX))
    }
}
