//! Questions to the name servers, by dig: the SOA of a zone, of each server alone, over UDP and now and
//! then TCP.

use std::net::Ipv4Addr;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use falter_model::{
    Answer, Clock, Fact, Name, Observation, Place, Span, Text, Timestamp, Transport,
};
use falter_sources::clock::SystemClock;

use super::asking::Askers;
use super::places::Stand;
use crate::country::{AUTHORITIES, Country, INTRANET_ZONE, Role, ZONES};
use crate::stage::Ns;

/// Between two questions of a witness to a server.
const PERIOD: Duration = Duration::from_secs(1);
/// Every so many questions one goes over TCP.
const TCP_EVERY: usize = 5;
/// Every other question is for the top zone; its children take turns in between.
const TOP: &str = ZONES[0];

/// A server of the country's zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) address: Ipv4Addr,
}

/// The name servers that the world can ask.
pub(crate) fn servers() -> Vec<Server> {
    let named = |(number, address): (usize, &Ipv4Addr)| Server {
        name: format!("ns{}.kptc.kp", number + 1),
        address: *address,
    };
    AUTHORITIES.iter().enumerate().map(named).collect()
}

/// The name server of the intranet.
pub(crate) fn intranet_server(country: &Country) -> Option<Server> {
    let address = country.nodes.iter().find_map(|node| match &node.role {
        Role::Machine(machine) if machine.intranet => machine.names.first().copied(),
        _ => None,
    })?;
    Some(Server { name: format!("ns.{INTRANET_ZONE}"), address })
}

/// Begins to ask all servers that can be asked from there.
pub(super) fn begin(country: &Country, stand: &Stand, askers: &mut Askers) {
    for (number, server) in (0_u32..).zip(servers()) {
        let delay = PERIOD / 4 * number
            + if stand.place == Place::Inside { PERIOD / 8 } else { Duration::ZERO };
        let ask = asker(stand, server, |count| {
            let children = ZONES.get(1..).unwrap_or_default();
            let child = children.get(count / 2 % children.len().max(1));
            if count % 2 == 0 { TOP } else { child.copied().unwrap_or(TOP) }
        });
        askers.ask(Ns::named(&stand.node), (delay, PERIOD), ask);
    }
    if stand.place == Place::Inside
        && let Some(server) = intranet_server(country)
    {
        let ask = asker(stand, server, |_| INTRANET_ZONE);
        askers.ask(Ns::named(&stand.node), (PERIOD / 2, PERIOD), ask);
    }
}

fn asker(
    stand: &Stand,
    server: Server,
    zone: impl Fn(usize) -> &'static str + Send + 'static,
) -> impl FnMut(usize) -> Result<Observation> + Send + 'static {
    let vantage: Text = stand.node.as_str().into();
    move |count| {
        let transport =
            if count % TCP_EVERY == TCP_EVERY - 1 { Transport::Tcp } else { Transport::Udp };
        ask(&vantage, &server, zone(count), transport)
    }
}

fn ask(vantage: &Text, server: &Server, zone: &str, transport: Transport) -> Result<Observation> {
    let mut dig = Command::new("dig");
    dig.arg(format!("@{}", server.address)).args([
        zone,
        "SOA",
        "-u",
        "+norecurse",
        "+tries=1",
        "+time=1",
    ]);
    dig.args(["+noall", "+comments", "+answer", "+stats"]);
    dig.arg(if transport == Transport::Tcp { "+tcp" } else { "+notcp" });
    let asked = SystemClock.now();
    let output = dig.output().context("running dig")?;
    let ended = SystemClock.now();
    let answer = read(&String::from_utf8_lossy(&output.stdout));
    let name = Name {
        vantage: vantage.clone(),
        server: server.name.as_str().into(),
        zone: zone.into(),
        transport,
        answer,
    };
    let at = sent(&name, asked, ended);
    Ok(Observation { at, fact: Fact::Name(Box::new(name)) })
}

/// When a question was sent: dig takes a while to start, so from the end where there was an answer.
fn sent(name: &Name, asked: Timestamp, ended: Timestamp) -> Timestamp {
    match &name.answer {
        Ok(answer) => (ended - Span::from_micros(i64::from(answer.rtt_us))).max(asked),
        Err(_) => asked,
    }
}

/// What dig printed: the answer, or why there is none.
fn read(printed: &str) -> Result<Answer, Text> {
    let after = |mark: &str, end: &[char]| {
        let (_, rest) = printed.split_once(mark)?;
        Some(rest.split(end).next().unwrap_or_default().trim())
    };
    let Some(rcode) = after("status: ", &[',', '\n']) else {
        let why = [
            ("timed out", "timeout"),
            ("connection refused", "refused"),
            ("unreachable", "unreachable"),
            ("end of file", "malformed"),
        ];
        let found = why.iter().find(|(said, _)| printed.contains(said));
        return Err(found.map_or("timeout", |(_, error)| error).into());
    };
    let flags = after(";; flags: ", &[';']).unwrap_or_default();
    let soa = printed.lines().find(|line| !line.starts_with(';') && line.contains("\tSOA\t"));
    // Owner, ttl, class, type, server, mailbox, serial.
    let serial = soa.and_then(|line| line.split_whitespace().nth(6)?.parse().ok());
    let rtt_us = after(";; Query time: ", &[' ']).and_then(|n| n.parse().ok()).unwrap_or(0);
    Ok(Answer {
        rcode: rcode.into(),
        aa: flags.split(' ').any(|flag| flag == "aa"),
        serial,
        rtt_us,
        truncated: flags.split(' ').any(|flag| flag == "tc"),
        expires: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read() {
        let printed = "\
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 51234
;; flags: qr aa; QUERY: 1, ANSWER: 1, AUTHORITY: 2, ADDITIONAL: 1

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232
;; ANSWER SECTION:
kp.\t\t\t432000\tIN\tSOA\tns1.kptc.kp. root.kptc.kp. 2013083001 28800 86400 1209600 86400

;; Query time: 30123 usec
;; SERVER: 175.45.176.15#53(175.45.176.15) (UDP)
";
        let answer = read(printed).unwrap();
        assert_eq!((&*answer.rcode, answer.aa, answer.rtt_us), ("NOERROR", true, 30_123));
        assert_eq!(answer.serial, Some(2_013_083_001));
    }

    #[test]
    fn why_there_is_no_answer_is_told_apart() {
        for (printed, error) in [
            (";; communications error to 175.45.176.15#53: timed out\n", "timeout"),
            (";; communications error to 175.45.176.15#53: connection refused\n", "refused"),
            (";; communications error to 175.45.176.15#53: host unreachable\n", "unreachable"),
            (";; UDP setup with 175.45.176.15#53 failed: network unreachable.\n", "unreachable"),
            (";; no servers could be reached\n", "timeout"),
        ] {
            assert_eq!(&*read(printed).unwrap_err(), error);
        }
        let refused =
            ";; ->>HEADER<<- opcode: QUERY, status: REFUSED, id: 1\n;; flags: qr; QUERY: 1\n";
        assert_eq!(&*read(refused).unwrap().rcode, "REFUSED");
        assert!(!read(refused).unwrap().aa);
    }
}
