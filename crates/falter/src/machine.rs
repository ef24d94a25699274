//! What the machine says of itself: room on its disk, whether its clock is synchronized, its limits.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::resource::{Resource, getrlimit};
use nix::sys::statvfs::statvfs;

/// Less room than this is trouble: some days of observations at 100 probes a second.
pub(crate) const LITTLE_ROOM_OCTETS: u64 = 1 << 30;

/// Whether somebody keeps the clock right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Synchronized {
    /// Somebody does.
    Yes,
    /// The kernel says that nobody does.
    No,
    /// Nobody here can tell.
    Unknown,
}

/// Octets that may still be written where a folder is, or will be made.
pub(crate) fn free_octets(folder: &Path) -> io::Result<u64> {
    let there = folder.ancestors().find(|part| part.exists()).unwrap_or_else(|| Path::new("."));
    let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
    let disk = statvfs(there).map_err(io::Error::from)?;
    Ok(disk.blocks_available().saturating_mul(disk.fragment_size()))
}

/// Asks whoever keeps the clock. The kernel itself can't be asked without unsafe code (adjtimex).
pub(crate) fn synchronized() -> Synchronized {
    // Written by systemd-timesyncd once it is synchronized.
    if Path::new("/run/systemd/timesync/synchronized").exists() {
        return Synchronized::Yes;
    }
    // What timedatectl tells is the kernel's word (adjtimex), whoever keeps the clock.
    match said_by("timedatectl", &["show", "--property=NTPSynchronized", "--value"]).as_deref() {
        Some("yes") => Synchronized::Yes,
        Some("no") => Synchronized::No,
        _ => Synchronized::Unknown,
    }
}

/// How many files may be open at once.
pub(crate) fn most_open_files() -> io::Result<u64> {
    Ok(getrlimit(Resource::RLIMIT_NOFILE).map_err(io::Error::from)?.0)
}

fn said_by(program: &str, arguments: &[&str]) -> Option<String> {
    let output =
        Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
