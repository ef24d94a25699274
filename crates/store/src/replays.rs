//! What each replay rested on, so that every outage leads back to its input.

use falter_model::{OutageId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use crate::{Input, Replay, Store, StoreError};

/// What a replay rested on.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptReplay {
    /// Its number in this store.
    pub id: i64,
    /// The profile's name; `None` where entities were as the input names them.
    pub network: Option<String>,
    /// Time of the first observation.
    pub from: Option<Timestamp>,
    /// Time of the last one.
    pub until: Option<Timestamp>,
    /// Whether it is a re-enactment, not a measurement; `None` where the version of falter that kept it
    /// did not tell.
    pub synthetic: Option<bool>,
    /// How many times faster than life a re-enactment was made; `None` where that is not known.
    pub time_scale: Option<f64>,
    /// Digest of the profile's text; `None` without a profile.
    pub profile_digest: Option<String>,
    /// Digest of the configuration's text.
    pub config_digest: String,
    /// Digest of what was fitted.
    pub fit_digest: String,
    /// The files, by path.
    pub inputs: Vec<Input>,
}

const COLUMNS: &str = "replays.id, replays.network, replays.from_us, replays.until_us, \
                       replays.profile_digest, replays.config_digest, replays.fit_digest, \
                       replays.synthetic, replays.time_scale";

impl Store {
    /// Every replay that was saved, in the order of its first save.
    pub fn replays(&self) -> Result<Vec<KeptReplay>, StoreError> {
        let replays = self.rows(
            &format!("SELECT {COLUMNS} FROM replays ORDER BY replays.id"),
            [],
            replay_row,
        )?;
        replays.into_iter().map(|replay| self.with_inputs(replay)).collect()
    }

    /// The replay that an outage, as it is kept, came from.
    pub fn origin(&self, outage: &OutageId) -> Result<KeptReplay, StoreError> {
        let found = self
            .rows(
                &format!(
                    "SELECT {COLUMNS} FROM replays JOIN outages ON outages.replay = replays.id \
                     WHERE outages.id = ?1"
                ),
                [&outage.0],
                replay_row,
            )?
            .pop()
            .ok_or_else(|| StoreError::NoSuchOutage { wanted: outage.0.clone() })?;
        self.with_inputs(found)
    }

    fn with_inputs(&self, replay: KeptReplay) -> Result<KeptReplay, StoreError> {
        let inputs = self.rows(
            "SELECT path, digest, offset_octet FROM inputs WHERE replay = ?1 ORDER BY path, digest",
            [replay.id],
            |row| {
                let offset: i64 = row.get(2)?;
                Ok(Input { path: row.get(0)?, digest: row.get(1)?, offset: offset.cast_unsigned() })
            },
        )?;
        Ok(KeptReplay { inputs, ..replay })
    }
}

fn replay_row(row: &Row<'_>) -> rusqlite::Result<KeptReplay> {
    let time = |column| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_micros))
    };
    Ok(KeptReplay {
        id: row.get(0)?,
        network: row.get(1)?,
        from: time(2)?,
        until: time(3)?,
        profile_digest: row.get(4)?,
        config_digest: row.get(5)?,
        fit_digest: row.get(6)?,
        synthetic: row.get(7)?,
        time_scale: row.get(8)?,
        inputs: Vec::new(),
    })
}

/// Keeps what a replay rested on; the number of its row.
pub(crate) fn keep(connection: &Connection, replay: &Replay<'_>) -> rusqlite::Result<i64> {
    let key = key(replay);
    let found = connection
        .prepare_cached("SELECT id FROM replays WHERE key = ?1")?
        .query_row([key.as_slice()], |row| row.get(0))
        .optional()?;
    if let Some(id) = found {
        return Ok(id);
    }
    let id = connection
        .prepare_cached(
            "INSERT INTO replays (key, network, from_us, until_us, profile_digest, config_digest, \
             fit_digest, synthetic, time_scale) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .insert(params![
            key.as_slice(),
            replay.network,
            replay.from.map(Timestamp::micros),
            replay.until.map(Timestamp::micros),
            replay.digests.profile,
            replay.digests.config,
            replay.digests.fit,
            replay.synthetic,
            replay.time_scale,
        ])?;
    for input in replay.inputs {
        connection
            .prepare_cached(
                "INSERT INTO inputs (replay, path, digest, offset_octet) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![id, input.path, input.digest, input.offset.cast_signed()])?;
    }
    Ok(id)
}

/// Tells one replay from another: by network, nature, digests, time and inputs, whatever their order. A file
/// counts by its content where its digest is known, else by its path.
fn key(replay: &Replay<'_>) -> [u8; 32] {
    let mut inputs: Vec<(&str, u64)> = replay
        .inputs
        .iter()
        .map(|input| {
            (if input.digest.is_empty() { &input.path } else { &input.digest }, input.offset)
        })
        .map(|(name, offset)| (name.as_str(), offset))
        .collect();
    inputs.sort_unstable();
    inputs.dedup();
    let mut hash = Sha256::new();
    let mut field = |text: Option<&str>| {
        // Length first, so that no two lists of fields read the same.
        hash.update(text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
        hash.update(text.unwrap_or_default());
    };
    field(replay.network);
    field(Some(if replay.synthetic { "synthetic" } else { "measured" }));
    field(replay.time_scale.map(|scale| scale.to_string()).as_deref());
    field(replay.digests.profile);
    field(Some(replay.digests.config));
    field(Some(replay.digests.fit));
    for moment in [replay.from, replay.until] {
        field(moment.map(|moment| moment.micros().to_string()).as_deref());
    }
    for (name, offset) in inputs {
        field(Some(name));
        field(Some(&offset.to_string()));
    }
    hash.finalize().into()
}
