//! A run: the country stands, is watched, broken and mended, and what everybody saw of it is left as a
//! folder that falter can replay, with the truth beside it.
//!
//! Everything is written into memory first and moved to its place in one step at the end.

mod folder;
mod live;
mod noise;
mod plan;
mod profile;
mod readme;
mod stand;

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use falter_model::{Clock, Prefix, Span, Timestamp};
use falter_sources::clock::SystemClock;

use crate::action::Action;
use crate::recording::Clocks;
use crate::restamp::Calendar;
use crate::stage::Stage;
use crate::story::Story;
use crate::truth::{Played, Truth};
use crate::witness::Seen;

pub use live::usage;
pub(crate) use plan::HOLD_TIMES;
pub use plan::{Margins, RunPlan, Wanted};
pub use profile::profile;

use folder::Folder;
use live::Live;
use stand::Watchers;

/// The network's name in what a run leaves: that of the profile after which the country is made, whose
/// addresses and AS numbers it has.
pub const NETWORK: &str = "kp";
/// The entity that the truth is about.
pub const ENTITY: &str = "network/kp";

/// What was done and seen, by the machine's clock.
struct Record {
    began: Timestamp,
    ended: Timestamp,
    actions: Vec<(Timestamp, String)>,
    clocks: Clocks,
    seen: Seen,
}

/// Plays what is planned on a stage that stands, and leaves the folder `out`, which must not exist or be
/// empty. Afterwards everything is as planned again. `says` hears how it is going.
pub fn run(
    stage: &mut Stage,
    plan: &RunPlan,
    out: &Path,
    says: &mut dyn FnMut(&str),
) -> Result<()> {
    folder::must_be_free(out)?;
    let stories = plan.stories(stage.country())?;
    let margins = plan.margins(&stories)?;
    let work = stage.folder().join("run");
    let mut folder = Folder::new(&work)?;
    let watchers = Watchers::begin(stage, &work)?;
    let live = |falter| Live::begin(stage, falter, plan.records_only, &work);
    let falter = plan.live.as_deref().map(live).transpose()?;
    let played = play(stage, &stories, &margins, watchers.began(), says);
    // Whatever happened, the next one finds the country as planned.
    let restored = stage.restore();
    let (actions, clocks) = played?;
    restored?;
    says(&format!("{:.0} s of what follows", margins.after.as_secs_f64()));
    thread::sleep(margins.after);
    let ended = SystemClock.now();
    let began = watchers.began();
    // What falter keeps of what it watched is of the machine's time.
    let start = plan.live.as_ref().map_or_else(|| plan.start(), |_| began);
    let calendar = Calendar::new(began, start, plan.slower);
    says("writing down what was seen");
    let seen = watchers.end(stage, ended, &calendar, &mut folder)?;
    if let Some(falter) = falter {
        falter.end()?;
        folder.keep_all(live::FOLDER)?;
    }
    let record = Record { began, ended, actions, clocks, seen };
    leave(stage, plan, &stories, &record, &calendar, &mut folder)?;
    folder.move_to(out)?;
    says(&format!("{} is there", out.display()));
    Ok(())
}

/// Does what the stories say, each thing at its time.
fn play(
    stage: &mut Stage,
    stories: &[Story],
    margins: &Margins,
    began: Timestamp,
    says: &mut dyn FnMut(&str),
) -> Result<(Vec<(Timestamp, String)>, Clocks)> {
    says(&format!("{:.0} s of calm", margins.before.as_secs_f64()));
    let passed = Duration::from_micros((SystemClock.now() - began).micros().unsigned_abs());
    thread::sleep(margins.before.saturating_sub(passed));
    let start = Instant::now();
    let (mut actions, mut clocks) = (Vec::new(), Clocks::default());
    for step in plan::steps(stories) {
        thread::sleep(step.at.saturating_sub(start.elapsed()));
        let at = SystemClock.now();
        let what = step.action.to_string();
        says(&format!("{:6.1} s  {what}", start.elapsed().as_secs_f64()));
        if let Action::SetClock { node, ahead_ms } = &step.action {
            clocks.set(node, at, Span::from_micros(ahead_ms.saturating_mul(1000)));
        }
        stage.perform(&step.action).with_context(|| what.clone())?;
        actions.push((at, what));
    }
    thread::sleep(plan::lasts(stories).saturating_sub(start.elapsed()));
    Ok((actions, clocks))
}

/// Writes down what was done and seen.
fn leave(
    stage: &Stage,
    plan: &RunPlan,
    stories: &[Story],
    record: &Record,
    calendar: &Calendar,
    folder: &mut Folder,
) -> Result<()> {
    let country = stage.country();
    let profile = profile(country, plan.slower);
    let darknet = folder.read("darknet.pcap")?;
    let prefixes: Vec<Prefix> = country.prefixes().into_iter().map(|(_, prefix)| prefix).collect();
    let attacks = crate::witness::attacks(&darknet, &prefixes, &"darknet".into());
    let span = (record.began, record.ended);
    let mut observations = crate::recording::on_calendar(
        record.seen.observations.clone(),
        span,
        &record.clocks,
        calendar,
    );
    // Attacks were seen on the calendar already.
    for attack in attacks {
        let place = observations.partition_point(|observation| observation.at <= attack.at);
        observations.insert(place, attack);
    }
    let header = crate::recording::header(country, NETWORK, calendar);
    let octets = crate::recording::write(Vec::new(), &header, &observations)?;
    folder.write("observations.jsonl.zst", &octets)?;
    folder.compress("darknet.pcap")?;
    folder.compress("observer1.pcap")?;
    let first = record.actions.first().map_or(record.ended, |(at, _)| *at);
    let truth = Truth::of(
        country,
        &Played {
            stories,
            seed: plan.seed,
            actions: &record.actions,
            seen: &record.seen,
            calm: (record.began, first),
        },
        calendar,
    );
    folder.write("truth.toml", truth.to_toml()?.as_bytes())?;
    folder.write("network.toml", toml::to_string(&profile)?.as_bytes())?;
    let until = calendar.there(record.ended);
    folder.write("README.md", readme::text(&truth, country, (calendar.start(), until)).as_bytes())
}
