//! What falter took of the machine while it watched.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::unistd::{SysconfVar, sysconf};
use serde::{Deserialize, Serialize};

/// Its file, in the folder of what falter leaves.
pub const FILE: &str = "usage.toml";

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// The most memory that it held at a time, in megabytes.
    pub peak_megabytes: f64,
    /// Processor time, in seconds.
    pub cpu_s: f64,
    /// How long it watched, in seconds.
    pub watched_s: f64,
}

impl Usage {
    /// That of a process that still runs, after so long (proc(5)).
    pub(super) fn of(process: u32, watched: Duration) -> Result<Self> {
        let folder = folder_of(process)?;
        let status = fs::read_to_string(folder.join("status"))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.split_whitespace().next()?.parse::<f64>().ok());
        let stat = fs::read_to_string(folder.join("stat"))?;
        // Behind the name, which may hold anything: the 12th and 13th are ticks in user and kernel mode.
        let (_, behind) = stat.rsplit_once(')').context("no name in stat")?;
        let ticks = behind.split_whitespace().skip(11).take(2);
        let ticks: f64 = ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
        let per_second = sysconf(SysconfVar::CLK_TCK)?.context("no clock")?;
        Ok(Self {
            peak_megabytes: peak.context("no VmHWM in status")? / 1024.0,
            cpu_s: ticks / f64::from(i32::try_from(per_second)?),
            watched_s: watched.as_secs_f64(),
        })
    }

    /// Share of one core.
    pub fn share(&self) -> f64 {
        self.cpu_s / self.watched_s
    }
}

/// Where the kernel tells of a process of our own pid namespace: /proc may be that of another, which numbers it
/// otherwise (`pid_namespaces(7)`).
fn folder_of(process: u32) -> Result<PathBuf> {
    let proc = Path::new("/proc");
    let own = fs::read_link(proc.join("self/ns/pid"))?;
    let is_it = |folder: &PathBuf| {
        let status = fs::read_to_string(folder.join("status")).unwrap_or_default();
        let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
        let number = numbers.and_then(|numbers| numbers.split_whitespace().last());
        number == Some(&*process.to_string())
            && fs::read_link(folder.join("ns/pid")).is_ok_and(|namespace| namespace == own)
    };
    let mut folders = fs::read_dir(proc)?.filter_map(|entry| Some(entry.ok()?.path()));
    folders.find(is_it).with_context(|| format!("no process {process} in /proc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_runs_takes_something() {
        let usage = Usage::of(std::process::id(), Duration::from_secs(10)).unwrap();
        assert!(usage.peak_megabytes > 1.0, "{usage:?}");
        assert!((0.0..100.0).contains(&usage.share()), "{usage:?}");
        assert!(Usage::of(u32::MAX, Duration::from_secs(1)).is_err());
    }
}
