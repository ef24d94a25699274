//! Keeping a replay: all of it or nothing.

use rusqlite::TransactionBehavior;

use crate::{Replay, Store, StoreError, blind, natures, outages, replays, series};

impl Store {
    /// Keeps what came out of a replay, in one transaction that is on the disk when this returns. To
    /// save the same replay again changes nothing; where it fails, what stood before still stands.
    ///
    /// Outages keep their ids: one that is known gets its new form, and a row in the history where its
    /// verdict changed. Outages that an earlier replay found and this one did not are kept.
    pub fn save(&mut self, replay: &Replay<'_>) -> Result<(), StoreError> {
        match self.save_all(replay) {
            Ok(()) => Ok(()),
            Err(Unsaved::Sqlite(error)) => Err(self.error(error)),
            Err(Unsaved::Store(error)) => Err(error),
        }
    }

    fn save_all(&mut self, replay: &Replay<'_>) -> Result<(), Unsaved> {
        // Immediate, so that a busy store is told at the beginning, where waiting helps.
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(entity) = natures::keep(&transaction, replay)? {
            return Err(Unsaved::Store(StoreError::Mixed {
                entity: entity.to_string(),
                holds: if replay.synthetic { "measurements" } else { "re-enactments" },
                other: if replay.synthetic { "re-enactments" } else { "measurements" },
            }));
        }
        let id = replays::keep(&transaction, replay)?;
        for outage in replay.outages {
            outages::keep(&transaction, outage, id).map_err(|unkept| match unkept {
                outages::Unkept::Sqlite(error) => Unsaved::Sqlite(error),
                outages::Unkept::Document(source) => {
                    Unsaved::Store(StoreError::Document { id: outage.id.0.clone(), source })
                }
            })?;
        }
        for one in replay.series {
            series::keep(&transaction, one).map_err(|unkept| match unkept {
                series::Unkept::Sqlite(error) => Unsaved::Sqlite(error),
                series::Unkept::Chunk(source) => Unsaved::Store(StoreError::Chunk {
                    entity: one.entity.to_string(),
                    signal: one.signal.to_string(),
                    source,
                }),
            })?;
        }
        blind::keep(&transaction, replay)?;
        transaction.commit()?;
        Ok(())
    }
}

enum Unsaved {
    Sqlite(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for Unsaved {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

#[cfg(test)]
mod tests;
