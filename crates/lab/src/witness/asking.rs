//! Asking something again and again, in a namespace, until told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use falter_model::Observation;

use crate::stage::Ns;

/// How often the end is looked for.
const LOOKS_EVERY: Duration = Duration::from_millis(50);

/// Those who ask; all stop together.
#[derive(Debug, Default)]
pub(super) struct Askers {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Result<Vec<Observation>>>>,
}

impl Askers {
    /// Asks every `period`, from `delay` on, whatever the answers take; a question that takes longer
    /// delays the next. `ask` is told how many were asked before.
    pub(super) fn ask(
        &mut self,
        ns: Ns,
        (delay, period): (Duration, Duration),
        mut ask: impl FnMut(usize) -> Result<Observation> + Send + 'static,
    ) {
        let over = Arc::clone(&self.over);
        self.threads.push(thread::spawn(move || {
            ns.enter()?;
            let mut answers = Vec::new();
            let mut next = Instant::now() + delay;
            while sleep_until(next, &over) {
                answers.push(ask(answers.len())?);
                next = (next + period).max(Instant::now());
            }
            Ok(answers)
        }));
    }

    /// Lets all finish their question, and gives all answers.
    pub(super) fn end(self) -> Result<Vec<Observation>> {
        self.over.store(true, Ordering::Relaxed);
        let mut answers = Vec::new();
        for thread in self.threads {
            match thread.join() {
                Ok(own) => answers.extend(own?),
                Err(_) => bail!("a witness broke off"),
            }
        }
        Ok(answers)
    }
}

/// Sleeps; false once it is over.
pub(super) fn sleep_until(moment: Instant, over: &AtomicBool) -> bool {
    while !over.load(Ordering::Relaxed) {
        let left = moment.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        thread::sleep(left.min(LOOKS_EVERY));
    }
    false
}
