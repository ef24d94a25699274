//! When a file had grown how far: what programs write without a time of its own gets one this way.
//!
//! BIRD stamps its updates with whole seconds, which is too coarse once a second becomes a minute. So
//! the file is looked at while it grows; a record's time is when its end was first there.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use falter_model::{Clock, Timestamp};
use falter_sources::clock::SystemClock;

/// Between two looks: what times are good to.
const LOOKS_EVERY: Duration = Duration::from_millis(5);

/// How long a file was when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Growth {
    /// When it was first seen that long, and how long; both ascend.
    seen: Vec<(Timestamp, u64)>,
}

/// Looks at a file while it grows.
#[derive(Debug)]
pub struct Watch {
    over: Arc<AtomicBool>,
    watcher: JoinHandle<Growth>,
}

impl Growth {
    /// Notes a length; one that is not greater than before says nothing.
    pub fn note(&mut self, at: Timestamp, length: u64) {
        if length > self.seen.last().map_or(0, |(_, length)| *length) {
            self.seen.push((at, length));
        }
    }

    /// When the file was first seen with at least this many octets; `None` if it never was.
    pub fn when(&self, length: u64) -> Option<Timestamp> {
        let place = self.seen.partition_point(|(_, seen)| *seen < length);
        self.seen.get(place).map(|(at, _)| *at)
    }
}

impl Watch {
    /// Begins to look. A file that is not there yet has no octets.
    pub fn begin(path: &Path) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (path, heard) = (path.to_owned(), Arc::clone(&over));
        let mut growth = Growth::default();
        // At once, so that what was there before is known to be older than what follows.
        look(&path, &mut growth);
        Self { over, watcher: thread::spawn(move || look_on(&path, growth, &heard)) }
    }

    /// Ends it and tells what was seen.
    pub fn end(self) -> Growth {
        self.over.store(true, Ordering::Relaxed);
        // The watcher does nothing that could panic.
        self.watcher.join().unwrap_or_default()
    }
}

fn look_on(path: &Path, mut growth: Growth, over: &AtomicBool) -> Growth {
    loop {
        // Once more after the end: what was written last has a time too.
        let last = over.load(Ordering::Relaxed);
        look(path, &mut growth);
        if last {
            return growth;
        }
        thread::sleep(LOOKS_EVERY);
    }
}

fn look(path: &Path, growth: &mut Growth) {
    if let Ok(file) = std::fs::metadata(path) {
        growth.note(SystemClock.now(), file.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_octet_was_there_when_the_file_was_first_seen_that_long() {
        let mut growth = Growth::default();
        for (second, length) in [(1, 10), (2, 10), (3, 25), (4, 20), (5, 30)] {
            growth.note(Timestamp::from_seconds(second), length);
        }
        let when = |length| growth.when(length).map(Timestamp::seconds);
        assert_eq!(when(1), Some(1));
        assert_eq!(when(10), Some(1));
        assert_eq!(when(11), Some(3));
        assert_eq!(when(30), Some(5));
        assert_eq!(when(31), None);
    }

    #[test]
    fn a_watch_sees_the_last_octets_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("grows");
        let watch = Watch::begin(&path);
        std::fs::write(&path, [0; 7]).unwrap();
        assert!(watch.end().when(7).is_some());
    }
}
