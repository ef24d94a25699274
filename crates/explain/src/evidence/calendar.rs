//! Entries of the operator's calendar that run during the outage.
//!
//! Shutdowns are 9 times as frequent around protests and 16 times around elections, spontaneous
//! outages are not (SIGCOMM 2023). Other kinds are told by whoever keeps the calendar, and judged.

use std::collections::BTreeSet;

use falter_model::{CalendarKind, EvidenceBasis, Kind};

use super::group::Group;
use super::{Finding, Scene};
use crate::causes::Announced;

pub(super) fn look(scene: &Scene<'_>) -> Option<Finding> {
    let kinds: BTreeSet<&'static str> =
        scene.case.calendar.iter().map(|entry| name(entry.kind)).collect();
    if kinds.is_empty() {
        return None;
    }
    // Several entries of one kind are one reason; of several kinds the strongest counts.
    let likelihood = Scene::expected(|expects| {
        scene
            .case
            .calendar
            .iter()
            .map(|entry| factor(&expects.announced, entry.kind))
            .fold(1.0, f64::max)
    });
    let published = scene
        .case
        .calendar
        .iter()
        .all(|entry| matches!(entry.kind, CalendarKind::Election | CalendarKind::Protest));
    let names: Vec<&str> = kinds.iter().copied().collect();
    Some(Finding {
        id: "calendar.entry",
        group: Group::Calendar,
        kind: Kind::Calendar,
        basis: if published { EvidenceBasis::Literature } else { EvidenceBasis::Expert },
        likelihood,
        says: format!("The calendar has {} at this time.", names.join(", ")),
        observed: vec![("kinds", kinds.len() as f64)],
    })
}

fn factor(announced: &Announced, kind: CalendarKind) -> f64 {
    match kind {
        CalendarKind::Election => announced.election,
        CalendarKind::Exam => announced.exam,
        CalendarKind::Protest => announced.protest,
        CalendarKind::Holiday => announced.holiday,
        CalendarKind::Maintenance => announced.maintenance,
        CalendarKind::Grid => announced.grid,
        CalendarKind::Cable => announced.cable,
        CalendarKind::Weather => announced.weather,
    }
}

const fn name(kind: CalendarKind) -> &'static str {
    match kind {
        CalendarKind::Election => "an election",
        CalendarKind::Exam => "exams",
        CalendarKind::Protest => "protests",
        CalendarKind::Holiday => "a holiday",
        CalendarKind::Maintenance => "announced work",
        CalendarKind::Grid => "trouble of the grid",
        CalendarKind::Cable => "a cable fault",
        CalendarKind::Weather => "bad weather",
    }
}
