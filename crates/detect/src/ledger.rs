//! The ledger of outages: joins anew only what may have changed, seals what can't, and knows what
//! was told.

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{Entity, Outage, OutageId, Span, Timestamp};

use crate::episode::Episode;
use crate::inside::Inside;
use crate::joining::shortest_up;
use crate::outages::{Draft, HELD_BACK, draft, is_part, with_parts};

/// An outage can change for so long after it could no longer be joined: detectors of slow shifts
/// find onsets that lie back in time.
const SEALED_AFTER: Span = Span::from_days(1);

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    by_entity: BTreeMap<Entity, Page>,
    told: BTreeMap<OutageId, Outage>,
    /// Entities with outages that were not told yet since they may turn out to be parts.
    held_back: BTreeSet<Entity>,
}

/// The outages of one entity, in the order of onset.
#[derive(Debug, Default)]
struct Page {
    sealed: Vec<Draft>,
    live: Vec<Draft>,
}

impl Page {
    fn drafts(&self) -> impl DoubleEndedIterator<Item = &Draft> {
        self.sealed.iter().chain(&self.live)
    }
}

impl Ledger {
    /// Joins the episodes of an entity that are not sealed anew. Gives the moment before which all
    /// is sealed now: episodes that ended before it are not needed any more.
    pub(crate) fn redraft(
        &mut self,
        entity: &Entity,
        episodes: Vec<Episode>,
        mut inside: Inside<'_>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let page = self.by_entity.entry(entity.clone()).or_default();
        let after = page.sealed.last().map_or(Timestamp::MIN, Draft::until);
        let fresh =
            episodes.into_iter().filter(|episode| episode.onset.first_bad > after).collect();
        inside.beside.retain(|episode| episode.onset.first_bad > after);
        page.live = draft(entity, fresh, &inside, page.sealed.last(), now);
        let is_over = |draft: &Draft| {
            let step = draft.episodes.iter().map(|episode| episode.step).max();
            let wait = shortest_up(step.unwrap_or(Span::ZERO)) + SEALED_AFTER;
            draft.outage.until.is_some_and(|end| now - end.first_good > wait)
        };
        let over = page.live.iter().take_while(|draft| is_over(draft)).count();
        page.sealed.extend(page.live.drain(..over));
        page.sealed.last().map(Draft::until)
    }

    /// All outages, by onset, then entity. What began on a part during an outage of the top is a
    /// part of that.
    pub(crate) fn all(&self, top: Option<&Entity>) -> Vec<Outage> {
        let mut outages: Vec<Outage> =
            self.by_entity.keys().flat_map(|entity| self.of(entity, top, |_| true)).collect();
        sort(&mut outages);
        outages
    }

    /// What is new of outages of these entities, to be told now.
    pub(crate) fn news(
        &mut self,
        mut changed: BTreeSet<Entity>,
        top: Option<&Entity>,
        now: Timestamp,
    ) -> Vec<Outage> {
        changed.append(&mut self.held_back);
        // A part that changed changes the outage that it is part of.
        changed.extend(top.filter(|_| !changed.is_empty()).cloned());
        let mut news = Vec::new();
        for entity in changed {
            let is_live = |draft: &Draft| !ended_before(&draft.outage, now - SEALED_AFTER.times(2));
            for outage in self.of(&entity, top, is_live) {
                let may_be_part = top.is_some_and(|top| *top != entity);
                if may_be_part && now - outage.from.first_bad < HELD_BACK {
                    self.held_back.insert(entity.clone());
                } else if self.told.get(&outage.id) != Some(&outage) {
                    self.told.insert(outage.id.clone(), outage.clone());
                    news.push(outage);
                }
            }
        }
        self.told.retain(|_, outage| !ended_before(outage, now - SEALED_AFTER.times(3)));
        sort(&mut news);
        news
    }

    /// The draft of an outage.
    pub(crate) fn find(&self, outage: &Outage) -> Option<&Draft> {
        let page = self.by_entity.get(&outage.entity)?;
        page.drafts().rev().find(|draft| draft.outage.id == outage.id)
    }

    /// Drafts of an entity that began before `before`, oldest first.
    pub(crate) fn past(&self, entity: &Entity, before: Timestamp) -> impl Iterator<Item = &Draft> {
        let drafts = self.by_entity.get(entity).into_iter().flat_map(Page::drafts);
        drafts.take_while(move |draft| draft.outage.from.first_bad < before)
    }

    /// True where an outage of `entity` overlaps `[from, until)`.
    pub(crate) fn overlaps(&self, entity: &Entity, from: Timestamp, until: Timestamp) -> bool {
        let mut drafts =
            self.by_entity.get(entity).into_iter().flat_map(|page| page.drafts().rev());
        drafts.any(|draft| draft.outage.from.first_bad < until && draft.until() > from)
    }

    /// The outages of one entity that are listed under it, of the drafts that `wanted` picks.
    fn of(
        &self,
        entity: &Entity,
        top: Option<&Entity>,
        wanted: impl Fn(&Draft) -> bool,
    ) -> Vec<Outage> {
        let Some(page) = self.by_entity.get(entity) else { return Vec::new() };
        let drafts = page.drafts().filter(|draft| wanted(draft));
        if Some(entity) == top {
            return drafts.map(|whole| with_parts(whole, &self.parts(entity, whole))).collect();
        }
        let of_top = top.and_then(|top| self.by_entity.get(top));
        let is_listed = |draft: &&Draft| {
            !of_top.is_some_and(|page| page.drafts().any(|whole| is_part(draft, whole)))
        };
        drafts.filter(is_listed).map(|draft| draft.outage.clone()).collect()
    }

    fn parts(&self, top: &Entity, whole: &Draft) -> Vec<&Draft> {
        self.by_entity
            .iter()
            .filter(|(entity, _)| *entity != top)
            .flat_map(|(_, page)| page.drafts())
            .filter(|draft| is_part(draft, whole))
            .collect()
    }
}

impl Draft {
    /// First good moment after it; later than any time while it lasts.
    pub(crate) fn until(&self) -> Timestamp {
        self.outage.until.map_or(Timestamp::MAX, |end| end.first_good)
    }
}

/// True where an outage ended before `at`.
fn ended_before(outage: &Outage, at: Timestamp) -> bool {
    outage.until.is_some_and(|end| end.first_good < at)
}

fn sort(outages: &mut [Outage]) {
    outages.sort_by(|a, b| {
        (a.from.first_bad, &a.entity, &a.id).cmp(&(b.from.first_bad, &b.entity, &b.id))
    });
}
