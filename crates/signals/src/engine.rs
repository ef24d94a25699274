//! The stage itself: takes observations in the order of time and tells values as bins close.

use falter_model::{
    End, Entity, Fact, Interned, Observation, Onset, RouteFacts, Span, Timestamp, VantagePoint,
};

use crate::active::Active;
use crate::bgp::Routing;
use crate::imports::Imports;
use crate::{Output, Plan};

/// How often feeds are looked at, and the narrowest bin.
const MINUTE: Span = Span::from_minutes(1);

/// The width of the bins of routes.
const FIVE_MINUTES: Span = Span::from_minutes(5);

/// A leap in time longer than this is a hole between two inputs: nothing is told of it, and nothing
/// from before it is believed. It also bounds what a single wrong time can cost.
const LEAP: Span = Span::from_days(2);

/// Turns observations into readings. Time is what the observations say: each first closes the
/// seconds and bins that ended before it.
#[derive(Debug)]
pub struct Engine {
    routing: Routing,
    active: Active,
    imports: Imports,
    now: Option<Timestamp>,
}

impl Engine {
    /// An engine that has seen nothing.
    pub fn new(plan: Plan) -> Self {
        let Plan { network, countries, vantage_points } = plan;
        let network = network.as_ref();
        Self {
            active: Active::new(network, vantage_points),
            imports: Imports::new(network),
            routing: Routing::new(network, countries),
            now: None,
        }
    }

    /// These observe too, from here on.
    pub fn join(&mut self, points: &[VantagePoint]) {
        self.active.join(points);
    }

    /// These observations come next, some dozens: a hint that makes taking them faster where all
    /// that is routed is watched, and changes nothing.
    pub fn expect(&mut self, observations: &[Observation]) {
        self.routing.expect(observations);
    }

    /// Takes one observation and appends what became known by it to `out`.
    pub fn observe(&mut self, observation: &Observation, interned: &Interned, out: &mut Output) {
        self.advance(observation.at, interned, out);
        match &observation.fact {
            Fact::Value(value) => self.imports.take(observation.at, value),
            Fact::Route(_) | Fact::Activity(_) | Fact::Peer(_) | Fact::RibEnd(_) => {
                self.routing.observe(observation, interned, out);
            }
            _ => self.active.observe(observation),
        }
    }

    /// Closes what is open up to `until`: the input ended.
    pub fn finish(&mut self, until: Timestamp, interned: &Interned, out: &mut Output) {
        self.advance(until, interned, out);
        self.routing.settle(until.floor_second(), out);
        self.routing.finish(until, out);
        self.active.finish(until, out);
        self.imports.tell(Timestamp::MAX, &mut out.readings);
    }

    /// What the routes of an entity did around an outage; `None` where its routes were not watched.
    pub fn route_facts(
        &self,
        entity: &Entity,
        from: Onset,
        until: Option<End>,
        _interned: &Interned,
    ) -> Option<RouteFacts> {
        self.routing.facts(entity, from, until)
    }

    /// Closes the seconds, minutes and bins between now and then.
    fn advance(&mut self, then: Timestamp, interned: &Interned, out: &mut Output) {
        let Some(now) = self.now else {
            self.now = Some(then);
            return;
        };
        if then <= now {
            return;
        }
        let second_ended = then.floor_second() > now.floor_second();
        if second_ended {
            self.routing.settle(now.floor_second(), out);
        }
        let leaps = then - now > LEAP;
        let last = if leaps { now + FIVE_MINUTES } else { then };
        let mut minute = floor(now, MINUTE) + MINUTE;
        while minute <= last {
            self.close(minute, interned, out);
            minute = minute + MINUTE;
        }
        // All that it closes ends with a whole second; archives tell of thousands of moments a second.
        if second_ended {
            self.active.close(last, out);
        }
        self.imports.tell(then, &mut out.readings);
        if leaps {
            self.routing.leap(then, out);
            self.active.leap();
        }
        self.now = Some(then);
    }

    /// A minute ended.
    fn close(&mut self, minute: Timestamp, interned: &Interned, out: &mut Output) {
        self.routing.look(minute);
        if floor(minute, FIVE_MINUTES) == minute {
            self.routing.close(minute, interned, out);
        } else {
            self.routing.settle(minute, out);
        }
    }
}

/// The last multiple of `width` up to `at`.
fn floor(at: Timestamp, width: Span) -> Timestamp {
    Timestamp::from_micros(at.micros().div_euclid(width.micros()) * width.micros())
}
