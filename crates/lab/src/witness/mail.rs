//! The mail service, by curl: who connects is greeted or not. Told as a TCP probe.

use std::net::Ipv4Addr;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use falter_model::{Clock, Fact, Method, Observation, Outcome, Probe, Span, Text};
use falter_sources::clock::SystemClock;

use super::asking::Askers;
use super::places::Stand;
use crate::country::{Country, Role};
use crate::stage::Ns;

/// Between two connections of a witness.
const PERIOD: Duration = Duration::from_secs(2);
/// How long a greeting is waited for, seconds.
const PATIENCE_S: u8 = 1;

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
    let mut curl = Command::new("curl");
    curl.args(["-q", "-s", "-o", "/dev/null", "--noproxy", "*", "--max-time", &PATIENCE_S.to_string()]);
    curl.args(["-w", "%{exitcode} %{response_code} %{time_connect}\n"]).arg(format!("smtp://{address}:25"));
    let at = SystemClock.now();
    let output = curl.output().context("running curl")?;
    let outcome = read(&String::from_utf8_lossy(&output.stdout));
    let (vantage, target, method) = (vantage.clone(), address.into(), Method::Tcp(25));
    Ok(Observation { at, fact: Fact::Probe(Box::new(Probe { vantage, target, method, outcome })) })
}

/// What curl printed: exit code, the last reply of the service, and when the connection stood. A
/// greeting is a reply, however curl liked the rest; a connection without a greeting is none.
fn read(printed: &str) -> Outcome {
    let mut words = printed.split_whitespace();
    let mut number = || words.next().and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0);
    let (exit, reply, connect) = (number(), number(), number());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a second at most")]
    let rtt_us = (connect.clamp(0.0, 60.0) * 1e6).round() as u32;
    if reply >= 200.0 {
        Outcome::Reply { rtt_us, ttl: None }
    } else if exit == 7.0 {
        Outcome::Reset { rtt_us }
    } else {
        Outcome::Timeout { after: Span::from_seconds(i64::from(PATIENCE_S)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_is_a_reply_and_nothing_else_is() {
        assert_eq!(read("8 221 0.061234\n"), Outcome::Reply { rtt_us: 61_234, ttl: None });
        assert_eq!(read("28 000 0.061234\n"), Outcome::Timeout { after: Span::from_seconds(1) });
        assert_eq!(read("28 000 0.000000\n"), Outcome::Timeout { after: Span::from_seconds(1) });
        assert_eq!(read("7 000 0.000000\n"), Outcome::Reset { rtt_us: 0 });
    }
}
