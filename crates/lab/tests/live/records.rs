//! What `falter record` writes in the testbed, against what watching the same finds.

use std::path::Path;
use std::process::{Command, Stdio};

use super::found::outages;
use super::{LAB, falter};

/// Faults that are recorded: one layer after the other, hosts alone, and routes first.
pub(crate) const RECORDED: [&str; 3] =
    ["power:batteries", "shutdown:filter", "shutdown:withdrawal"];

/// Runs a fault while falter records it, watches the recording with the time that it brings, and replays it; gives
/// what differs, or that nothing was found.
pub(crate) fn compare(fault: &str, folder: &Path) -> Result<usize, String> {
    let run = folder.join("run");
    let mut lab = Command::new(LAB);
    lab.args(["run", fault, "--slower", "1", "--record-only", "--live"]).arg(falter());
    succeed(lab.arg("--out").arg(&run))?;
    let (network, recorded) = (run.join("live/network.toml"), run.join("live/record.jsonl"));
    let store = folder.join("store");
    let mut watch = Command::new(falter());
    watch.arg("watch").arg(&network).args(["--synthetic", "--own-time", "--lines"]);
    succeed(watch.arg(&recorded).arg("--store").arg(&store))?;
    let watched =
        outages(Command::new(falter()).args(["outages", "--json", "--store"]).arg(&store))?;
    let mut replay = Command::new(falter());
    replay.args(["replay", "--json", "--network"]).arg(&network);
    let replayed = outages(replay.arg(&recorded))?;
    if watched != replayed {
        return Err(format!("{fault}: watched {watched:?}, replayed {replayed:?}"));
    }
    Ok(watched.len())
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    let complained = String::from_utf8_lossy(&output.stderr);
    output.status.success().then_some(()).ok_or_else(|| format!("{command:?}: {complained}"))
}
