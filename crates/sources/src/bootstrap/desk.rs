//! Where a feed asks for tables, and gets them.

use std::sync::Arc;

use falter_model::Timestamp;
use tokio::sync::{mpsc, watch};

use super::CollectorTable;

/// Tables that wait for the feed to take them.
const WAITING: usize = 8;

/// A feed's end and, for whoever reads archives, the other one.
pub fn desk() -> (Asking, Desk) {
    let (wanted, wants) = watch::channel(None);
    let (give, given) = mpsc::channel(WAITING);
    (Asking { wanted, given }, Desk { wants, give })
}

/// The feed's end.
#[derive(Debug)]
pub struct Asking {
    wanted: watch::Sender<Option<Timestamp>>,
    given: mpsc::Receiver<Given>,
}

/// The other end.
#[derive(Debug)]
pub struct Desk {
    pub(super) wants: watch::Receiver<Option<Timestamp>>,
    give: mpsc::Sender<Given>,
}

/// A table for a feed that is connected since `since`.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) since: Timestamp,
    pub(crate) table: Arc<CollectorTable>,
}

impl Asking {
    /// The feed hears everything from `since` on: what its peers carried then is asked for.
    pub(crate) fn ask(&self, since: Timestamp) {
        self.wanted.send_replace(Some(since));
    }

    /// The feed is lost: nothing is asked for.
    pub(crate) fn withdraw(&self) {
        self.wanted.send_replace(None);
    }

    /// The next table. Cancel-safe; waits for ever where nobody gives any.
    pub(crate) async fn given(&mut self) -> Given {
        match self.given.recv().await {
            Some(given) => given,
            None => std::future::pending().await,
        }
    }
}

impl Desk {
    /// Gives a table; false where nobody takes it any more.
    pub(super) async fn give(&self, since: Timestamp, table: Arc<CollectorTable>) -> bool {
        self.give.send(Given { since, table }).await.is_ok()
    }
}
