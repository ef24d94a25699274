//! Series: a row a series, a chunk a day.

use falter_model::{Entity, Series, SignalId, Span, Step, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use crate::chunk::{self, Points};
use crate::{Store, StoreError};

/// Which series a chunk belongs to.
struct Key {
    row: i64,
    signal: SignalId,
    step: Step,
}

impl Store {
    /// Values of every signal of an entity in `[from, until)`, by signal and step; a signal without
    /// points in that time is left out.
    pub fn series(
        &self,
        entity: &Entity,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Series>, StoreError> {
        self.keys(entity)?
            .into_iter()
            .map(|key| self.read(entity, key, from, until))
            .filter(|series| !series.as_ref().is_ok_and(|series| series.points.is_empty()))
            .collect()
    }

    /// Values of one signal of an entity in `[from, until)`, a series a step.
    pub fn series_of(
        &self,
        entity: &Entity,
        signal: &SignalId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Series>, StoreError> {
        self.keys(entity)?
            .into_iter()
            .filter(|key| key.signal == *signal)
            .map(|key| self.read(entity, key, from, until))
            .filter(|series| !series.as_ref().is_ok_and(|series| series.points.is_empty()))
            .collect()
    }

    /// Removes what is kept of series, of all entities, of the days that ended before `before`; how many
    /// chunks (a day of a series each) that were. Outages and what they say stay.
    pub fn prune_series(&mut self, before: Timestamp) -> Result<usize, StoreError> {
        self.prune_chunks(before).map_err(|error| self.error(error))
    }

    fn prune_chunks(&mut self, before: Timestamp) -> rusqlite::Result<usize> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let day = chunk::day_of(before);
        let chunks = transaction.execute("DELETE FROM chunks WHERE day < ?1", [day])?;
        if chunks > 0 {
            transaction.execute(
                "DELETE FROM series WHERE NOT EXISTS \
                 (SELECT 1 FROM chunks WHERE chunks.series = series.id)",
                [],
            )?;
        }
        transaction.commit()?;
        Ok(chunks)
    }

    fn keys(&self, entity: &Entity) -> Result<Vec<Key>, StoreError> {
        let rows = self.rows(
            "SELECT id, signal, step_us FROM series WHERE entity = ?1 ORDER BY signal, step_us",
            [entity.to_string()],
            |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?)),
        )?;
        rows.into_iter()
            .map(|(row, signal, step_us)| {
                let step =
                    Step::new(Span::from_micros(step_us)).map_err(|_| StoreError::Column {
                        expected: "a step of a second or more",
                        found: step_us.to_string(),
                    })?;
                Ok(Key { row, signal: SignalId::from(signal.as_str()), step })
            })
            .collect()
    }

    fn read(
        &self,
        entity: &Entity,
        key: Key,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Series, StoreError> {
        let chunks = self.rows(
            "SELECT day, count, packed FROM chunks \
             WHERE series = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day",
            params![key.row, chunk::day_of(from), chunk::day_of(until)],
            chunk_row,
        )?;
        let mut points = Points::new();
        for chunk in chunks {
            let day = chunk.points().map_err(|source| StoreError::Chunk {
                entity: entity.to_string(),
                signal: key.signal.to_string(),
                source,
            })?;
            points.extend(day.into_iter().filter(|(at, _)| (from..until).contains(at)));
        }
        Ok(Series { entity: entity.clone(), signal: key.signal, step: key.step, points })
    }
}

struct Chunk {
    day: i64,
    count: i64,
    packed: Vec<u8>,
}

impl Chunk {
    fn points(&self) -> Result<Points, crate::ChunkError> {
        chunk::unpack(self.day, usize::try_from(self.count).unwrap_or(usize::MAX), &self.packed)
    }
}

fn chunk_row(row: &Row<'_>) -> rusqlite::Result<Chunk> {
    Ok(Chunk { day: row.get(0)?, count: row.get(1)?, packed: row.get(2)? })
}

/// Why a series could not be kept.
pub(crate) enum Unkept {
    Sqlite(rusqlite::Error),
    Chunk(crate::ChunkError),
}

impl From<rusqlite::Error> for Unkept {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<crate::ChunkError> for Unkept {
    fn from(error: crate::ChunkError) -> Self {
        Self::Chunk(error)
    }
}

/// Keeps a series. It speaks for the time from its first to its last point: what was kept of that time
/// is replaced, what was kept of other times stays.
pub(crate) fn keep(connection: &Connection, series: &Series) -> Result<(), Unkept> {
    let (Some((first, _)), Some((last, _))) = (series.points.first(), series.points.last()) else {
        return Ok(());
    };
    let row = series_row(connection, series)?;
    for points in series.points.chunk_by(|(a, _), (b, _)| chunk::day_of(*a) == chunk::day_of(*b)) {
        let Some((at, _)) = points.first() else { continue };
        let day = chunk::day_of(*at);
        let kept = kept(connection, row, day)?;
        let merged = match &kept {
            Some(kept) => merge(kept.points()?, points, *first, *last),
            None => points.to_vec(),
        };
        let packed = chunk::pack(day, &merged)?;
        if kept.is_some_and(|kept| kept.packed == packed) {
            continue;
        }
        connection
            .prepare_cached(
                "INSERT INTO chunks (series, day, count, packed) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (series, day) DO UPDATE SET count = ?3, packed = ?4",
            )?
            .execute(params![row, day, count(&merged), packed])?;
    }
    Ok(())
}

fn series_row(connection: &Connection, series: &Series) -> rusqlite::Result<i64> {
    let key = (series.entity.to_string(), series.signal.as_str(), series.step.width().micros());
    let found = connection
        .prepare_cached("SELECT id FROM series WHERE entity = ?1 AND signal = ?2 AND step_us = ?3")?
        .query_row((&key.0, key.1, key.2), |row| row.get(0))
        .optional()?;
    if let Some(row) = found {
        return Ok(row);
    }
    connection
        .prepare_cached("INSERT INTO series (entity, signal, step_us) VALUES (?1, ?2, ?3)")?
        .insert((&key.0, key.1, key.2))
}

fn kept(connection: &Connection, row: i64, day: i64) -> rusqlite::Result<Option<Chunk>> {
    connection
        .prepare_cached("SELECT day, count, packed FROM chunks WHERE series = ?1 AND day = ?2")?
        .query_row((row, day), chunk_row)
        .optional()
}

/// The new points, with those kept ones around them that lie outside `[first, last]`.
fn merge(
    kept: Points,
    points: &[(Timestamp, Option<f64>)],
    first: Timestamp,
    last: Timestamp,
) -> Points {
    let (before, rest): (Points, Points) = kept.into_iter().partition(|(at, _)| *at < first);
    let after = rest.into_iter().filter(|(at, _)| *at > last);
    before.into_iter().chain(points.iter().copied()).chain(after).collect()
}

fn count(points: &Points) -> i64 {
    i64::try_from(points.len()).unwrap_or(i64::MAX)
}
