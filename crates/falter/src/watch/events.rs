//! The way of events from the watchers to whoever prints or draws them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use falter_model::Timestamp;

use super::board::Board;
use super::event::{Event, What};

/// So many events wait to be printed; whoever reads them more slowly misses some, and is told so: nobody
/// who reads can stop the watching.
const WAITING: usize = 1_024;

/// Where events are told.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    to: SyncSender<Event>,
    missed: Arc<AtomicU64>,
    board: Board,
}

impl Events {
    /// Events that also appear on the board, and where they come out.
    pub(crate) fn new(board: Board) -> (Self, Receiver<Event>) {
        let (to, from) = sync_channel(WAITING);
        (Self { to, missed: Arc::default(), board }, from)
    }

    /// The board that they appear on.
    pub(crate) const fn board(&self) -> &Board {
        &self.board
    }

    /// Tells an event.
    pub(crate) fn tell(&self, event: Event) {
        self.board.line(&event);
        let missed = self.missed.swap(0, Ordering::Relaxed);
        if missed > 0 {
            let says = format!("{missed} events were not printed: they are not read fast enough");
            let what = What::Health { concern: "output", well: false, says };
            let event = Event { at: event.at, network: None, what };
            self.send(event, missed);
        }
        self.send(event, 0);
    }

    /// Tells how one thing of this vantage point is.
    pub(crate) fn health(&self, at: Timestamp, concern: &'static str, well: bool, says: String) {
        if well {
            tracing::info!(concern, says, "Well again.");
        } else {
            tracing::warn!(concern, says, "Trouble.");
        }
        self.tell(Event { at, network: None, what: What::Health { concern, well, says } });
    }

    fn send(&self, event: Event, missed: u64) {
        if let Err(TrySendError::Full(_)) = self.to.try_send(event) {
            self.missed.fetch_add(missed + 1, Ordering::Relaxed);
        }
    }
}
