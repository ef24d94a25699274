//! What was observed, as a recording of falter's own form: on the calendar, in the order in which it became
//! known.
//!
//! Round trips and the time that is waited for an answer do not become longer on the calendar: only when a
//! question is asked does.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::{Context, Result};
use falter_model::{
    Fact, Interned, Observation, Outcome, Place, Span, Step, Text, Timestamp, VantagePoint,
};
use falter_sources::recording::{RecordingHeader, RecordingWriter};

use crate::country::{Country, Role};
use crate::restamp::Calendar;
use crate::witness::stands;

/// How long a question to a name server or a visit may take, where it ends without an answer.
const PATIENCE: Span = Span::from_seconds(2);

/// When whose clock was how far ahead, by the machine's clock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clocks {
    /// From when on, by vantage point, in the order of time.
    set: BTreeMap<Text, Vec<(Timestamp, Span)>>,
}

impl Clocks {
    /// Somebody's clock is so far ahead from now on; zero is right.
    pub fn set(&mut self, vantage: &str, at: Timestamp, ahead: Span) {
        self.set.entry(vantage.into()).or_default().push((at, ahead));
    }

    /// How far ahead it is.
    fn ahead(&self, vantage: &Text, at: Timestamp) -> Span {
        let set = self.set.get(vantage).map_or(&[][..], Vec::as_slice);
        set.iter().rev().find(|(from, _)| *from <= at).map_or(Span::ZERO, |(_, ahead)| *ahead)
    }
}

/// The observations on the calendar, with a tick every second from `from` up to `until` (of the machine), in
/// the order in which each became known. An observer whose clock is off tells its own time.
pub fn on_calendar(
    observations: Vec<Observation>,
    (from, until): (Timestamp, Timestamp),
    clocks: &Clocks,
    calendar: &Calendar,
) -> Vec<Observation> {
    let mut known: Vec<(Timestamp, Observation)> = observations
        .into_iter()
        .map(|observation| {
            let truly = calendar.there(observation.at);
            let ahead = vantage(&observation.fact)
                .map_or(Span::ZERO, |vantage| clocks.ahead(vantage, observation.at));
            (truly + takes(&observation.fact), Observation { at: truly + ahead, ..observation })
        })
        .collect();
    let second = Step::SECOND.width();
    let mut tick = calendar.there(from).floor_second() + second;
    while tick <= calendar.there(until) {
        known.push((tick, Observation::tick(tick)));
        tick = tick + second;
    }
    known.sort_by_key(|(known, observation)| (*known, observation.at));
    known.into_iter().map(|(_, observation)| observation).collect()
}

/// The header of a run's recording.
pub fn header(country: &Country, network: &str, calendar: &Calendar) -> RecordingHeader {
    let mut header = RecordingHeader::new(Some(network), calendar.start());
    header.synthetic = true;
    header.time_scale = f64::from(calendar.slower());
    header.made_by = format!("falter-lab {}", env!("CARGO_PKG_VERSION"));
    header.vantage_points = stands(country)
        .into_iter()
        .map(|stand| VantagePoint {
            id: stand.node.into(),
            asn: Some(stand.asn),
            place: stand.place,
        })
        .collect();
    let darknets = country.nodes_that(|role| *role == Role::Darknet);
    header.vantage_points.extend(darknets.map(|node| VantagePoint {
        id: node.name.as_str().into(),
        asn: Some(node.asn),
        place: Place::Outside,
    }));
    header
}

/// Writes a recording, compressed.
pub fn write<W: Write>(
    out: W,
    header: &RecordingHeader,
    observations: &[Observation],
) -> Result<W> {
    // No observation of ours has a peer or a path.
    let interned = Interned::new();
    let mut writer = RecordingWriter::compressed(out, header)?;
    for observation in observations {
        writer.write(observation, &interned).context("writing the recording")?;
    }
    writer.finish_compressed().context("writing the recording")
}

fn vantage(fact: &Fact) -> Option<&Text> {
    match fact {
        Fact::Probe(probe) => Some(&probe.vantage),
        Fact::Control(control) => Some(&control.vantage),
        Fact::Name(name) => Some(&name.vantage),
        Fact::Page(page) => Some(&page.vantage),
        _ => None,
    }
}

/// From a question to what came of it.
fn takes(fact: &Fact) -> Span {
    let micros = |us: u32| Span::from_micros(i64::from(us));
    let of = |outcome: &Outcome| match outcome {
        Outcome::Reply { rtt_us, .. } | Outcome::Reset { rtt_us } => micros(*rtt_us),
        Outcome::Timeout { after } => *after,
        Outcome::Unreachable(_) => PATIENCE,
    };
    match fact {
        Fact::Probe(probe) => of(&probe.outcome),
        Fact::Control(control) => of(&control.outcome),
        Fact::Name(name) => name.answer.as_ref().map_or(PATIENCE, |answer| micros(answer.rtt_us)),
        Fact::Page(page) if page.error.is_none() => {
            let all: u64 = page.times_us.iter().map(|(_, us)| us).sum();
            Span::from_micros(i64::try_from(all).unwrap_or(i64::MAX))
        }
        Fact::Page(_) => PATIENCE,
        _ => Span::ZERO,
    }
}

#[cfg(test)]
mod tests;
