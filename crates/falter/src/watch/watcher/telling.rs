//! What a watcher tells: outages, what its sources see, and whether it can be trusted itself.

use falter_model::{Clock, Timestamp};
use falter_sources::clock::SystemClock;

use super::Watcher;
use crate::pipeline::News;
use crate::watch::Time;
use crate::watch::event::{Event, What};
use crate::watch::pace::Beat;
use crate::watch::status::{Said, SourceState, Status, blind_because};
use crate::watch::trust::Trust;

impl Watcher {
    /// Tells what is in the store.
    pub(in crate::watch) fn tell_news(&mut self, news: &News) {
        let (name, own) = (self.profile.name.clone(), self.profile.entity());
        self.events.board().of(&name, |shown| {
            shown.take_series(&own, &news.series);
            news.outages.iter().for_each(|outage| shown.take_outage(outage));
        });
        for outage in &news.outages {
            if let Some(what) = self.told.event(outage) {
                self.tell(what);
            }
        }
        for blind in &news.blind {
            if self.told.is_new_blind(blind) {
                self.tell(What::Blind { blind: blind.clone() });
            }
        }
    }

    /// Takes note of what the clocks show.
    pub(super) fn note(&mut self, beat: &Beat, trust: &mut Trust) {
        if let Some((from, until)) = beat.untrusted {
            trust.lose(from, until);
        }
        if let Some(late) = beat.late {
            let says = format!("came {late} too late: too busy, or asleep; not measured");
            self.health("cpu", false, says);
        } else if beat.tick.is_some() {
            self.well("cpu", "in time");
        }
        if let Some(jump) = beat.jump {
            self.health("clock", false, format!("jumped by {jump}; not measured"));
        } else if beat.tick.is_some() {
            self.well("clock", "goes on");
        }
    }

    /// Tells which sources changed, and whether any of them sees.
    pub(super) fn look_at_sources(&mut self) {
        let sources: Vec<Said> = self.sources.iter().map(Status::said).collect();
        let is = |state: SourceState| sources.iter().any(|source| source.state == state);
        if self.time == Time::Lines || is(SourceState::Up) {
            self.well("sources", "one sees again");
        } else if !is(SourceState::Starting) {
            let says = blind_because(&sources, &self.profile.name);
            self.health("sources", false, says);
        }
        match sources.iter().find_map(|source| source.lacks.clone()) {
            Some(lacks) => self.health("table", false, format!("none to begin with: {lacks}")),
            None => self.well("table", "there is one to begin with"),
        }
        for (place, said) in sources.into_iter().enumerate() {
            if self.concerns.source_changed(place, &said.state)
                && said.state != SourceState::Starting
            {
                self.tell(What::Source { source: said.name, state: said.state });
            }
        }
    }

    /// Tells trouble once, and once that it is over; true where all is well.
    pub(super) fn concern(
        &mut self,
        concern: &'static str,
        what: &'static str,
        result: anyhow::Result<()>,
    ) -> bool {
        match result {
            Ok(()) => {
                self.well(concern, what);
                true
            }
            Err(error) => {
                self.health(concern, false, format!("{error:#}"));
                false
            }
        }
    }

    fn well(&mut self, concern: &'static str, what: &str) {
        if self.concerns.is_trouble(concern) {
            self.health(concern, true, what.to_owned());
        }
    }

    pub(super) fn health(&mut self, concern: &'static str, well: bool, says: String) {
        if !self.concerns.note(concern, (!well).then_some(says.as_str())) {
            return;
        }
        let name = self.profile.name.clone();
        let trouble = (!well).then(|| says.clone());
        self.events.board().of(&name, |shown| match trouble {
            Some(trouble) => _ = shown.troubles.insert(concern, trouble),
            None => _ = shown.troubles.remove(concern),
        });
        tracing::warn!(network = %name, concern, well, says, "Health.");
        self.tell(What::Health { concern, well, says });
    }

    pub(in crate::watch) fn tell(&self, what: What) {
        let network = Some(self.profile.name.clone());
        self.events.tell(Event { at: self.now(), network, what });
    }

    /// The moment that has come: of the wall, or of the lines.
    pub(in crate::watch) fn now(&self) -> Timestamp {
        let of_lines = || {
            let waiting = self.work.observations.last().map(|last| last.at);
            waiting.max(self.work.now)
        };
        match self.time {
            Time::Wall => SystemClock.now().max(of_lines().unwrap_or(Timestamp::MIN)),
            Time::Lines => of_lines().unwrap_or_else(|| SystemClock.now()),
        }
    }
}
