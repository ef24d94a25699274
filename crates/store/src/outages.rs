//! Outages and the history of their verdicts.

use falter_model::{Outage, OutageId, Verdict};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{OutageFilter, Store, StoreError};

/// An outage as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptOutage {
    /// The outage.
    pub outage: Outage,
    /// Whether it is a re-enactment, not a measurement; `None` where the version of falter that kept it
    /// did not tell.
    pub synthetic: Option<bool>,
}

/// A verdict as it was kept at some time.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptVerdict {
    /// The verdict.
    pub verdict: Verdict,
    /// The replay that it came from: a number that [`Store::replays`] explains.
    pub replay: i64,
}

impl Store {
    /// The outages that a filter lets through, by their onset.
    pub fn outages(&self, filter: &OutageFilter) -> Result<Vec<KeptOutage>, StoreError> {
        self.rows(
            "SELECT outages.id, document, synthetic FROM outages JOIN replays ON replays.id = replay \
             WHERE (?1 IS NULL OR entity = ?1) AND (?2 IS NULL OR family = ?2) \
             AND (?3 IS NULL OR outages.until_us IS NULL OR outages.until_us > ?3) \
             AND (?4 IS NULL OR outages.from_us < ?4) \
             AND (?5 IS NULL OR replays.network = ?5) \
             ORDER BY outages.from_us, outages.id",
            params![
                filter.entity.as_ref().map(ToString::to_string),
                filter.family.as_ref().map(|family| &family.0),
                filter.from.map(falter_model::Timestamp::micros),
                filter.until.map(falter_model::Timestamp::micros),
                filter.network,
            ],
            |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)),
        )?
        .into_iter()
        .map(|(id, document, synthetic)| {
            Ok(KeptOutage { outage: read(id, &document)?, synthetic })
        })
        .collect()
    }

    /// The outage of this id, or the only one whose id begins so.
    pub fn outage(&self, wanted: &str) -> Result<Outage, StoreError> {
        // No id begins with nothing; and above every text that begins with `wanted` sorts the one
        // that goes on with the last code point.
        let mut found = if wanted.is_empty() {
            Vec::new()
        } else {
            self.rows(
                "SELECT id, document FROM outages WHERE id >= ?1 AND id < ?2 ORDER BY id",
                [wanted, &format!("{wanted}{}", char::MAX)],
                |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
            )?
        };
        if let Some(exact) = found.iter().position(|(id, _)| id == wanted) {
            found = vec![found.swap_remove(exact)];
        }
        match found.as_slice() {
            [] => Err(StoreError::NoSuchOutage { wanted: wanted.to_owned() }),
            [(id, document)] => read(id.clone(), document),
            [(first, _), (second, _), ..] => Err(StoreError::Ambiguous {
                wanted: wanted.to_owned(),
                count: found.len(),
                examples: [first.clone(), second.clone()],
            }),
        }
    }

    /// How the verdict on an outage changed from save to save, oldest first.
    pub fn verdicts(&self, outage: &OutageId) -> Result<Vec<KeptVerdict>, StoreError> {
        self.rows(
            "SELECT document, replay FROM verdicts WHERE outage = ?1 ORDER BY id",
            [&outage.0],
            |row| Ok((row.get::<_, String>(0)?, row.get(1)?)),
        )?
        .into_iter()
        .map(|(document, replay)| {
            let verdict = serde_json::from_str(&document)
                .map_err(|source| StoreError::Document { id: outage.0.clone(), source })?;
            Ok(KeptVerdict { verdict, replay })
        })
        .collect()
    }
}

fn read(id: String, document: &str) -> Result<Outage, StoreError> {
    serde_json::from_str(document).map_err(|source| StoreError::Document { id, source })
}

/// Why an outage could not be kept.
pub(crate) enum Unkept {
    Sqlite(rusqlite::Error),
    Document(serde_json::Error),
}

impl From<rusqlite::Error> for Unkept {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<serde_json::Error> for Unkept {
    fn from(error: serde_json::Error) -> Self {
        Self::Document(error)
    }
}

/// Keeps an outage under its id, as the last replay that found it told it, and its verdict in the
/// history where it is not the last one there.
pub(crate) fn keep(connection: &Connection, outage: &Outage, replay: i64) -> Result<(), Unkept> {
    let verdict = outage.verdict.as_ref();
    connection
        .prepare_cached(
            "INSERT INTO outages (id, family, entity, from_us, until_us, state, cause, probability, \
             document, replay) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
             ON CONFLICT (id) DO UPDATE SET family = ?2, entity = ?3, from_us = ?4, until_us = ?5, \
             state = ?6, cause = ?7, probability = ?8, document = ?9, replay = ?10 \
             WHERE document <> ?9 OR replay <> ?10",
        )?
        .execute(params![
            outage.id.0,
            outage.family.0,
            outage.entity.to_string(),
            outage.from.first_bad.micros(),
            outage.until.map(|end| end.first_good.micros()),
            outage.state.as_str(),
            verdict.map(|verdict| verdict.cause.to_string()),
            verdict.map(|verdict| verdict.probability.get()),
            serde_json::to_string(outage)?,
            replay,
        ])?;
    match verdict {
        Some(verdict) => keep_verdict(connection, &outage.id, verdict, replay),
        None => Ok(()),
    }
}

fn keep_verdict(
    connection: &Connection,
    outage: &OutageId,
    verdict: &Verdict,
    replay: i64,
) -> Result<(), Unkept> {
    let document = serde_json::to_string(verdict)?;
    let last: Option<String> = connection
        .prepare_cached("SELECT document FROM verdicts WHERE outage = ?1 ORDER BY id DESC LIMIT 1")?
        .query_row([&outage.0], |row| row.get(0))
        .optional()?;
    if last.as_ref() != Some(&document) {
        connection
            .prepare_cached("INSERT INTO verdicts (outage, document, replay) VALUES (?1, ?2, ?3)")?
            .execute(params![outage.0, document, replay])?;
    }
    Ok(())
}
