//! Blind times: when we could not tell.

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{Blind, Entity, Timestamp};
use rusqlite::{Connection, Row, params};

use crate::{Replay, Store, StoreError};

impl Store {
    /// Blind times of an entity that overlap `[from, until)`, by their beginning.
    pub fn blind(
        &self,
        entity: &Entity,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Blind>, StoreError> {
        self.rows(
            "SELECT vantage, from_us, until_us, why FROM blind \
             WHERE entity = ?1 AND until_us > ?2 AND from_us < ?3 \
             ORDER BY from_us, until_us, vantage, why",
            params![entity.to_string(), from.micros(), until.micros()],
            |row| blind_row(row, entity),
        )
    }
}

fn blind_row(row: &Row<'_>, entity: &Entity) -> rusqlite::Result<Blind> {
    Ok(Blind {
        entity: entity.clone(),
        vantage: row.get::<_, String>(0)?.into(),
        from: Timestamp::from_micros(row.get(1)?),
        until: Timestamp::from_micros(row.get(2)?),
        why: row.get::<_, String>(3)?.into(),
    })
}

/// Keeps the blind times of a replay. It speaks for the time from its first to its last observation:
/// what an earlier replay could not see of it, and this one could, is not blind any more.
pub(crate) fn keep(connection: &Connection, replay: &Replay<'_>) -> rusqlite::Result<()> {
    let mut told: BTreeMap<&Entity, BTreeSet<&Blind>> =
        replay.series.iter().map(|series| (&series.entity, BTreeSet::new())).collect();
    for blind in replay.blind {
        told.entry(&blind.entity).or_default().insert(blind);
    }
    for (entity, blind) in told {
        forget(connection, entity, replay, &blind)?;
        for one in blind {
            connection
                .prepare_cached(
                    "INSERT INTO blind (entity, vantage, from_us, until_us, why) \
                     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    entity.to_string(),
                    &*one.vantage,
                    one.from.micros(),
                    one.until.micros(),
                    &*one.why
                ])?;
        }
    }
    Ok(())
}

/// Removes what lies within the replay's time and was not told again.
fn forget(
    connection: &Connection,
    entity: &Entity,
    replay: &Replay<'_>,
    told: &BTreeSet<&Blind>,
) -> rusqlite::Result<()> {
    let (Some(from), Some(until)) = (replay.from, replay.until) else { return Ok(()) };
    let kept: Vec<Blind> = connection
        .prepare_cached(
            "SELECT vantage, from_us, until_us, why FROM blind \
             WHERE entity = ?1 AND from_us >= ?2 AND until_us <= ?3",
        )?
        .query_map(params![entity.to_string(), from.micros(), until.micros()], |row| {
            blind_row(row, entity)
        })?
        .collect::<rusqlite::Result<_>>()?;
    for gone in kept.iter().filter(|kept| !told.contains(kept)) {
        connection
            .prepare_cached(
                "DELETE FROM blind WHERE entity = ?1 AND vantage = ?2 AND from_us = ?3 \
                 AND until_us = ?4 AND why = ?5",
            )?
            .execute(params![
                entity.to_string(),
                &*gone.vantage,
                gone.from.micros(),
                gone.until.micros(),
                &*gone.why
            ])?;
    }
    Ok(())
}
