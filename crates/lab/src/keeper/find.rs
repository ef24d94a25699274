//! Finding keepers among the processes, and speaking to one.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Answer, Request, SOCKET, VERB};

/// How long a keeper may take to go when told.
const PATIENCE: Duration = Duration::from_secs(5);

/// A keeper that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeper {
    /// Its process id.
    pub pid: u32,
    /// The name it was given.
    pub name: String,
}

/// The keeper of that name.
pub fn find(name: &str) -> Result<Keeper> {
    find_all()?
        .into_iter()
        .find(|keeper| keeper.name == name)
        .with_context(|| format!("no country {name:?} stands (falter-lab up)"))
}

/// All keepers that this user may speak to, by name.
pub fn find_all() -> Result<Vec<Keeper>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").context("looking through the processes")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // A process may end while it is looked at.
        let Ok(line) = std::fs::read(entry.path().join("cmdline")) else { continue };
        let words: Vec<&str> =
            line.split(|octet| *octet == 0).map(|w| std::str::from_utf8(w).unwrap_or("")).collect();
        if let [program, VERB, "--name", name, ..] = words.as_slice()
            && Path::new(program).file_name().is_some_and(|file| file == "falter-lab")
            && socket(pid).exists()
        {
            found.push(Keeper { pid, name: (*name).to_owned() });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn socket(pid: u32) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/root{SOCKET}"))
}

impl Keeper {
    /// Asks for something; `says` hears how it is going. Gives the last answer.
    pub fn ask(&self, request: &Request, says: &mut dyn FnMut(&str)) -> Result<Answer> {
        let mut stream = UnixStream::connect(socket(self.pid))
            .with_context(|| format!("speaking to the keeper of {:?}", self.name))?;
        writeln!(stream, "{}", serde_json::to_string(request)?)?;
        for line in BufReader::new(stream).lines() {
            match serde_json::from_str(&line?)? {
                Answer::Says(said) => says(&said),
                Answer::Failed(why) => bail!("{why}"),
                answer => return Ok(answer),
            }
        }
        bail!("the keeper of {:?} ended", self.name)
    }

    /// Ends it: politely first, then whatever it takes.
    pub fn end(&self) -> Result<()> {
        // One that does not answer is ended all the same.
        drop(self.ask(&Request::Down, &mut |_| {}));
        let pid = Pid::from_raw(i32::try_from(self.pid)?);
        let asked = Instant::now();
        while Path::new(&format!("/proc/{}", self.pid)).exists() {
            if asked.elapsed() > PATIENCE {
                kill(pid, Signal::SIGKILL).context("ending the keeper")?;
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}
