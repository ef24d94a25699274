//! A fault that goes on while people look: it is told step by step, and ended when they say so.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::faults;
use crate::stage::Stage;
use crate::story::Story;

/// How often a story looks whether it was ended.
const LOOKS_EVERY: Duration = Duration::from_millis(20);

/// The stage, with the fault that goes on.
#[derive(Debug)]
pub struct Drill {
    stage: Arc<Mutex<Stage>>,
    going_on: Mutex<Option<GoingOn>>,
}

/// A story that is being played.
#[derive(Debug)]
struct GoingOn {
    ended: Arc<AtomicBool>,
    /// Gives what could not be done.
    player: JoinHandle<Vec<anyhow::Error>>,
}

impl Drill {
    /// A country in which nothing is wrong.
    pub fn new(stage: Stage) -> Self {
        Self { stage: Arc::new(Mutex::new(stage)), going_on: Mutex::new(None) }
    }

    /// Does something with the stage; nobody else does meanwhile.
    pub fn with_stage<T>(&self, work: impl FnOnce(&mut Stage) -> Result<T>) -> Result<T> {
        work(&mut locked(&self.stage))
    }

    /// Begins a fault and comes back at once; it plays on by itself.
    pub fn begin(
        &self,
        fault: &str,
        implementation: Option<&str>,
        parameters: &BTreeMap<String, f64>,
        seed: u64,
        says: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let mut going_on = locked(&self.going_on);
        if going_on.as_ref().is_some_and(|story| !story.player.is_finished()) {
            bail!("a fault is going on already (falter-lab mend)");
        }
        let story = self.with_stage(|stage| {
            faults::story(stage.country(), fault, implementation, parameters, seed)
        })?;
        says(&format!("{}, {}: {}", story.fault, story.implementation, story.extent));
        for step in &story.steps {
            says(&format!("{:6.1} s  {}", step.at.as_secs_f64(), step.action));
        }
        let ended = Arc::new(AtomicBool::new(false));
        let (stage, heard) = (Arc::clone(&self.stage), Arc::clone(&ended));
        let player = thread::spawn(move || play(&story, &stage, &heard));
        *going_on = Some(GoingOn { ended, player });
        Ok(())
    }

    /// Ends what goes on and puts everything back; `says` hears what of the fault could not be done.
    pub fn mend(&self, says: &mut dyn FnMut(&str)) -> Result<()> {
        if let Some(story) = locked(&self.going_on).take() {
            story.ended.store(true, Ordering::Relaxed);
            let failures = story.player.join();
            self.with_stage(Stage::restore)?;
            let Ok(failures) = failures else { bail!("the fault broke off by itself") };
            for failure in failures {
                says(&format!("not done: {failure:#}"));
            }
            return Ok(());
        }
        self.with_stage(Stage::restore)
    }
}

/// Plays a story to its end or until it is ended. What can't be done leaves the rest to be done.
fn play(story: &Story, stage: &Mutex<Stage>, ended: &AtomicBool) -> Vec<anyhow::Error> {
    let mut failures = Vec::new();
    let began = Instant::now();
    for step in &story.steps {
        while began.elapsed() < step.at {
            if ended.load(Ordering::Relaxed) {
                return failures;
            }
            thread::sleep(LOOKS_EVERY.min(step.at.saturating_sub(began.elapsed())));
        }
        failures.extend(locked(stage).perform(&step.action).err());
    }
    failures
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
