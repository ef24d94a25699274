//! Named network namespaces, and work that is done inside one.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use nix::sched::{CloneFlags, setns};

use crate::country::Country;

/// Where `ip netns` keeps its names.
const NAMES: &str = "/run/netns";

/// A network namespace by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ns {
    name: String,
}

impl Ns {
    /// The namespace of that name.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned() }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Does something inside: on a thread of its own, since a thread belongs to one namespace. What is
    /// opened or started there stays there.
    pub fn inside<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| {
                self.enter()?;
                work()
            });
            worker.join().unwrap_or_else(|_| bail!("work in {} broke off", self.name))
        })
    }

    /// Moves this thread into the namespace, for good.
    pub fn enter(&self) -> Result<()> {
        let path = PathBuf::from(NAMES).join(&self.name);
        let file = File::open(&path).with_context(|| format!("no namespace {}", self.name))?;
        setns(&file, CloneFlags::CLONE_NEWNET).with_context(|| format!("entering {}", self.name))
    }

    /// Runs a program inside and gives what it printed; a failure tells what it said.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Result<String> {
        self.inside(|| finished(Command::new(program).args(arguments), ""))
    }

    /// The same, with `input` on its standard input.
    pub fn feed(&self, program: &str, arguments: &[&str], input: &str) -> Result<String> {
        self.inside(|| finished(Command::new(program).args(arguments), input))
    }

    /// Writes a kernel setting, such as `net/ipv4/ip_forward`.
    pub fn set(&self, key: &str, value: &str) -> Result<()> {
        let path = PathBuf::from("/proc/sys").join(key);
        self.inside(|| std::fs::write(&path, value).with_context(|| format!("setting {key}")))
    }
}

/// Runs a program to its end with `input` and gives what it printed.
pub(crate) fn finished(command: &mut Command, input: &str) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("running {name}"))?;
    if let Some(mut pipe) = child.stdin.take() {
        // A program that needs no input may have closed it already.
        drop(pipe.write_all(input.as_bytes()));
    }
    let output = child.wait_with_output().with_context(|| format!("running {name}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{name}: {}",
            if complaint.trim().is_empty() { said.trim() } else { complaint.trim() }
        );
    }
    Ok(said)
}

/// Makes the namespaces of a country.
pub(super) fn add(country: &Country) -> Result<()> {
    let lines: Vec<String> =
        country.nodes.iter().map(|node| format!("netns add {}", node.name)).collect();
    finished(Command::new("ip").args(["-batch", "-"]), &lines.join("\n"))
        .context("making namespaces")?;
    Ok(())
}
