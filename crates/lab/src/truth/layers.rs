//! Layers and their states: routes, hosts, names and sites as the world sees them, and what is seen from
//! inside.
//!
//! A unit is gone while it leaves questions unanswered by all observers that can see; which ones can is
//! told by their far controls. From 5 % of a layer on it is partial, from 95 % on down. Hosts are degraded
//! while fewer are gone, but loss or round trips are far from usual; names while a zone's serial is behind.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use falter_model::{ControlKind, Fact, Method, Observation, Place, Span, Text, Timestamp};
use serde::{Deserialize, Serialize};

use super::units::{Gone, Unit, needed};
use crate::country::{Country, Role};
use crate::witness::{Look, Seen, names, stands};

/// How a layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LayerState {
    /// As it should be.
    Up,
    /// There, but worse than usual.
    Degraded,
    /// From 5 % on is gone.
    Partial,
    /// 95 % or more is gone.
    Down,
}

/// A change of state, between two observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The last observation of the state before.
    pub before: Timestamp,
    /// The first of the new one.
    pub at: Timestamp,
    /// What it is from then on.
    pub state: LayerState,
}

/// A layer and its states in the order of time; the first is at the beginning of the recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// `routes`, `hosts`, `names`, `sites` or `inside`.
    pub name: &'static str,
    /// Its states.
    pub changes: Vec<Change>,
}

/// Shares from which a layer is partial and down: those of outages (docs/method.md, States).
const PARTIAL: f64 = 0.05;
const DOWN: f64 = 0.95;
/// Failures in a row that show that a server, or what serves sites, is gone: at its time both observers
/// asked.
const NEEDED_OF_SERVERS: usize = 3;
const NEEDED_OF_SITES: usize = 2;
/// How far from a question a far control tells whether the observer could see: two of its periods.
const SIGHT: Span = Span::from_micros(1_500_000);
/// Loss and round trips are judged over so long.
const WINDOW: Span = Span::from_seconds(2);
/// Ten points of loss over what is usual, or twice the round trip (docs/method.md, States).
const LOST_MORE: f64 = 0.1;
const LONGER: f64 = 2.0;
/// Addresses that answer this reliably (in a thousand) tell of loss.
const RELIABLE: u16 = 950;
/// Fewer answers tell of nothing.
const LEAST_ANSWERS: usize = 10;

impl std::fmt::Display for LayerState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Partial => "partial",
            Self::Down => "down",
        })
    }
}

impl LayerState {
    /// True where units are gone.
    pub const fn is_out(self) -> bool {
        matches!(self, Self::Partial | Self::Down)
    }
}

/// All five layers. `calm` is the time before anything was done, which shows what is usual.
pub fn layers(country: &Country, seen: &Seen, calm: (Timestamp, Timestamp)) -> Vec<Layer> {
    let outside: BTreeSet<Text> = places(country, Place::Outside);
    let inside: BTreeSet<Text> = places(country, Place::Inside);
    let mut observations: Vec<&Observation> = seen.observations.iter().collect();
    observations.sort_by_key(|observation| observation.at);
    let sight = Sight::of(&observations);
    let world: Vec<&Observation> = observations
        .iter()
        .copied()
        .filter(|o| vantage(o).is_some_and(|v| outside.contains(v) && sight.sees(v, o.at)))
        .collect();
    let within: Vec<&Observation> = observations
        .iter()
        .copied()
        .filter(|o| vantage(o).is_some_and(|v| inside.contains(v)))
        .collect();
    let intranet = names::intranet_server(country).map(|server| server.name);
    let public_names = |server: &str| intranet.as_deref() != Some(server);
    let public_sites = |address: &IpAddr| {
        country.sites().iter().any(|(_, site)| IpAddr::V4(site.address) == *address)
    };
    let hosts = host_units(country, &world);
    let worse = worse(country, &world, &hosts, calm);
    let mut within_units: Vec<Unit> = host_units(country, &within).into_values().collect();
    within_units.extend(name_units(&within, |server| !public_names(server)));
    within_units.extend(site_units(country, &within, |address| !public_sites(address)));
    let layer = |name, units: &[Unit], worse: &[(Timestamp, bool)]| Layer {
        name,
        changes: changes(units, worse, calm.0),
    };
    vec![
        layer("routes", &route_units(&seen.routes), &[]),
        layer("hosts", &hosts.into_values().collect::<Vec<_>>(), &worse),
        layer("names", &name_units(&world, public_names), &behind(&world)),
        layer("sites", &site_units(country, &world, public_sites), &[]),
        layer("inside", &within_units, &[]),
    ]
}

fn places(country: &Country, place: Place) -> BTreeSet<Text> {
    let there = stands(country).into_iter().filter(|stand| stand.place == place);
    there.map(|stand| stand.node.as_str().into()).collect()
}

fn vantage(observation: &Observation) -> Option<&Text> {
    match &observation.fact {
        Fact::Probe(probe) => Some(&probe.vantage),
        Fact::Name(name) => Some(&name.vantage),
        Fact::Page(page) => Some(&page.vantage),
        _ => None,
    }
}

/// When far controls were asked and answered, by vantage point.
struct Sight(BTreeMap<Text, Vec<(Timestamp, bool)>>);

impl Sight {
    fn of(observations: &[&Observation]) -> Self {
        let mut asked: BTreeMap<Text, Vec<(Timestamp, bool)>> = BTreeMap::new();
        for observation in observations {
            if let Fact::Control(control) = &observation.fact
                && control.kind == ControlKind::Far
            {
                let answered = control.outcome.answered();
                asked.entry(control.vantage.clone()).or_default().push((observation.at, answered));
            }
        }
        Self(asked)
    }

    /// True where at least half of the far controls that were asked shortly before answered, and of those
    /// shortly after: at the edges of a blind time nobody is accused either.
    fn sees(&self, vantage: &Text, at: Timestamp) -> bool {
        let half_answered = |from: Timestamp, until: Timestamp| {
            let all = self.0.get(vantage).map_or(&[][..], Vec::as_slice);
            let first = all.partition_point(|(asked, _)| *asked < from);
            let asked = all.iter().skip(first).take_while(|(asked, _)| *asked <= until);
            let answers: Vec<bool> = asked.map(|(_, answered)| *answered).collect();
            let answered = answers.iter().filter(|answered| **answered).count();
            (!answers.is_empty()).then_some(2 * answered >= answers.len())
        };
        match (half_answered(at - SIGHT, at), half_answered(at, at + SIGHT)) {
            (None, None) => false,
            (before, after) => before.unwrap_or(true) && after.unwrap_or(true),
        }
    }
}

/// A unit an address that answers echo requests.
fn host_units(country: &Country, observations: &[&Observation]) -> BTreeMap<IpAddr, Unit> {
    let mut units: BTreeMap<IpAddr, Unit> = BTreeMap::new();
    for node in &country.nodes {
        if !matches!(node.role, Role::Machine(_) | Role::Operator) {
            continue;
        }
        for address in node.addresses.iter().filter(|address| address.availability > 0) {
            let needed = needed(address.availability);
            let unit = Unit { machine: node.name.clone(), weight: 1, needed, answers: Vec::new() };
            units.insert(address.ip.into(), unit);
        }
    }
    for observation in observations {
        if let Fact::Probe(probe) = &observation.fact
            && probe.method == Method::Icmp
            && let Some(unit) = units.get_mut(&probe.target)
        {
            unit.answers.push((observation.at, probe.outcome.answered()));
        }
    }
    units.retain(|_, unit| !unit.answers.is_empty());
    units
}

/// A unit a name server.
fn name_units(observations: &[&Observation], is_meant: impl Fn(&str) -> bool) -> Vec<Unit> {
    let mut units: BTreeMap<Text, Vec<(Timestamp, bool)>> = BTreeMap::new();
    for observation in observations {
        if let Fact::Name(name) = &observation.fact
            && is_meant(&name.server)
        {
            let right = name.answer.as_ref().is_ok_and(|a| &*a.rcode == "NOERROR" && a.aa);
            units.entry(name.server.clone()).or_default().push((observation.at, right));
        }
    }
    let unit = |(server, answers): (Text, _)| Unit {
        machine: server.to_string(),
        weight: 1,
        needed: NEEDED_OF_SERVERS,
        answers,
    };
    units.into_iter().map(unit).collect()
}

/// A unit an address that serves sites, which stands for all of them.
fn site_units(
    country: &Country,
    observations: &[&Observation],
    is_meant: impl Fn(&IpAddr) -> bool,
) -> Vec<Unit> {
    let sites = country.sites();
    let mut units: BTreeMap<IpAddr, Vec<(Timestamp, bool)>> = BTreeMap::new();
    for observation in observations {
        if let Fact::Page(page) = &observation.fact
            && let Some(address) = page.address.filter(&is_meant)
        {
            units.entry(address).or_default().push((observation.at, page.error.is_none()));
        }
    }
    let unit = |(address, answers): (IpAddr, _)| {
        let served = sites.iter().filter(|(_, site)| IpAddr::V4(site.address) == address).count();
        let weight = u32::try_from(served).unwrap_or(u32::MAX).max(1);
        Unit { machine: address.to_string(), weight, needed: NEEDED_OF_SITES, answers }
    };
    units.into_iter().map(unit).collect()
}

/// A unit a prefix, which is there while more than half of the collector's peers carry it. While no peer
/// carries anything, the collector knows nothing.
fn route_units(looks: &[Look]) -> Vec<Unit> {
    let mut units: BTreeMap<_, Vec<(Timestamp, bool)>> = BTreeMap::new();
    for look in looks.iter().filter(|look| look.peers > 0) {
        for (prefix, carried) in &look.carried {
            let there = 2 * carried > look.peers;
            // What was there was there when the look began; what was not, at its end at the latest.
            let at = if there { look.from } else { look.until };
            units.entry(*prefix).or_default().push((at, there));
        }
    }
    let unit = |(prefix, answers): (falter_model::Prefix, _)| Unit {
        machine: prefix.to_string(),
        weight: 1,
        needed: 1,
        answers,
    };
    units.into_iter().map(unit).collect()
}

/// Windows of time, and whether hosts that were not gone answered worse than usual.
fn worse(
    country: &Country,
    world: &[&Observation],
    hosts: &BTreeMap<IpAddr, Unit>,
    (begin, until): (Timestamp, Timestamp),
) -> Vec<(Timestamp, bool)> {
    let reliable: BTreeSet<IpAddr> = country
        .answering()
        .iter()
        .filter(|address| address.availability >= RELIABLE && address.replies_per_second == 0)
        .map(|address| address.ip.into())
        .collect();
    let gone: BTreeMap<IpAddr, Vec<Gone>> =
        hosts.iter().map(|(ip, unit)| (*ip, unit.gone())).collect();
    let was_gone = |ip: &IpAddr, at: Timestamp| {
        gone.get(ip)
            .is_some_and(|all| all.iter().any(|gone| gone.first_bad <= at && at <= gone.last_bad))
    };
    let shots: Vec<(Timestamp, (&Text, IpAddr), Option<u32>)> = world
        .iter()
        .filter_map(|observation| match &observation.fact {
            Fact::Probe(probe)
                if reliable.contains(&probe.target)
                    && probe.method == Method::Icmp
                    && !was_gone(&probe.target, observation.at) =>
            {
                Some((observation.at, (&probe.vantage, probe.target), probe.outcome.rtt_us()))
            }
            _ => None,
        })
        .collect();
    let calm: Vec<_> = shots.iter().filter(|(at, ..)| *at >= begin && *at < until).collect();
    let usual_loss = loss(calm.iter().map(|(.., rtt)| *rtt)).unwrap_or(0.0);
    let mut usual: BTreeMap<(&Text, IpAddr), Vec<f64>> = BTreeMap::new();
    for (_, path, rtt) in calm {
        usual.entry(*path).or_default().extend(rtt.map(f64::from));
    }
    let usual: BTreeMap<_, f64> =
        usual.into_iter().filter_map(|(path, rtts)| Some((path, median(rtts)?))).collect();
    let mut windows: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for shot in &shots {
        windows
            .entry((shot.0 - begin).micros().div_euclid(WINDOW.micros()))
            .or_default()
            .push(shot);
    }
    windows
        .into_iter()
        .filter(|(_, shots)| shots.len() >= LEAST_ANSWERS)
        .map(|(number, shots)| {
            let lost = loss(shots.iter().map(|(.., rtt)| *rtt)).unwrap_or(0.0);
            let times: Vec<f64> = shots
                .iter()
                .filter_map(|(_, path, rtt)| Some(f64::from((*rtt)?) / usual.get(path)?))
                .collect();
            let is_worse =
                lost > usual_loss + LOST_MORE || median(times).is_some_and(|t| t >= LONGER);
            // Known at the end of the window: what goes within it was not worse before.
            (begin + WINDOW.times(number + 1), is_worse)
        })
        .collect()
}

fn loss(rtts: impl Iterator<Item = Option<u32>>) -> Option<f64> {
    let (mut lost, mut all) = (0_u32, 0_u32);
    for rtt in rtts {
        all += 1;
        lost += u32::from(rtt.is_none());
    }
    (all > 0).then(|| f64::from(lost) / f64::from(all))
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// When a server told a serial lower than the highest before, or no longer does.
fn behind(world: &[&Observation]) -> Vec<(Timestamp, bool)> {
    let mut highest: BTreeMap<Text, u32> = BTreeMap::new();
    let mut found = Vec::new();
    for observation in world {
        if let Fact::Name(name) = &observation.fact
            && let Ok(answer) = &name.answer
            && let Some(serial) = answer.serial
        {
            let highest = highest.entry(name.zone.clone()).or_insert(serial);
            *highest = serial.max(*highest);
            found.push((observation.at, serial < *highest));
        }
    }
    found
}

/// The states of a layer from `begin` on. `worse` holds from when on the layer was worse than usual, or
/// not; it counts only while it is up.
fn changes(units: &[Unit], worse: &[(Timestamp, bool)], begin: Timestamp) -> Vec<Change> {
    let all: u32 = units.iter().map(|unit| unit.weight).sum();
    // What happened to which unit: when, since when it could have, and whether it is gone then.
    let mut events: Vec<(Timestamp, Timestamp, usize, bool)> = Vec::new();
    for (number, unit) in units.iter().enumerate() {
        for gone in unit.gone() {
            events.push((gone.first_bad, gone.last_good.unwrap_or(begin), number, true));
            events.extend(gone.first_good.map(|back| (back, gone.last_bad, number, false)));
        }
    }
    events.sort_unstable_by_key(|(at, _, number, _)| (*at, *number));
    let mut worse = worse.iter().copied().peekable();
    let mut events = events.into_iter().peekable();
    let (mut gone, mut is_worse, mut looked) = (BTreeSet::new(), false, begin);
    let mut found = vec![Change { before: begin, at: begin, state: LayerState::Up }];
    loop {
        let next_event = events.peek().map(|(at, ..)| *at);
        let next_worse = worse.peek().map(|(at, _)| *at);
        let (at, before) = match (next_event, next_worse) {
            (None, None) => return found,
            (Some(event), other) if other.is_none_or(|other| event <= other) => {
                let Some((at, before, number, is_gone)) = events.next() else { return found };
                if is_gone {
                    gone.insert(number)
                } else {
                    gone.remove(&number)
                };
                (at, before)
            }
            _ => {
                let Some((at, now)) = worse.next() else { return found };
                is_worse = now;
                (at, std::mem::replace(&mut looked, at))
            }
        };
        let state = state(units, &gone, all, is_worse);
        if found.last().is_some_and(|last| last.state != state) {
            let (at, before) = (at.max(begin), before.max(begin));
            // At one moment only what was true at its end counts.
            if found.len() > 1 && found.last().is_some_and(|last| last.at == at) {
                found.pop();
            }
            if found.last().is_some_and(|last| last.state != state) {
                found.push(Change { before: before.min(at), at, state });
            }
        }
    }
}

fn state(units: &[Unit], gone: &BTreeSet<usize>, all: u32, is_worse: bool) -> LayerState {
    let lost: Vec<&Unit> = gone.iter().filter_map(|number| units.get(*number)).collect();
    let weight: u32 = lost.iter().map(|unit| unit.weight).sum();
    let share = if all == 0 { 0.0 } else { f64::from(weight) / f64::from(all) };
    let machines: BTreeSet<&str> = lost.iter().map(|unit| unit.machine.as_str()).collect();
    // One machine of many that restarts is no outage, whatever its addresses; what has a share of its
    // own (a server of two, a host of sixteen sites) is.
    let of_machines: BTreeSet<&str> = units.iter().map(|unit| unit.machine.as_str()).collect();
    let several = of_machines.len() < units.len();
    if share >= DOWN {
        LayerState::Down
    } else if share >= PARTIAL && (!several || machines.len() > 1) {
        LayerState::Partial
    } else if is_worse {
        LayerState::Degraded
    } else {
        LayerState::Up
    }
}
