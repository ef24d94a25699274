//! What the terminal shows: written by the watchers, read by whoever draws.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use falter_model::{Entity, Outage, OutageId, Series, SignalId, Text, Timestamp};
use falter_sources::clock::monotonic;

use super::event::Event;
use super::status::Status;

/// So many values of a signal are shown.
const SHOWN_VALUES: usize = 120;
/// So many lines of what happened are shown.
const SHOWN_LINES: usize = 200;
/// So many signals of a network are shown.
const SHOWN_SIGNALS: usize = 64;
/// So many outages are remembered that ended.
const SHOWN_ENDED: usize = 8;

/// A watcher works each second; a disk that is busy with others may hold it up for some.
const STUCK: Duration = Duration::from_secs(20);

/// Shared by all watchers and the terminal.
#[derive(Debug, Clone, Default)]
pub(crate) struct Board {
    shown: Arc<Mutex<Shown>>,
}

/// Everything that is shown.
#[derive(Debug, Default, Clone)]
pub(crate) struct Shown {
    /// By name.
    pub(crate) networks: BTreeMap<Text, Network>,
    /// The last lines, oldest first.
    pub(crate) lines: VecDeque<String>,
}

/// What is shown of one network.
#[derive(Debug, Default, Clone)]
pub(crate) struct Network {
    /// What people call it.
    pub(crate) title: String,
    /// When its watcher was last seen at work, by the machine's own clock; `None` before it began.
    at_work: Option<Instant>,
    /// It has come this far in time.
    pub(crate) now: Option<Timestamp>,
    /// Values of its own signals, oldest first.
    pub(crate) signals: BTreeMap<SignalId, VecDeque<Option<f64>>>,
    /// Outages that go on, and the last that ended.
    pub(crate) outages: BTreeMap<OutageId, Outage>,
    /// What this vantage point can't trust, by concern.
    pub(crate) troubles: BTreeMap<&'static str, String>,
    /// Its sources.
    pub(crate) sources: Vec<Status>,
}

impl Board {
    /// Everything as it stands.
    pub(crate) fn shown(&self) -> Shown {
        self.lock().clone()
    }

    /// A network that is watched from now on.
    pub(crate) fn add(&self, name: Text, title: &str, sources: Vec<Status>) {
        let mut network = Network { title: title.to_owned(), sources, ..Network::default() };
        network.goes_on();
        self.lock().networks.insert(name, network);
    }

    /// Something happened.
    pub(crate) fn line(&self, event: &Event) {
        let mut shown = self.lock();
        if shown.lines.len() >= SHOWN_LINES {
            shown.lines.pop_front();
        }
        shown.lines.push_back(event.line());
    }

    /// Changes what is shown of a network.
    pub(crate) fn of(&self, name: &Text, change: impl FnOnce(&mut Network)) {
        if let Some(network) = self.lock().networks.get_mut(name) {
            change(network);
        }
    }

    /// Networks whose watcher was not seen at work for longer than [`STUCK`].
    pub(crate) fn stuck(&self) -> Vec<Text> {
        let (shown, now) = (self.lock(), monotonic());
        let networks = shown.networks.iter();
        networks.filter(|(_, one)| one.is_stuck(now)).map(|(name, _)| name.clone()).collect()
    }

    /// True where an outage goes on anywhere.
    pub(crate) fn outage_goes_on(&self) -> bool {
        let shown = self.lock();
        let mut outages = shown.networks.values().flat_map(|network| network.outages.values());
        outages.any(|outage| outage.until.is_none())
    }

    /// A drawer that panicked leaves what was written.
    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Network {
    /// Its watcher is at work.
    pub(crate) fn goes_on(&mut self) {
        self.at_work = Some(monotonic());
    }

    fn is_stuck(&self, now: Instant) -> bool {
        self.at_work.is_none_or(|at| now.saturating_duration_since(at) > STUCK)
    }

    /// New values of its own signals.
    pub(crate) fn take_series(&mut self, own: &Entity, series: &[Series]) {
        for one in series.iter().filter(|one| one.entity == *own) {
            if self.signals.len() >= SHOWN_SIGNALS && !self.signals.contains_key(&one.signal) {
                continue;
            }
            let values = self.signals.entry(one.signal.clone()).or_default();
            values.extend(one.points.iter().map(|(_, value)| *value));
            let surplus = values.len().saturating_sub(SHOWN_VALUES);
            values.drain(..surplus);
        }
    }

    /// An outage as it stands.
    pub(crate) fn take_outage(&mut self, outage: &Outage) {
        self.outages.insert(outage.id.clone(), outage.clone());
        let ended: Vec<OutageId> = self
            .outages
            .values()
            .filter(|outage| outage.until.is_some())
            .map(|outage| outage.id.clone())
            .collect();
        for id in ended.iter().take(ended.len().saturating_sub(SHOWN_ENDED)) {
            self.outages.remove(id);
        }
    }

    /// The outage of the whole that goes on, else the latest that does.
    pub(crate) fn present(&self) -> Option<&Outage> {
        let open = self.outages.values().filter(|outage| outage.until.is_none());
        open.max_by_key(|outage| (outage.entity.is_top(), outage.from.first_bad))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watcher_that_does_nothing_is_stuck() {
        let board = Board::default();
        board.add("kp".into(), "North Korea", Vec::new());
        board.add("ug".into(), "Uganda", Vec::new());
        assert!(board.stuck().is_empty());
        let long_ago = monotonic().checked_sub(STUCK + Duration::from_secs(1));
        board.of(&"ug".into(), |network| network.at_work = long_ago);
        assert_eq!(board.stuck(), [Text::from("ug")]);
        board.of(&"ug".into(), Network::goes_on);
        assert!(board.stuck().is_empty());
    }
}
