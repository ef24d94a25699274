//! The JSON form of an observation. Facts are named by their only key besides `at` and `vantage`.
//!
//! Beyond the kinds of the interface there are `activity` and `rib_end` (what a BGP record held
//! besides watched routes; the end of a table dump), and `table` beside `announce` and `withdraw`
//! for an entry of a table dump.

mod bgp;
mod probing;
mod services;
mod volumes;

use falter_model::{Fact, Interned, Observation, Text, Timestamp};
use serde::{Deserialize, Serialize};

use super::LineError;
use bgp::{ActivityForm, PeerChangeForm, RibEndForm, RouteForm};
use probing::{ControlForm, HopForm, ProbeForm};
use services::{NameForm, PageForm};
use volumes::{AttackForm, TrafficForm, ValueForm};

/// A line as it is written: exactly one of the fields after `vantage` is there. Unknown fields are
/// passed over on input.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct LineForm {
    at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vantage: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probe: Option<ProbeForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    control: Option<ControlForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hop: Option<HopForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<NameForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<PageForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<RouteForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<PeerChangeForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activity: Option<ActivityForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rib_end: Option<RibEndForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attack: Option<AttackForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    traffic: Option<TrafficForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<ValueForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tick: Option<Nothing>,
}

/// `{}`.
#[derive(Serialize, Deserialize)]
#[expect(clippy::empty_structs_with_brackets, reason = "its form is an object without fields")]
struct Nothing {}

impl LineForm {
    /// The form of an observation; `interned` must be the table that numbered its peer and path.
    pub(super) fn of(observation: &Observation, interned: &Interned) -> Result<Self, LineError> {
        let mut form = Self { at: Some(observation.at), ..Self::default() };
        match &observation.fact {
            Fact::Route(route) => {
                form.vantage = Some(bgp::collector(route.peer, interned)?);
                form.route = Some(RouteForm::of(route, interned)?);
            }
            Fact::Peer(change) => {
                form.vantage = Some(bgp::collector(change.peer, interned)?);
                form.peer = Some(PeerChangeForm::of(change, interned)?);
            }
            Fact::Activity(activity) => {
                form.vantage = Some(bgp::collector(activity.peer, interned)?);
                form.activity = Some(ActivityForm::of(activity, interned)?);
            }
            Fact::RibEnd(end) => {
                form.vantage = Some(end.collector.clone());
                form.rib_end = Some(RibEndForm::of(end, interned)?);
            }
            Fact::Probe(probe) => {
                form.vantage = Some(probe.vantage.clone());
                form.probe = Some(ProbeForm::of(probe));
            }
            Fact::Control(control) => {
                form.vantage = Some(control.vantage.clone());
                form.control = Some(ControlForm::of(control));
            }
            Fact::Hop(hop) => {
                form.vantage = Some(hop.vantage.clone());
                form.hop = Some(HopForm::of(hop));
            }
            Fact::Name(name) => {
                form.vantage = Some(name.vantage.clone());
                form.name = Some(NameForm::of(name));
            }
            Fact::Page(page) => {
                form.vantage = Some(page.vantage.clone());
                form.page = Some(PageForm::of(page));
            }
            Fact::Attack(attack) => {
                form.vantage = Some(attack.vantage.clone());
                form.attack = Some(AttackForm::of(attack));
            }
            Fact::Traffic(traffic) => {
                form.vantage = Some(traffic.vantage.clone());
                form.traffic = Some(TrafficForm::of(traffic));
            }
            Fact::Value(value) => {
                form.vantage = Some(value.vantage.clone());
                form.value = Some(ValueForm::of(value));
            }
            Fact::Tick => form.tick = Some(Nothing {}),
        }
        Ok(form)
    }

    /// The observation that the line tells.
    pub(super) fn into_observation(
        self,
        interned: &mut Interned,
    ) -> Result<Observation, LineError> {
        let at = self.at.ok_or(LineError::Missing { field: "at" })?;
        let kinds = self.count_kinds();
        if kinds != 1 {
            return Err(LineError::Kinds { found: kinds });
        }
        if self.tick.is_some() {
            return Ok(Observation::tick(at));
        }
        let vantage = self.vantage.ok_or(LineError::Missing { field: "vantage" })?;
        let fact = if let Some(route) = self.route {
            Fact::Route(route.into_route(at, vantage, interned)?)
        } else if let Some(peer) = self.peer {
            Fact::Peer(peer.into_change(vantage, interned))
        } else if let Some(activity) = self.activity {
            Fact::Activity(activity.into_activity(vantage, interned))
        } else if let Some(end) = self.rib_end {
            Fact::RibEnd(Box::new(end.into_end(vantage, interned)))
        } else if let Some(probe) = self.probe {
            Fact::Probe(Box::new(probe.into_probe(vantage)?))
        } else if let Some(control) = self.control {
            Fact::Control(Box::new(control.into_control(vantage)?))
        } else if let Some(hop) = self.hop {
            Fact::Hop(Box::new(hop.into_hop(vantage)))
        } else if let Some(name) = self.name {
            Fact::Name(Box::new(name.into_name(vantage)?))
        } else if let Some(page) = self.page {
            Fact::Page(Box::new(page.into_page(vantage)))
        } else if let Some(attack) = self.attack {
            Fact::Attack(Box::new(attack.into_attack(vantage)))
        } else if let Some(traffic) = self.traffic {
            Fact::Traffic(Box::new(traffic.into_traffic(vantage)))
        } else if let Some(value) = self.value {
            Fact::Value(Box::new(value.into_value(vantage)?))
        } else {
            return Err(LineError::Kinds { found: 0 });
        };
        Ok(Observation { at, fact })
    }

    fn count_kinds(&self) -> usize {
        [
            self.probe.is_some(),
            self.control.is_some(),
            self.hop.is_some(),
            self.name.is_some(),
            self.page.is_some(),
            self.route.is_some(),
            self.peer.is_some(),
            self.activity.is_some(),
            self.rib_end.is_some(),
            self.attack.is_some(),
            self.traffic.is_some(),
            self.value.is_some(),
            self.tick.is_some(),
        ]
        .into_iter()
        .filter(|there| *there)
        .count()
    }
}
