//! All vantage points of one side of the border: what they hold together.
//!
//! They are counted by AS, for two of one AS share its faults. Of several ASes, what only a minority
//! sees is theirs. One protocol from one AS proves no complete outage (docs/method.md,
//! "Reachability").

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{
    Control, Method, Place, Probe, State, Text, Timestamp, VantageAs, VantagePoints,
};

use crate::episode::{Episode, Stretch};
use crate::measured::Measured;
use crate::probed::Fallen;
use crate::rounds::Round;
use crate::seeing::Scope;
use crate::standing::{Common, Standing};
use crate::view::View;

/// See the module.
#[derive(Debug)]
pub(crate) struct Side {
    place: Place,
    views: BTreeMap<Text, (VantageAs, View)>,
    scopes: BTreeMap<Scope, Standing>,
    /// Kinds of methods that were ever answered.
    answered: BTreeSet<u8>,
    changed: BTreeSet<Scope>,
}

impl Side {
    /// Of vantage points that have not looked yet.
    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            views: BTreeMap::new(),
            scopes: BTreeMap::new(),
            answered: BTreeSet::new(),
            changed: BTreeSet::new(),
        }
    }

    /// Takes a probe of one of them.
    pub(crate) fn probe(&mut self, at: Timestamp, probe: &Probe, points: &VantagePoints) {
        if self.view(&probe.vantage, points).round.is_over(at, probe.target, probe.method) {
            self.close(&probe.vantage);
        }
        if probe.outcome.answered() {
            self.answered.insert(kind(probe.method));
        }
        self.view(&probe.vantage, points).round.probe(at, probe);
    }

    /// Takes a probe to a control of one of them.
    pub(crate) fn control(&mut self, at: Timestamp, control: &Control, points: &VantagePoints) {
        self.view(&control.vantage, points).round.control(at, control);
    }

    /// Ends rounds that nothing will end any more.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        self.close_all(|view| view.round.is_stale(now));
    }

    /// Ends all rounds: nothing more will come.
    pub(crate) fn finish(&mut self) {
        self.close_all(|_| true);
    }

    /// True where anything changed since [`Self::take_changed`].
    pub(crate) fn has_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// The scopes that changed since this was asked last.
    pub(crate) fn take_changed(&mut self) -> BTreeSet<Scope> {
        std::mem::take(&mut self.changed)
    }

    /// True where any host was ever heard.
    pub(crate) fn has_hosts(&self) -> bool {
        !self.answered.is_empty()
    }

    /// Scopes that are out.
    pub(crate) fn open(&self) -> impl Iterator<Item = Scope> {
        self.scopes.iter().filter(|(_, standing)| standing.is_open()).map(|(scope, _)| *scope)
    }

    /// True where any vantage point could see hosts in `[from, until)`.
    pub(crate) fn looked_in(&self, from: Timestamp, until: Timestamp) -> bool {
        self.has_hosts() && self.views.values().any(|(_, view)| view.looked_in(from, until))
    }

    /// Episodes of a scope up to `now`.
    pub(crate) fn episodes(&self, scope: Scope, now: Timestamp) -> Vec<Episode> {
        self.scopes.get(&scope).map(|standing| standing.episodes(now)).unwrap_or_default()
    }

    /// The episode of a scope that overlaps a time, and the hosts that fell with it.
    pub(crate) fn overlapping(
        &self,
        scope: Scope,
        from: Timestamp,
        until: Timestamp,
    ) -> Option<&(Episode, Fallen)> {
        self.scopes.get(&scope)?.overlapping(from, until)
    }

    /// True where anything is known of a scope.
    pub(crate) fn knows(&self, scope: Scope) -> bool {
        self.scopes.contains_key(&scope)
    }

    /// Machines that any of them knows.
    pub(crate) fn hosts(&self, scope: Scope) -> u32 {
        let known = self.views.values().filter_map(|(_, view)| view.seeing(scope));
        let most = known.map(|seeing| seeing.hosts).max().unwrap_or(0);
        u32::try_from(most).unwrap_or(u32::MAX)
    }

    /// Each vantage point's view.
    pub(crate) fn views(&self) -> impl Iterator<Item = (&Text, &View)> {
        self.views.iter().map(|(vantage, (_, view))| (vantage, view))
    }

    /// What they believed of a scope in `[from, until)`, as far as it was measured. At each moment
    /// the lower median of those that measured: a reply is a proof, silence is not.
    pub(crate) fn measured(&self, scope: Scope, from: Timestamp, until: Timestamp) -> Vec<Stretch> {
        let each: Vec<(&VantageAs, Vec<Stretch>)> = self
            .views
            .values()
            .filter_map(|(of, view)| Some((of, view.measured(scope)?.within(from, until))))
            .collect();
        let mut bounds: Vec<Timestamp> =
            each.iter().flat_map(|(_, all)| all).flat_map(|s| [s.from, s.until]).collect();
        bounds.sort_unstable();
        bounds.dedup();
        let mut measured: Vec<Stretch> = Vec::new();
        for (from, until) in bounds.iter().copied().zip(bounds.iter().copied().skip(1)) {
            let at = each.iter().filter_map(|(of, all)| {
                let place = all.partition_point(|stretch| stretch.until <= from);
                let stretch = all.get(place).filter(|stretch| stretch.from <= from)?;
                Some(((*of).clone(), stretch.lost?))
            });
            let lost = lower_median(by_as(at, f64::total_cmp), f64::total_cmp);
            match measured.last_mut() {
                Some(before) if before.until == from && before.lost == lost => before.until = until,
                _ => measured.push(Stretch { from, until, lost }),
            }
        }
        measured.retain(|stretch| stretch.lost.is_some());
        measured
    }

    fn view(&mut self, vantage: &Text, points: &VantagePoints) -> &mut View {
        let place = self.place;
        let new = || (points.vantage_as(vantage), View::new(place));
        &mut self.views.entry(vantage.clone()).or_insert_with(new).1
    }

    fn close_all(&mut self, is_over: impl Fn(&View) -> bool) {
        let over: Vec<Text> = self
            .views
            .iter()
            .filter(|(_, (_, view))| is_over(view))
            .map(|(vantage, _)| vantage.clone())
            .collect();
        for vantage in over {
            self.close(&vantage);
        }
    }

    fn close(&mut self, vantage: &Text) {
        let Some((_, view)) = self.views.get_mut(vantage) else { return };
        let Some(round) = view.close() else { return };
        let scopes: Vec<Scope> = view.scopes().collect();
        for scope in scopes {
            self.judge(scope, vantage, &round);
        }
    }

    /// Brings together what all vantage points believe of a scope after a round of one of them.
    fn judge(&mut self, scope: Scope, vantage: &Text, round: &Round) {
        let common = self.common(scope, round.until);
        let Some((_, view)) = self.views.get(vantage) else { return };
        let is_news = view.measured(scope).is_some_and(Measured::has_news);
        if self.scopes.entry(scope).or_default().take(scope, common, view, round) || is_news {
            self.changed.insert(scope);
        }
    }

    fn common(&self, scope: Scope, now: Timestamp) -> Common {
        let compare = |a: &(bool, f64), b: &(bool, f64)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1));
        let said =
            self.views.values().filter_map(|(of, view)| Some((of.clone(), view.says(scope, now)?)));
        let voices = by_as(said, compare);
        let accusing = voices.iter().filter(|(out, _)| *out).count();
        let is_proof = self.place == Place::Outside && (accusing >= 2 || self.answered.len() >= 2);
        Common {
            found: lower_median(voices, compare),
            at_most: if is_proof { State::Complete } else { State::Partial },
        }
    }
}

/// One voice an AS: the lower median of its vantage points'.
fn by_as<T: Copy>(
    said: impl Iterator<Item = (VantageAs, T)>,
    compare: impl Fn(&T, &T) -> std::cmp::Ordering,
) -> Vec<T> {
    let mut ases: BTreeMap<VantageAs, Vec<T>> = BTreeMap::new();
    for (of, voice) in said {
        ases.entry(of).or_default().push(voice);
    }
    ases.into_values().filter_map(|voices| lower_median(voices, &compare)).collect()
}

/// The lower median: what only a minority sees, or half, is theirs.
fn lower_median<T: Copy>(
    mut voices: Vec<T>,
    compare: impl Fn(&T, &T) -> std::cmp::Ordering,
) -> Option<T> {
    voices.sort_by(compare);
    voices.get(voices.len().saturating_sub(1) / 2).copied()
}

fn kind(method: Method) -> u8 {
    match method {
        Method::Icmp => 0,
        Method::Tcp(_) => 1,
        Method::Udp(_) => 2,
    }
}
