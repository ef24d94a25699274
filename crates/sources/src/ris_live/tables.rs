//! Tables from archives on their way to the networks: each waits until its collector is heard.
//!
//! A collector that the feed does not pass on says nothing of what its peers lose: its table would stand for
//! ever. So would that of a peer whose session is gone: a live one gives a sign of life at least once in its
//! hold time, 90 s by RFC 4271 and 180 s in common implementations.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use falter_model::{Span, Text, Timestamp};
use tokio::time::Instant;

use crate::bootstrap::{Asking, CollectorTable, Given};
use crate::feed::Event;

/// A peer whose table was told is heard within this, or not held to be up any more.
const HEARD_WITHIN: Duration = Duration::from_mins(3);
/// Messages of a collector may lie so far back when they arrive; an earlier time is a mistake.
const MOST_DELAYED: Span = Span::from_minutes(5);
/// A table that is told once more is of a moment after the first, for it replaces it.
const AGAIN_AFTER: Span = Span::from_seconds(1);
/// Collectors that are believed in: RIS has about 25.
const MOST_COLLECTORS: usize = 256;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// `None` where nobody reads archives.
    asking: Option<Asking>,
    /// When the connection that stands was made.
    since: Option<Timestamp>,
    /// The earliest message of each collector since.
    begun: BTreeMap<Text, Timestamp>,
    waiting: BTreeMap<Text, Arc<CollectorTable>>,
    /// Of which moment a table was told.
    told: BTreeMap<Text, Timestamp>,
    /// When those that were not heard are not believed any more.
    due: Option<Instant>,
}

impl Tables {
    /// From whoever reads archives.
    pub(super) fn from(asking: Asking) -> Self {
        Self { asking: Some(asking), ..Self::default() }
    }

    /// The feed is connected: everything is heard from here on.
    pub(super) fn connected(&mut self, since: Timestamp) {
        let asking = self.asking.take();
        if let Some(asking) = &asking {
            asking.ask(since);
        }
        *self = Self { asking, since: Some(since), ..Self::default() };
    }

    /// The feed is lost.
    pub(super) fn lost(&mut self) {
        let asking = self.asking.take();
        if let Some(asking) = &asking {
            asking.withdraw();
        }
        *self = Self { asking, ..Self::default() };
    }

    /// The next table that was read. Cancel-safe; waits for ever where nobody reads any.
    pub(super) async fn given(&mut self) -> Given {
        match &mut self.asking {
            Some(asking) => asking.given().await,
            None => std::future::pending().await,
        }
    }

    /// Takes a table, unless it was read for an earlier connection.
    pub(super) fn take(&mut self, given: Given) {
        if Some(given.since) == self.since {
            self.waiting.insert(given.table.collector.clone(), given.table);
        }
    }

    /// A message of a collector, and when it says that it happened.
    pub(super) fn heard(&mut self, collector: &Text, at: Timestamp) {
        let Some(since) = self.since else { return };
        let at = at.clamp(since - MOST_DELAYED, since);
        if let Some(begun) = self.begun.get_mut(collector) {
            *begun = at.min(*begun);
        } else if self.begun.len() < MOST_COLLECTORS {
            self.begun.insert(collector.clone(), at);
        }
    }

    /// A table that can be told now.
    pub(super) fn ready(&mut self, now: Instant) -> Option<(Timestamp, Arc<CollectorTable>)> {
        let heard = |collector: &&Text| self.begun.contains_key(*collector);
        let collector = self.waiting.keys().find(heard).cloned()?;
        let table = self.waiting.remove(&collector)?;
        let begun = self.begun.get(&collector).copied()?;
        let at = self.told.get(&collector).map_or(begun, |told| *told + AGAIN_AFTER);
        self.told.insert(collector, at);
        self.due = Some(now + HEARD_WITHIN);
        Some((at, table))
    }

    /// True once those that were told and not heard must not be believed any more.
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        self.due.take_if(|due| *due <= now).is_some()
    }
}

/// Collector and time of what a feed heard.
pub(super) fn origin_of(event: &Event) -> Option<(&Text, Timestamp)> {
    match event {
        Event::Routes(update) => Some((&update.peer.collector, update.at)),
        Event::Alive { at, peer } | Event::Up { at, peer } | Event::Down { at, peer, .. } => {
            Some((&peer.collector, *at))
        }
        Event::Lost { .. } | Event::TableEnd { .. } | Event::Table { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SINCE: i64 = 1_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(SINCE + second)
    }

    fn given(collector: &str, since: i64) -> Given {
        let table = CollectorTable::empty(collector.into(), at(0));
        Given { since: at(since), table: Arc::new(table) }
    }

    #[test]
    fn a_table_waits_for_its_collector_and_is_of_its_first_moment() {
        let (mut tables, now) = (Tables::default(), Instant::now());
        tables.connected(at(0));
        tables.take(given("rrc00", 0));
        tables.take(given("rrc01", -60));
        assert!(tables.ready(now).is_none());
        tables.heard(&"rrc01".into(), at(-1));
        assert!(tables.ready(now).is_none(), "it was read for an earlier connection");
        tables.heard(&"rrc00".into(), at(3));
        tables.heard(&"rrc00".into(), at(-2));
        assert_eq!(tables.ready(now).unwrap().0, at(-2));
        assert!(tables.ready(now).is_none());
        tables.take(given("rrc00", 0));
        assert_eq!(tables.ready(now).unwrap().0, at(-1));
    }

    #[test]
    fn a_message_of_long_ago_is_a_mistake() {
        let mut tables = Tables::default();
        tables.connected(at(0));
        tables.take(given("rrc00", 0));
        tables.heard(&"rrc00".into(), Timestamp::EPOCH);
        assert_eq!(tables.ready(Instant::now()).unwrap().0, at(-300));
    }

    #[test]
    fn nothing_is_left_of_a_connection_that_was_lost() {
        let (mut tables, now) = (Tables::default(), Instant::now());
        tables.connected(at(0));
        tables.heard(&"rrc00".into(), at(0));
        tables.take(given("rrc00", 0));
        tables.lost();
        tables.connected(at(60));
        tables.heard(&"rrc00".into(), at(61));
        assert!(tables.ready(now).is_none());
        assert!(!tables.is_due(now + HEARD_WITHIN));
    }
}
