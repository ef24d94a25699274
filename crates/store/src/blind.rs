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
///
/// A watch tells blind times as they grow, and after a restart again, from where it began to read: what
/// touches what is kept, for the same reason, is one with it.
pub(crate) fn keep(connection: &Connection, replay: &Replay<'_>) -> rusqlite::Result<()> {
    let mut told: BTreeMap<&Entity, BTreeSet<&Blind>> =
        replay.series.iter().map(|series| (&series.entity, BTreeSet::new())).collect();
    for blind in replay.blind {
        told.entry(&blind.entity).or_default().insert(blind);
    }
    for (entity, blind) in told {
        forget(connection, entity, replay, &blind)?;
        for one in blind {
            let joined = match replay.from {
                Some(_) => one.clone(),
                None => join(connection, one)?,
            };
            connection
                .prepare_cached(
                    "INSERT INTO blind (entity, vantage, from_us, until_us, why) \
                     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    entity.to_string(),
                    &*joined.vantage,
                    joined.from.micros(),
                    joined.until.micros(),
                    &*joined.why
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
    kept.iter().filter(|kept| !told.contains(kept)).try_for_each(|gone| delete(connection, gone))
}

/// A blind time with those kept ones that it touches, whose rows are removed where they are not it.
fn join(connection: &Connection, told: &Blind) -> rusqlite::Result<Blind> {
    let touching: Vec<Blind> = connection
        .prepare_cached(
            "SELECT vantage, from_us, until_us, why FROM blind \
             WHERE entity = ?1 AND until_us >= ?2 AND from_us <= ?3 AND vantage = ?4 AND why = ?5",
        )?
        .query_map(
            params![
                told.entity.to_string(),
                told.from.micros(),
                told.until.micros(),
                &*told.vantage,
                &*told.why
            ],
            |row| blind_row(row, &told.entity),
        )?
        .collect::<rusqlite::Result<_>>()?;
    let mut joined = told.clone();
    for kept in &touching {
        joined.from = joined.from.min(kept.from);
        joined.until = joined.until.max(kept.until);
    }
    for part in touching.iter().filter(|kept| **kept != joined) {
        delete(connection, part)?;
    }
    Ok(joined)
}

fn delete(connection: &Connection, gone: &Blind) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM blind WHERE entity = ?1 AND vantage = ?2 AND from_us = ?3 \
             AND until_us = ?4 AND why = ?5",
        )?
        .execute(params![
            gone.entity.to_string(),
            &*gone.vantage,
            gone.from.micros(),
            gone.until.micros(),
            &*gone.why
        ])?;
    Ok(())
}
