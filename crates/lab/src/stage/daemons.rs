//! A program that runs until it is ended, with whatever it starts: some name servers are several processes, of
//! which a killed first one leaves the others behind, with their sockets.

use std::fs::OpenOptions;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
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
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
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
        // All that it started, and itself; none of it may be left.
        let _gone = killpg(self.pid(), Signal::SIGKILL);
        drop(self.child.kill());
        self.child.wait().context("ending a daemon")?;
        self.wait_for_the_rest();
        Ok(())
    }

    /// What it started is ours once it has gone, as we are the first process here. Elsewhere it is not, and
    /// nobody waits.
    fn wait_for_the_rest(&self) {
        let began = Instant::now();
        let group = Pid::from_raw(-self.pid().as_raw());
        while began.elapsed() < PATIENCE {
            match waitpid(group, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) => std::thread::sleep(Duration::from_millis(1)),
                Ok(_) | Err(Errno::EINTR) => {}
                Err(_) => return,
            }
        }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap_or(i32::MAX))
    }
}
