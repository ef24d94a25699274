//! Measurements and re-enactments of an entity never meet in one store: a chart would draw both as
//! one, and whoever reads it would take what was played for what was measured.

use std::collections::BTreeSet;

use falter_model::Entity;
use rusqlite::{Connection, params};

use crate::Replay;

/// Notes for each entity of a replay whether it was measured; the first one that the store knows
/// otherwise, if there is any.
pub(crate) fn keep<'a>(
    connection: &Connection,
    replay: &Replay<'a>,
) -> rusqlite::Result<Option<&'a Entity>> {
    let mut note = connection.prepare_cached(
        "INSERT INTO natures (entity, synthetic) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?;
    let mut known = connection.prepare_cached("SELECT synthetic FROM natures WHERE entity = ?1")?;
    for entity in entities(replay) {
        let name = entity.to_string();
        note.execute(params![name, replay.synthetic])?;
        if known.query_row([&name], |row| row.get::<_, bool>(0))? != replay.synthetic {
            return Ok(Some(entity));
        }
    }
    Ok(None)
}

fn entities<'a>(replay: &Replay<'a>) -> BTreeSet<&'a Entity> {
    let outages = replay.outages.iter().map(|outage| &outage.entity);
    let series = replay.series.iter().map(|series| &series.entity);
    let blind = replay.blind.iter().map(|blind| &blind.entity);
    outages.chain(series).chain(blind).collect()
}
