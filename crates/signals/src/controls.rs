//! Far controls: whether a vantage point itself can see.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use falter_model::{Blind, Control, ControlKind, Entity, Span, Text, Timestamp};

/// Controls are counted by the minute.
const MINUTE: Span = Span::from_minutes(1);

/// How long they are remembered: longer than the widest bin and its grace.
const KEPT: Span = Span::from_minutes(30);

/// Why a vantage point could not tell.
const WHY: &str = "far controls failed";

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    /// By vantage point and minute: controls that were asked, and those of them that answered.
    asked: BTreeMap<(Text, Timestamp), BTreeMap<IpAddr, bool>>,
    /// Minutes of blindness by vantage point that were not told yet.
    blind: BTreeMap<Text, (Timestamp, Timestamp)>,
    judged: Option<Timestamp>,
}

impl Controls {
    /// Takes a probe to a control.
    pub(crate) fn take(&mut self, at: Timestamp, control: &Control) {
        if control.kind != ControlKind::Far {
            return;
        }
        let minute = floor(at);
        let answered = self
            .asked
            .entry((control.vantage.clone(), minute))
            .or_default()
            .entry(control.target)
            .or_default();
        *answered |= control.outcome.answered();
    }

    /// True unless more than half of the far controls that were asked in `[from, until)` failed. A
    /// vantage point that asked none is believed.
    pub(crate) fn can_see(&self, vantage: &Text, from: Timestamp, until: Timestamp) -> bool {
        let mut controls: BTreeMap<IpAddr, bool> = BTreeMap::new();
        let minutes = self.asked.range((vantage.clone(), floor(from))..);
        for (_, asked) in minutes.take_while(|((v, at), _)| v == vantage && *at < until) {
            for (target, answered) in asked {
                *controls.entry(*target).or_default() |= answered;
            }
        }
        let failed = controls.values().filter(|answered| !**answered).count();
        failed * 2 <= controls.len()
    }

    /// Tells times of blindness that ended before `now`, minutes joined.
    pub(crate) fn tell(&mut self, now: Timestamp, entity: Option<&Entity>, out: &mut Vec<Blind>) {
        let until = floor(now - Span::from_seconds(10));
        let from = self.judged.unwrap_or(Timestamp::MIN);
        if until <= from {
            return;
        }
        self.judged = Some(until);
        let minutes: Vec<(Text, Timestamp)> = self
            .asked
            .keys()
            .filter(|(_, minute)| *minute >= from && *minute < until)
            .cloned()
            .collect();
        for (vantage, minute) in minutes {
            let end = minute + MINUTE;
            let open = self.blind.get(&vantage).copied();
            if self.can_see(&vantage, minute, end) {
                if let Some(span) = self.blind.remove(&vantage) {
                    tell(&vantage, span, entity, out);
                }
            } else {
                let since = open.map_or(minute, |(since, _)| since);
                self.blind.insert(vantage, (since, end));
            }
        }
        self.asked.retain(|(_, minute), _| until - *minute < KEPT);
    }

    /// The input ended: tells blindness that has not.
    pub(crate) fn finish(&mut self, entity: Option<&Entity>, out: &mut Vec<Blind>) {
        for (vantage, span) in std::mem::take(&mut self.blind) {
            tell(&vantage, span, entity, out);
        }
    }

    /// Vantage points that can't see in a bin, of those given.
    pub(crate) fn blinded<'a>(
        &self,
        vantages: impl Iterator<Item = &'a Text>,
        from: Timestamp,
        until: Timestamp,
    ) -> BTreeSet<Text> {
        let all: BTreeSet<&Text> = vantages.collect();
        all.into_iter().filter(|vantage| !self.can_see(vantage, from, until)).cloned().collect()
    }
}

fn tell(
    vantage: &Text,
    (from, until): (Timestamp, Timestamp),
    entity: Option<&Entity>,
    out: &mut Vec<Blind>,
) {
    // Without a profile nothing says whom the vantage point was to watch.
    if let Some(entity) = entity {
        let (entity, vantage) = (entity.clone(), vantage.clone());
        out.push(Blind { entity, vantage, from, until, why: WHY.into() });
    }
}

fn floor(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.micros().div_euclid(MINUTE.micros()) * MINUTE.micros())
}
