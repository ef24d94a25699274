//! Starting a keeper in namespaces of its own.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::VERB;
use crate::country::Size;
use crate::needs;

/// What a keeper that stands says.
pub(super) const READY: &str = "ready";
/// What a keeper says before why it could not build the country.
pub(super) const FAILED: &str = "failed: ";

/// Whether a keeper lives on when who started it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// It ends with who started it, however that ends.
    Tied,
    /// It stays until it is told to go.
    Free,
}

/// A keeper that this process started.
#[derive(Debug)]
pub struct Spawned {
    child: Child,
    /// While it is open, a tied keeper stays.
    line: Option<ChildStdin>,
}

impl Spawned {
    /// Waits until it has ended.
    pub fn wait(mut self) -> Result<()> {
        drop(self.line.take());
        self.child.wait().context("waiting for the keeper").map(drop)
    }
}

/// An error that says why no country can stand here: programs are missing, or namespaces cannot be made.
pub fn can_stand() -> Result<()> {
    needs::check()?;
    let output = unshare()
        .args(["sh", "-c", "mount -t tmpfs none /run && ip netns add try && test -c /dev/net/tun"])
        .stdin(Stdio::null())
        .output()
        .context("running unshare (Debian package: util-linux)")?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        bail!("network namespaces cannot be made here: {}", why.trim());
    }
    Ok(())
}

/// Starts a keeper of that name and waits until its country stands; `says` hears how it is going.
pub fn spawn(name: &str, size: &Size, tie: Tie, says: &mut dyn FnMut(&str)) -> Result<Spawned> {
    let mut command = unshare();
    command.arg(std::env::current_exe()?).arg(VERB).arg("--name").arg(name);
    command.arg("--size").arg(serde_json::to_string(size)?);
    match tie {
        Tie::Tied => command.arg("--tied").stdin(Stdio::piped()),
        // A group of its own: what is typed at the terminal concerns it no more.
        Tie::Free => command.stdin(Stdio::null()).process_group(0),
    };
    let mut child = command
        .stdout(Stdio::piped())
        // Nothing of a keeper that stays may hold on to the terminal, or to a pipe of who called.
        .stderr(Stdio::null())
        .spawn()
        .context("running unshare (Debian package: util-linux)")?;
    let line = child.stdin.take();
    let out = child.stdout.take().context("the keeper has no output")?;
    let mut why = Vec::new();
    for said in BufReader::new(out).lines() {
        match said?.as_str() {
            READY => return Ok(Spawned { child, line }),
            other => match other.strip_prefix(FAILED) {
                Some(reason) => why.push(reason.to_owned()),
                None => says(other),
            },
        }
    }
    let status = child.wait()?;
    bail!("the country could not be built: {} ({status})", why.join("; "))
}

/// Namespaces of its own for users (where not root), network, pids and mounts; all that is in them goes
/// when the first process goes, and that goes when `unshare` does.
fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.arg(if nix::unistd::geteuid().is_root() { "-npm" } else { "-Urnpm" });
    command.args(["--fork", "--kill-child", "--"]);
    command
}
