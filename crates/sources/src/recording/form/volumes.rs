//! Attacks, traffic and imported values as JSON.

use std::net::IpAddr;

use falter_model::{Attack, Direction, Entity, SignalId, Text, Timestamp, Traffic, Value};
use serde::{Deserialize, Serialize};

use crate::recording::LineError;
use crate::series::{step_from_seconds, step_seconds};

#[derive(Serialize, Deserialize)]
pub(super) struct AttackForm {
    victim: IpAddr,
    protocol: Text,
    packets: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sources_16: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_ppm: Option<u64>,
    from: Timestamp,
    until: Timestamp,
}

#[derive(Serialize, Deserialize)]
pub(super) struct TrafficForm {
    entity: Entity,
    #[serde(with = "DirectionForm")]
    direction: Direction,
    octets: u64,
    packets: u64,
    flows: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    port: Option<Text>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Direction", rename_all = "lowercase")]
enum DirectionForm {
    In,
    Out,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ValueForm {
    entity: Entity,
    signal: SignalId,
    value: Option<f64>,
    n: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step_s: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<Text>,
}

impl AttackForm {
    pub(super) fn of(attack: &Attack) -> Self {
        Self {
            victim: attack.victim,
            protocol: attack.protocol.clone(),
            packets: attack.packets,
            sources_16: attack.sources_16,
            max_ppm: attack.max_ppm,
            from: attack.from,
            until: attack.until,
        }
    }

    pub(super) fn into_attack(self, vantage: Text) -> Attack {
        let Self { victim, protocol, packets, sources_16, max_ppm, from, until } = self;
        Attack { vantage, victim, protocol, packets, sources_16, max_ppm, from, until }
    }
}

impl TrafficForm {
    pub(super) fn of(traffic: &Traffic) -> Self {
        Self {
            entity: traffic.entity.clone(),
            direction: traffic.direction,
            octets: traffic.octets,
            packets: traffic.packets,
            flows: traffic.flows,
            port: traffic.port.clone(),
        }
    }

    pub(super) fn into_traffic(self, vantage: Text) -> Traffic {
        let Self { entity, direction, octets, packets, flows, port } = self;
        Traffic { vantage, entity, direction, octets, packets, flows, port }
    }
}

impl ValueForm {
    pub(super) fn of(value: &Value) -> Self {
        Self {
            entity: value.entity.clone(),
            signal: value.signal.clone(),
            value: value.value,
            n: value.n,
            step_s: value.step.map(step_seconds),
            unit: value.unit.clone(),
        }
    }

    pub(super) fn into_value(self, vantage: Text) -> Result<Value, LineError> {
        let Self { entity, signal, value, n, step_s, unit } = self;
        let step = match step_s {
            None => None,
            Some(found) => Some(step_from_seconds(found).ok_or(LineError::Step { found })?),
        };
        Ok(Value { vantage, entity, signal, value, n, step, unit })
    }
}
