//! Runs that falter watches: those that flood have the machine to themselves, others go side by side.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;

use falter_lab::country::{Country, Size};
use falter_lab::faults;
use falter_lab::run::usage::Usage;
use tempfile::TempDir;

use super::found::Found;
use super::{LAB, falter};

/// How often a run is made before it is believed that falter does not find what it shall.
const TRIES: usize = 2;

/// A run that is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Play {
    name: String,
    seed: usize,
    floods: bool,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Done {
    number: usize,
    play: Play,
    found: Result<Found, String>,
    tries: usize,
    folder: TempDir,
}

/// The runs of `all`, a fault or `fault:implementation`, of so many seeds.
pub(crate) fn asked(what: &str, seeds: usize) -> Vec<Play> {
    let country = Country::new(&Size::default());
    let mut plays = Vec::new();
    for fault in faults::ALL {
        for implementation in fault.implementations {
            let name = format!("{}:{}", fault.name, implementation.name);
            if what != "all" && what != fault.name && what != name {
                continue;
            }
            // That the own uplink is lost happens to everybody, and must never accuse anybody.
            let seeds = if implementation.name == "uplink-cut" { seeds.max(5) } else { seeds };
            plays.extend((1..=seeds).map(|seed| {
                let number = u64::try_from(seed).unwrap();
                let parameters = std::collections::BTreeMap::new();
                let how = Some(implementation.name);
                let story = faults::story(&country, fault.name, how, &parameters, number).unwrap();
                Play { name: name.clone(), seed, floods: story.floods() }
            }));
        }
    }
    plays
}

/// Makes them, so many side by side, and `tell`s after each what came of all so far, in the order in which they were
/// asked. Gives that in the end.
pub(crate) fn play_all(
    asked: &[Play],
    side_by_side: usize,
    tell: &(dyn Fn(&[Done]) + Sync),
) -> Vec<Done> {
    let (alone, together): (Vec<_>, Vec<_>) =
        (0..).zip(asked).partition(|(_, play): &(usize, &Play)| play.floods);
    let done: Mutex<Vec<Done>> = Mutex::default();
    for (plays, workers) in [(together, side_by_side), (alone, 1)] {
        let queue = Mutex::new(plays.into_iter());
        thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some((number, play)) = next(&queue) {
                        let came = Done::of(number, play);
                        eprintln!("{}", came.row());
                        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                        let place = done.partition_point(|done| done.number < number);
                        done.insert(place, came);
                        tell(&done);
                    }
                });
            }
        });
    }
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn next<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).next()
}

impl Done {
    fn of(number: usize, play: &Play) -> Self {
        let mut tries = (1..=TRIES).map(|tries| {
            let folder = tempfile::tempdir().unwrap();
            let found = run(play, &folder.path().join("run"));
            Self { number, play: play.clone(), found, tries, folder }
        });
        let first = tries.next().unwrap();
        let done = if first.is_right() { first } else { tries.next().unwrap() };
        if done.is_right() {
            return done;
        }
        // To be looked at, like whatever a red test leaves.
        let Self { number, play, found, tries, mut folder } = done;
        folder.disable_cleanup(env::var_os("FALTER_LAB_KEEP").is_some());
        eprintln!("{}", folder.path().display());
        Self { number, play, found, tries, folder }
    }

    /// As it should be.
    pub(crate) fn is_right(&self) -> bool {
        self.found.as_ref().is_ok_and(Found::is_right)
    }

    /// Its line of the table.
    pub(crate) fn row(&self) -> String {
        let Play { name, seed, .. } = &self.play;
        match &self.found {
            Ok(found) => found.row(name, *seed, self.tries),
            Err(error) => format!("| {name} | {seed} | not played: {error} |"),
        }
    }

    /// What falter took of the machine.
    pub(crate) fn usage(&self) -> Option<Usage> {
        self.found.as_ref().ok()?.usage()
    }

    /// The folder of a run in which nothing was out, and nothing was told.
    pub(crate) fn quiet(&self) -> Option<&Path> {
        let quiet = self.found.as_ref().is_ok_and(|found| found.is_quiet() && found.is_right());
        quiet.then(|| self.folder.path())
    }
}

/// Lets falter watch a run, and compares.
fn run(play: &Play, out: &Path) -> Result<Found, String> {
    let mut command = Command::new(LAB);
    command.arg("run").arg(&play.name);
    command.args(["--slower", "1", "--seed", &play.seed.to_string(), "--live"]).arg(falter());
    command.arg("--out").arg(out);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    Found::read(&falter(), out)
}
