//! How what happens now reaches whoever watches: live sources tell observations, each as the line of a
//! recording.
//!
//! What is told passes through its recorded form before anything judges it, so that a recording of it
//! replays to the same result. Lines arrive in the order in which they became known.

use falter_model::{Interned, Observation};
use tokio::sync::mpsc;

use crate::recording::{LineError, write_line};

/// A channel for lines: sources wait when `capacity` of them were not taken yet.
pub fn channel(capacity: usize) -> (Teller, Told) {
    let (to, from) = mpsc::channel(capacity.max(1));
    (Teller { to }, Told { from })
}

/// The source's end.
#[derive(Debug, Clone)]
pub struct Teller {
    to: mpsc::Sender<Vec<u8>>,
}

/// The watcher's end.
#[derive(Debug)]
pub struct Told {
    from: mpsc::Receiver<Vec<u8>>,
}

/// Why an observation was not told.
#[derive(Debug, thiserror::Error)]
pub enum TellError {
    /// It has no recorded form.
    #[error(transparent)]
    Line(#[from] LineError),
    /// Nobody watches any more: the source should end.
    #[error("nobody watches any more")]
    Gone,
}

impl Teller {
    /// Tells an observation; waits while the watcher is behind. `interned` must be the table that
    /// numbered its peer and path; an empty one does for all that is no route.
    pub async fn tell(
        &self,
        observation: &Observation,
        interned: &Interned,
    ) -> Result<(), TellError> {
        let line = line_of(observation, interned)?;
        self.to.send(line).await.map_err(|_| TellError::Gone)
    }

    /// The same from a thread of its own; must not be called from an asynchronous task.
    pub fn tell_blocking(
        &self,
        observation: &Observation,
        interned: &Interned,
    ) -> Result<(), TellError> {
        let line = line_of(observation, interned)?;
        self.to.blocking_send(line).map_err(|_| TellError::Gone)
    }

    /// Tells a line of a recording that somebody else wrote, line feed included; must not be called from
    /// an asynchronous task.
    pub fn tell_line_blocking(&self, line: Vec<u8>) -> Result<(), TellError> {
        self.to.blocking_send(line).map_err(|_| TellError::Gone)
    }
}

impl Told {
    /// The next line, with its line feed; `None` when no source is left.
    pub async fn next(&mut self) -> Option<Vec<u8>> {
        self.from.recv().await
    }

    /// The next line if one is there.
    pub fn next_now(&mut self) -> Option<Vec<u8>> {
        self.from.try_recv().ok()
    }
}

fn line_of(observation: &Observation, interned: &Interned) -> Result<Vec<u8>, LineError> {
    let mut line = Vec::with_capacity(160);
    write_line(&mut line, observation, interned)?;
    Ok(line)
}

#[cfg(test)]
mod tests {
    use falter_model::Timestamp;

    use super::*;
    use crate::recording::read_line;

    #[test]
    fn what_is_told_arrives_in_its_recorded_form() {
        let (teller, mut told) = channel(2);
        let tick = Observation::tick(Timestamp::from_seconds(7));
        teller.tell_blocking(&tick, &Interned::new()).unwrap();
        let line = told.next_now().unwrap();
        assert_eq!(read_line(&line, &mut Interned::new()).unwrap(), tick);
        assert!(told.next_now().is_none());
    }

    #[test]
    fn a_source_learns_that_nobody_watches() {
        let (teller, told) = channel(1);
        drop(told);
        let tick = Observation::tick(Timestamp::EPOCH);
        let error = teller.tell_blocking(&tick, &Interned::new()).unwrap_err();
        assert!(matches!(error, TellError::Gone));
    }
}
