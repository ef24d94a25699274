//! The mail service, by curl: who connects is greeted or not. Told as a TCP probe.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context, Result};
use falter_model::{Clock, Fact, Method, Observation, Outcome, Probe, Span, Text, Unreachable};
use falter_sources::clock::SystemClock;

use super::asking::Askers;
use super::curl::{curl, refusal};
use super::places::Stand;
use crate::country::{Country, Role};
use crate::stage::Ns;

/// Between two connections of a witness.
const PERIOD: Duration = Duration::from_secs(2);
/// How long a greeting is waited for, seconds.
const PATIENCE_S: u8 = 1;

/// What curl prints.
const FORMAT: &str = "%{exitcode} %{response_code} %{time_connect} %{time_total}\n";

/// Where mail is taken.
pub(crate) fn services(country: &Country) -> Vec<Ipv4Addr> {
    let address = |node: &crate::country::Node| match &node.role {
        Role::Machine(machine) => machine.mail,
        _ => None,
    };
    country.nodes.iter().filter_map(address).collect()
}

/// Begins to connect.
pub(super) fn begin(country: &Country, stand: &Stand, askers: &mut Askers) {
    for address in services(country) {
        let vantage: Text = stand.node.as_str().into();
        askers.ask(Ns::named(&stand.node), (PERIOD / 3, PERIOD), move |_| greet(&vantage, address));
    }
}

fn greet(vantage: &Text, address: Ipv4Addr) -> Result<Observation> {
    let mut curl = curl(&PATIENCE_S.to_string(), FORMAT);
    curl.arg(format!("smtp://{address}:25"));
    let at = SystemClock.now();
    let output = curl.output().context("running curl")?;
    let told = String::from_utf8_lossy(&output.stderr);
    let outcome = read(&String::from_utf8_lossy(&output.stdout), &told);
    let (vantage, target, method) = (vantage.clone(), address.into(), Method::Tcp(25));
    Ok(Observation { at, fact: Fact::Probe(Box::new(Probe { vantage, target, method, outcome })) })
}

/// What curl printed, and what it told on the way. A greeting is a reply, however curl liked the rest; a
/// connection without a greeting is none.
fn read(printed: &str, told: &str) -> Outcome {
    let mut words = printed.split_whitespace();
    let mut number = || words.next().and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0);
    let (exit, reply, connect, total) = (number(), number(), number(), number());
    if reply >= 200.0 {
        return Outcome::Reply { rtt_us: micros(connect), ttl: None };
    }
    match refusal(exit, told) {
        Some("refused") => Outcome::Reset { rtt_us: micros(total) },
        Some(_) => Outcome::Unreachable(Unreachable { code: "host".into(), from: None }),
        None => Outcome::Timeout { after: Span::from_seconds(i64::from(PATIENCE_S)) },
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a minute at most")]
fn micros(seconds: f64) -> u32 {
    (seconds.clamp(0.0, 60.0) * 1e6).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_is_a_reply_and_nothing_else_is() {
        let check = |printed, told, outcome| assert_eq!(read(printed, told), outcome);
        let timeout = || Outcome::Timeout { after: Span::from_seconds(1) };
        check("8 221 0.061234 0.1\n", "", Outcome::Reply { rtt_us: 61_234, ttl: None });
        check("28 000 0.061234 1.0\n", "", timeout());
        check("28 000 0.000000 1.0\n", "", timeout());
        let refused = "* connect to 175.45.176.10 port 25 failed: Connection refused\n";
        check("7 000 0.000000 0.031\n", refused, Outcome::Reset { rtt_us: 31_000 });
        let away = "* connect to 175.45.176.10 port 25 failed: No route to host\n";
        let unreachable = Unreachable { code: "host".into(), from: None };
        check("7 000 0.000000 0.031\n", away, Outcome::Unreachable(unreachable));
    }
}
