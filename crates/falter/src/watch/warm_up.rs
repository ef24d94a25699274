//! What was kept of the time before: read again when falter starts, so that baselines stand and an outage
//! that goes on stays the same one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use falter_model::{
    Entity, Fact, Interned, Observation, PeerId, PeerState, Timestamp, VantagePoints,
};
use falter_sources::archive::{InputArg, Inputs};
use falter_sources::recording::Standing;
use falter_store::{OutageFilter, Store};

use super::WatchPlan;
use super::events::Known;
use crate::config::Config;
use crate::exit::Failure;
use crate::pipeline::{News, Pipeline, Plan};
use crate::profiles::Found;

/// A pipeline that has seen what was kept.
pub(super) struct Warm {
    pub(super) pipeline: Pipeline,
    pub(super) interned: Interned,
    /// Which peers were up at the end.
    pub(super) peers: BTreeMap<PeerId, bool>,
    /// What held at the end.
    pub(super) standing: Standing,
    /// Outages that were told before.
    pub(super) known: Known,
    /// What came out, which the store may not have yet.
    pub(super) news: News,
}

/// From when on observations are read: `usual`, or as long before the onset of an outage that the store
/// says goes on.
pub(super) fn since(
    entity: &Entity,
    usual: Timestamp,
    store: &Arc<Mutex<Store>>,
) -> Result<Timestamp, Failure> {
    let filter =
        OutageFilter { entity: Some(entity.clone()), from: Some(usual), ..OutageFilter::default() };
    let store = store.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = store.outages(&filter).map_err(Failure::failed)?;
    let onsets = kept.into_iter().filter(|kept| kept.outage.until.is_none());
    let first = onsets.map(|kept| kept.outage.from.first_bad).min();
    Ok(first.map_or(usual, |onset| usual.min(onset - Config::BEFORE_ONSET)))
}

/// Reads `files` through a new pipeline.
pub(super) fn warm_up(
    plan: &WatchPlan,
    found: &Found,
    config: &Config,
    files: &[PathBuf],
) -> Result<Warm, Failure> {
    let arguments: Vec<InputArg> = files.iter().cloned().map(InputArg::from).collect();
    let mut inputs = if arguments.is_empty() {
        None
    } else {
        Some(Inputs::open(&arguments).map_err(Failure::failed)?)
    };
    let told = inputs.iter().flat_map(Inputs::recording_headers);
    let told = told.flat_map(|header| header.vantage_points.clone());
    let vantage_points: VantagePoints = told.chain([plan.vantage.clone()]).collect();
    let mut pipeline = Pipeline::without_end(Plan {
        profile: Some(found.profile.clone()),
        countries: None,
        shapes: config.shapes(),
        vantage_points,
    });
    let mut interned = Interned::new();
    let mut peers = BTreeMap::new();
    let mut standing = Standing::new();
    let mut observations: Vec<Observation> = Vec::new();
    while let Some(inputs) = &mut inputs {
        let more = inputs.read(&mut interned, &mut observations);
        for observation in &observations {
            note_peer(observation, &mut peers);
            standing.note(observation, &interned);
        }
        pipeline.push_all(&observations, &interned);
        observations.clear();
        if !more {
            break;
        }
    }
    let news = pipeline.take_news();
    let mut known = Known::default();
    for outage in news.outages.iter().filter(|outage| outage.entity == found.profile.entity()) {
        known.event(outage);
    }
    Ok(Warm { pipeline, interned, peers, standing, known, news })
}

/// Who told something is up, until it is said to be down.
pub(super) fn note_peer(observation: &Observation, peers: &mut BTreeMap<PeerId, bool>) {
    match &observation.fact {
        Fact::Peer(change) => _ = peers.insert(change.peer, change.state == PeerState::Up),
        Fact::Route(route) => _ = peers.insert(route.peer, true),
        Fact::Activity(activity) => _ = peers.insert(activity.peer, true),
        _ => {}
    }
}
