//! Probes, controls and hops as JSON.

use std::net::IpAddr;

use falter_model::{Control, ControlKind, Hop, Method, Outcome, Probe, Span, Text, Unreachable};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::recording::LineError;

#[derive(Serialize, Deserialize)]
pub(super) struct ProbeForm {
    target: IpAddr,
    #[serde(with = "method_text")]
    method: Method,
    #[serde(flatten)]
    outcome: OutcomeForm,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ControlForm {
    #[serde(with = "ControlKindForm")]
    kind: ControlKind,
    target: IpAddr,
    #[serde(with = "method_text")]
    method: Method,
    #[serde(flatten)]
    outcome: OutcomeForm,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ControlKind", rename_all = "lowercase")]
enum ControlKindForm {
    Far,
    Near,
}

/// Exactly one is there.
#[derive(Default, Serialize, Deserialize)]
struct OutcomeForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply: Option<ReplyForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timeout: Option<TimeoutForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unreachable: Option<UnreachableForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reset: Option<ResetForm>,
}

#[derive(Serialize, Deserialize)]
struct ReplyForm {
    rtt_us: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl: Option<u8>,
}

#[derive(Serialize, Deserialize)]
struct TimeoutForm {
    after_us: i64,
}

#[derive(Serialize, Deserialize)]
struct UnreachableForm {
    code: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<IpAddr>,
}

#[derive(Serialize, Deserialize)]
struct ResetForm {
    rtt_us: u32,
}

#[derive(Serialize, Deserialize)]
pub(super) struct HopForm {
    target: IpAddr,
    ttl: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rtt_us: Option<u32>,
}

impl ProbeForm {
    pub(super) fn of(probe: &Probe) -> Self {
        let outcome = OutcomeForm::of(&probe.outcome);
        Self { target: probe.target, method: probe.method, outcome }
    }

    pub(super) fn into_probe(self, vantage: Text) -> Result<Probe, LineError> {
        let outcome = self.outcome.into_outcome()?;
        Ok(Probe { vantage, target: self.target, method: self.method, outcome })
    }
}

impl ControlForm {
    pub(super) fn of(control: &Control) -> Self {
        let outcome = OutcomeForm::of(&control.outcome);
        Self { kind: control.kind, target: control.target, method: control.method, outcome }
    }

    pub(super) fn into_control(self, vantage: Text) -> Result<Control, LineError> {
        let Self { kind, target, method, outcome } = self;
        Ok(Control { vantage, kind, target, method, outcome: outcome.into_outcome()? })
    }
}

impl OutcomeForm {
    fn of(outcome: &Outcome) -> Self {
        let none = Self::default();
        match outcome {
            Outcome::Reply { rtt_us, ttl } => {
                Self { reply: Some(ReplyForm { rtt_us: *rtt_us, ttl: *ttl }), ..none }
            }
            Outcome::Timeout { after } => {
                Self { timeout: Some(TimeoutForm { after_us: after.micros() }), ..none }
            }
            Outcome::Unreachable(Unreachable { code, from }) => {
                let form = UnreachableForm { code: code.clone(), from: *from };
                Self { unreachable: Some(form), ..none }
            }
            Outcome::Reset { rtt_us } => {
                Self { reset: Some(ResetForm { rtt_us: *rtt_us }), ..none }
            }
        }
    }

    fn into_outcome(self) -> Result<Outcome, LineError> {
        match (self.reply, self.timeout, self.unreachable, self.reset) {
            (Some(form), None, None, None) => {
                Ok(Outcome::Reply { rtt_us: form.rtt_us, ttl: form.ttl })
            }
            (None, Some(form), None, None) => {
                Ok(Outcome::Timeout { after: Span::from_micros(form.after_us) })
            }
            (None, None, Some(form), None) => {
                Ok(Outcome::Unreachable(Unreachable { code: form.code, from: form.from }))
            }
            (None, None, None, Some(form)) => Ok(Outcome::Reset { rtt_us: form.rtt_us }),
            _ => Err(LineError::Outcome),
        }
    }
}

impl HopForm {
    pub(super) fn of(hop: &Hop) -> Self {
        Self { target: hop.target, ttl: hop.ttl, from: hop.from, rtt_us: hop.rtt_us }
    }

    pub(super) fn into_hop(self, vantage: Text) -> Hop {
        let Self { target, ttl, from, rtt_us } = self;
        Hop { vantage, target, ttl, from, rtt_us }
    }
}

/// `icmp`, `tcp:80`, `udp:53`.
mod method_text {
    use super::{Deserialize, Deserializer, Method, Serializer, Text, de};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    pub(super) fn serialize<S: Serializer>(method: &Method, to: S) -> Result<S::Ok, S::Error> {
        match method {
            Method::Icmp => to.serialize_str("icmp"),
            Method::Tcp(port) => to.collect_str(&format_args!("tcp:{port}")),
            Method::Udp(port) => to.collect_str(&format_args!("udp:{port}")),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Method, D::Error> {
        let text = Text::deserialize(from)?;
        parse(&text).ok_or_else(|| {
            de::Error::custom(format_args!("expected icmp, tcp:PORT or udp:PORT, found {text:?}"))
        })
    }

    fn parse(text: &str) -> Option<Method> {
        match text.split_once(':') {
            None => (text == "icmp").then_some(Method::Icmp),
            Some(("tcp", port)) => port.parse().ok().map(Method::Tcp),
            Some(("udp", port)) => port.parse().ok().map(Method::Udp),
            Some(_) => None,
        }
    }
}
