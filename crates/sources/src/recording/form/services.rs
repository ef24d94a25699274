//! Questions to name servers and visits to web sites as JSON.

use std::fmt;
use std::net::IpAddr;

use falter_model::{Answer, Name, Page, Stage, Text, Transport};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::recording::LineError;

#[derive(Serialize, Deserialize)]
pub(super) struct NameForm {
    server: Text,
    zone: Text,
    #[serde(with = "TransportForm")]
    transport: Transport,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<AnswerForm>,
    /// Why there is no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Text>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Transport", rename_all = "lowercase")]
enum TransportForm {
    Udp,
    Tcp,
}

#[derive(Serialize, Deserialize)]
struct AnswerForm {
    rcode: Text,
    #[serde(default)]
    aa: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    serial: Option<u32>,
    rtt_us: u32,
}

#[derive(Serialize, Deserialize)]
pub(super) struct PageForm {
    site: Text,
    #[serde(with = "StageForm")]
    stage: Stage,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Timings::is_empty")]
    times_us: Timings,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Stage", rename_all = "lowercase")]
enum StageForm {
    Resolve,
    Connect,
    Tls,
    Request,
    Status,
}

/// An object whose order counts.
#[derive(Default)]
struct Timings(Vec<(Text, u64)>);

impl NameForm {
    pub(super) fn of(name: &Name) -> Self {
        let (answer, error) = match &name.answer {
            Ok(Answer { rcode, aa, serial, rtt_us }) => {
                let form =
                    AnswerForm { rcode: rcode.clone(), aa: *aa, serial: *serial, rtt_us: *rtt_us };
                (Some(form), None)
            }
            Err(error) => (None, Some(error.clone())),
        };
        let (server, zone) = (name.server.clone(), name.zone.clone());
        Self { server, zone, transport: name.transport, answer, error }
    }

    pub(super) fn into_name(self, vantage: Text) -> Result<Name, LineError> {
        let Self { server, zone, transport, answer, error } = self;
        let answer = match (answer, error) {
            (Some(AnswerForm { rcode, aa, serial, rtt_us }), None) => {
                Ok(Answer { rcode, aa, serial, rtt_us })
            }
            (None, Some(error)) => Err(error),
            _ => return Err(LineError::Answer),
        };
        Ok(Name { vantage, server, zone, transport, answer })
    }
}

impl PageForm {
    pub(super) fn of(page: &Page) -> Self {
        Self {
            site: page.site.clone(),
            stage: page.stage,
            error: page.error.clone(),
            status: page.status,
            address: page.address,
            times_us: Timings(page.times_us.clone()),
        }
    }

    pub(super) fn into_page(self, vantage: Text) -> Page {
        let Self { site, stage, error, status, address, times_us } = self;
        Page { vantage, site, stage, error, status, address, times_us: times_us.0 }
    }
}

impl Timings {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Timings {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(stage, time)| (stage, time)))
    }
}

impl<'de> Deserialize<'de> for Timings {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Timings;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of times in microseconds")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Timings, A::Error> {
        let mut timings = Vec::new();
        while let Some(timing) = map.next_entry()? {
            timings.push(timing);
        }
        Ok(Timings(timings))
    }
}
