//! Long cables: a tun device at each end, and a relay that hands every packet on after a fixed delay.
//!
//! One thread serves all of them: it sleeps until a packet comes or is due.

use std::collections::VecDeque;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;
use serde::{Deserialize, Serialize};
use tun_rs::{DeviceBuilder, Layer, SyncDevice};

use super::daemons::Daemon;
use super::namespaces::Ns;

/// What a relay says once its devices are there.
const READY: &str = "ready";
/// Packets on the way in one direction: a second of full frames at 15 Mbit/s. More are lost, as on any
/// cable.
const ON_THE_WAY: usize = 1_200;
/// The longest packet of a device.
const MTU: usize = 1_500;

/// A cable with a length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// Node and device of one end.
    pub left: (String, String),
    /// Node and device of the other.
    pub right: (String, String),
    /// Delay each way, microseconds.
    pub delay_us: u32,
}

/// One direction of a cable.
struct Direction {
    from: usize,
    to: usize,
    delay: Duration,
    on_the_way: VecDeque<(Instant, Vec<u8>)>,
}

/// Starts a relay as a process of its own and waits until its devices are there.
pub(super) fn start(pairs: &[Pair], folder: &Path) -> Result<Daemon> {
    let plan = folder.join("relay.json");
    std::fs::write(&plan, serde_json::to_vec(pairs)?)?;
    let log = OpenOptions::new().create(true).append(true).open(folder.join("relay.log"))?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg("relay")
        .arg(&plan)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .context("starting the relay")?;
    let said =
        child.stdout.take().and_then(|out| BufReader::new(out).lines().next()).transpose()?;
    if said.as_deref() != Some(READY) {
        let why = std::fs::read_to_string(folder.join("relay.log")).unwrap_or_default();
        bail!("the relay did not start: {}", why.trim());
    }
    Ok(Daemon::of(child))
}

/// Makes the devices of all pairs, says so on `ready`, and relays until it is ended.
pub fn relay(pairs: &[Pair], ready: &mut dyn Write) -> Result<()> {
    let mut devices = Vec::with_capacity(2 * pairs.len());
    let mut directions = Vec::with_capacity(2 * pairs.len());
    for pair in pairs {
        let place = devices.len();
        for (node, name) in [&pair.left, &pair.right] {
            devices.push(device(node, name)?);
        }
        let delay = Duration::from_micros(u64::from(pair.delay_us));
        for (from, to) in [(place, place + 1), (place + 1, place)] {
            directions.push(Direction { from, to, delay, on_the_way: VecDeque::new() });
        }
    }
    writeln!(ready, "{READY}")?;
    ready.flush()?;
    loop {
        wait(&devices, &directions)?;
        for direction in &mut directions {
            direction.take(&devices)?;
            direction.give(&devices, Instant::now())?;
        }
    }
}

fn device(node: &str, name: &str) -> Result<SyncDevice> {
    Ns::named(node).enter()?;
    let device = DeviceBuilder::new()
        .name(name)
        .layer(Layer::L3)
        .build_sync()
        .with_context(|| format!("making device {name} in {node}"))?;
    device.set_nonblocking(true)?;
    Ok(device)
}

/// Sleeps until a packet comes, or the next is due.
fn wait(devices: &[SyncDevice], directions: &[Direction]) -> Result<()> {
    let due =
        directions.iter().filter_map(|direction| direction.on_the_way.front()).map(|(at, _)| *at);
    let timeout =
        due.min().map(|at| TimeSpec::from_duration(at.saturating_duration_since(Instant::now())));
    let borrowed: Vec<BorrowedFd<'_>> = devices.iter().map(AsFd::as_fd).collect();
    let mut polled: Vec<PollFd<'_>> =
        borrowed.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
    match ppoll(&mut polled, timeout, None) {
        Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
        Err(error) => Err(error).context("waiting for packets"),
    }
}

impl Direction {
    /// Takes what came in.
    fn take(&mut self, devices: &[SyncDevice]) -> Result<()> {
        let Some(device) = devices.get(self.from) else { return Ok(()) };
        let mut packet = [0; MTU];
        loop {
            match device.recv(&mut packet) {
                Ok(length) if self.on_the_way.len() < ON_THE_WAY => {
                    let octets = packet.get(..length).unwrap_or_default().to_vec();
                    self.on_the_way.push_back((Instant::now() + self.delay, octets));
                }
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(()),
                // A device that is down has nothing to say.
                Err(error) if error.raw_os_error() == Some(nix::libc::EIO) => return Ok(()),
                Err(error) => return Err(error).context("reading from a cable"),
            }
        }
    }

    /// Hands on what is due by `now`.
    fn give(&mut self, devices: &[SyncDevice], now: Instant) -> Result<()> {
        let Some(device) = devices.get(self.to) else { return Ok(()) };
        while self.on_the_way.front().is_some_and(|(due, _)| *due <= now) {
            let Some((_, packet)) = self.on_the_way.pop_front() else { break };
            match device.send(&packet) {
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                // What arrives at a device that is down is lost.
                Err(error) if error.raw_os_error() == Some(nix::libc::EIO) => {}
                Err(error) => return Err(error).context("writing to a cable"),
            }
        }
        Ok(())
    }
}
