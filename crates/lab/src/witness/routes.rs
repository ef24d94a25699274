//! What the collector carries, by BIRD's own word: asked through its control socket, many times a second.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use falter_model::{Clock, Prefix, Timestamp};
use falter_sources::clock::SystemClock;

use super::asking::sleep_until;
use super::bird::Conversation;
use crate::country::{Country, Role};

/// Questions a second: four prefixes and six references ten times.
const QUESTIONS_A_SECOND: u32 = 100;

/// One look at the collector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// When it began.
    pub from: Timestamp,
    /// When it was complete.
    pub until: Timestamp,
    /// Peers that carry a prefix, by prefix of the country.
    pub carried: BTreeMap<Prefix, usize>,
    /// Peers that carry anything: the most that any network of the world has.
    pub peers: usize,
}

/// Looks until told to stop.
#[derive(Debug)]
pub(super) struct Looker {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Look>>,
}

impl Looker {
    /// Begins to look; `folder` holds a folder a node beside itself.
    pub(super) fn begin(country: &Country, folder: &Path) -> Result<Self> {
        let collector = country.nodes_that(|role| *role == Role::Collector).next();
        let collector = collector.context("no collector")?;
        let stage = folder.parent().context("no folder of the stage")?;
        let socket = stage.join(&collector.name).join("bird.ctl");
        let own: Vec<Prefix> = country.prefixes().into_iter().map(|(_, prefix)| prefix).collect();
        let worlds = country.nodes_that(|role| *role == Role::World);
        let references: Vec<Prefix> =
            worlds.filter_map(|world| world.originates.first().copied()).collect();
        let over = Arc::new(AtomicBool::new(false));
        let heard = Arc::clone(&over);
        let thread = thread::spawn(move || look_on(&socket, &own, &references, &heard));
        Ok(Self { over, thread })
    }

    /// Ends it and tells what was seen.
    pub(super) fn end(self) -> Vec<Look> {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

fn look_on(socket: &Path, own: &[Prefix], references: &[Prefix], over: &AtomicBool) -> Vec<Look> {
    let questions = u32::try_from(own.len() + references.len()).unwrap_or(u32::MAX).max(1);
    let period = Duration::from_secs(1) * questions / QUESTIONS_A_SECOND;
    let (mut looks, mut conversation) = (Vec::new(), None);
    let mut next = Instant::now();
    while sleep_until(next, over) {
        next = (next + period).max(Instant::now());
        if conversation.is_none() {
            conversation = Conversation::begin(socket).ok();
        }
        let Some(talk) = &mut conversation else { continue };
        match look(talk, own, references) {
            Ok(look) => looks.push(look),
            // The collector was stopped: while it is away, nothing is known.
            Err(_) => conversation = None,
        }
    }
    looks
}

fn look(talk: &mut Conversation, own: &[Prefix], references: &[Prefix]) -> Result<Look> {
    let from = SystemClock.now();
    let mut peers = 0;
    for prefix in references {
        peers = peers.max(carriers(talk, prefix)?);
    }
    let mut carried = BTreeMap::new();
    for prefix in own {
        carried.insert(*prefix, carriers(talk, prefix)?);
    }
    Ok(Look { from, until: SystemClock.now(), carried, peers })
}

/// How many peers carry a prefix.
fn carriers(talk: &mut Conversation, prefix: &Prefix) -> Result<usize> {
    Ok(routes(&talk.ask(&format!("show route {prefix}"))?))
}

/// Routes that BIRD tells of one prefix: each has a line that names the session in brackets.
fn routes(lines: &[String]) -> usize {
    lines.iter().filter(|line| line.contains(" [bgp_")).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_a_peer_is_counted() {
        let said = "1007-Table master4:\n 175.45.176.0/24      unicast [bgp_world1 02:55:54.123] * (100) [AS131279i]\n \tvia 100.64.0.44 on to-world1\n                       unicast [bgp_world2 02:55:54.130] (100) [AS131279i]\n \tvia 100.64.0.48 on to-world2\n0000 \n";
        let lines: Vec<String> = said.lines().map(str::to_owned).collect();
        assert_eq!(routes(&lines), 2);
        assert_eq!(routes(&["8001 Network not found\n".to_owned()]), 0);
    }
}
