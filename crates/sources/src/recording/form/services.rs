//! Questions to name servers and visits to web sites as JSON.

use std::fmt;
use std::net::IpAddr;

use falter_model::{Answer, Name, Page, PageDetails, Stage, Text, Timestamp, Transport};
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
    #[serde(default, skip_serializing_if = "is_false")]
    truncated: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<Timestamp>,
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
    #[serde(default, skip_serializing_if = "is_nothing", with = "DetailsForm")]
    details: PageDetails,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PageDetails")]
struct DetailsForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    who: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resolver: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    octets: Option<u64>,
    /// In hexadecimal: not every reader of JSON knows integers of 64 bits.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hexadecimal")]
    content: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_other: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_zero")]
    redirects: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sites_here: Option<u32>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_zero(number: &u8) -> bool {
    *number == 0
}

fn is_nothing(details: &PageDetails) -> bool {
    *details == PageDetails::default()
}

mod hexadecimal {
    use serde::de::{Error, Unexpected};
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "serde asks so")]
    pub(super) fn serialize<S: Serializer>(hash: &Option<u64>, to: S) -> Result<S::Ok, S::Error> {
        match hash {
            Some(hash) => to.collect_str(&format_args!("{hash:016x}")),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let hash = u64::from_str_radix(&text, 16);
        let wrong = || D::Error::invalid_value(Unexpected::Str(&text), &"hexadecimal digits");
        hash.map(Some).map_err(|_| wrong())
    }
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
            Ok(answer) => (Some(AnswerForm::of(answer)), None),
            Err(error) => (None, Some(error.clone())),
        };
        let (server, zone) = (name.server.clone(), name.zone.clone());
        Self { server, zone, transport: name.transport, answer, error }
    }

    pub(super) fn into_name(self, vantage: Text) -> Result<Name, LineError> {
        let Self { server, zone, transport, answer, error } = self;
        let answer = match (answer, error) {
            (Some(answer), None) => Ok(answer.into_answer()),
            (None, Some(error)) => Err(error),
            _ => return Err(LineError::Answer),
        };
        Ok(Name { vantage, server, zone, transport, answer })
    }
}

impl AnswerForm {
    fn of(answer: &Answer) -> Self {
        Self {
            rcode: answer.rcode.clone(),
            aa: answer.aa,
            serial: answer.serial,
            rtt_us: answer.rtt_us,
            truncated: answer.truncated,
            expires: answer.expires,
        }
    }

    fn into_answer(self) -> Answer {
        let Self { rcode, aa, serial, rtt_us, truncated, expires } = self;
        Answer { rcode, aa, serial, rtt_us, truncated, expires }
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
            details: page.details.clone(),
        }
    }

    pub(super) fn into_page(self, vantage: Text) -> Page {
        let Self { site, stage, error, status, address, times_us, details } = self;
        Page { vantage, site, stage, error, status, address, times_us: times_us.0, details }
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
