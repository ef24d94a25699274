//! Echo requests, by fping: one process a witness, which asks all addresses in turn until it is ended.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use falter_model::{
    Control, ControlKind, Fact, Method, Observation, Outcome, Place, Probe, Span, Text, Timestamp,
    Unreachable,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::places::{Stand, far_controls, near_controls};
use crate::country::Country;

/// Between two requests to one address, from outside: the least that any address answers is five a
/// second, to all witnesses together.
const PERIOD_OUTSIDE_MS: u32 = 700;
/// The same from inside.
const PERIOD_INSIDE_MS: u32 = 1000;
/// How long an answer is waited for, ms: the queue of the border holds 1.2 s.
const TIMEOUT_MS: i64 = 2000;
/// Requests a second that a witness sends at most: with all witnesses a quarter of what the border
/// carries.
const MOST_A_SECOND: u32 = 60;

/// An fping that runs.
#[derive(Debug)]
pub(super) struct Pinger {
    vantage: Text,
    controls: BTreeMap<IpAddr, ControlKind>,
    output: PathBuf,
    fping: Child,
}

impl Pinger {
    /// Begins to ask all answering addresses of the country and the controls.
    pub(super) fn begin(country: &Country, stand: &Stand, folder: &Path) -> Result<Self> {
        let far = far_controls(country).into_iter().map(|ip| (ip.into(), ControlKind::Far));
        let mut controls: BTreeMap<IpAddr, ControlKind> = far.collect();
        let mut period = PERIOD_INSIDE_MS;
        if stand.place == Place::Outside {
            period = PERIOD_OUTSIDE_MS;
            controls.extend(
                near_controls(country).into_iter().map(|ip| (ip.into(), ControlKind::Near)),
            );
        }
        let mut targets: Vec<Ipv4Addr> =
            country.answering().iter().map(|address| address.ip).collect();
        targets.extend(controls.keys().filter_map(|ip| match ip {
            IpAddr::V4(v4) => Some(*v4),
            IpAddr::V6(_) => None,
        }));
        let count = u32::try_from(targets.len()).unwrap_or(u32::MAX);
        let period = period.max(count.saturating_mul(1000) / MOST_A_SECOND);
        // Spread over the period: bursts would fill the border's queue.
        let interval = (period / count.max(1)).max(1);
        let list = folder.join(format!("{}.targets", stand.node));
        std::fs::write(
            &list,
            targets.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        )?;
        let output = folder.join(format!("{}.fping", stand.node));
        let file = File::create(&output)?;
        let mut command = Command::new("fping");
        command.args(["-D", "-l", "-i", &interval.to_string(), "-p", &period.to_string()]);
        command.args(["-t", &TIMEOUT_MS.to_string(), "-f"]).arg(&list);
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let ns = crate::stage::Ns::named(&stand.node);
        let fping = ns.inside(|| command.spawn().context("running fping"))?;
        Ok(Self { vantage: stand.node.as_str().into(), controls, output, fping })
    }

    /// Ends it and reads what it printed.
    pub(super) fn end(mut self) -> Result<Vec<Observation>> {
        kill(Pid::from_raw(i32::try_from(self.fping.id())?), Signal::SIGINT)
            .context("ending fping")?;
        self.fping.wait().context("ending fping")?;
        let printed = std::fs::read(&self.output).context("reading what fping printed")?;
        let printed = String::from_utf8_lossy(&printed);
        let observation = |(at, target, outcome)| {
            let (vantage, method) = (self.vantage.clone(), Method::Icmp);
            let fact = match self.controls.get(&target) {
                Some(kind) => Fact::Control(Box::new(Control {
                    vantage,
                    kind: *kind,
                    target,
                    method,
                    outcome,
                })),
                None => Fact::Probe(Box::new(Probe { vantage, target, method, outcome })),
            };
            Observation { at, fact }
        };
        Ok(read(&printed).into_iter().map(observation).collect())
    }
}

/// What fping printed: when each request was sent, to whom, and what came of it.
///
/// A reply's line tells when it came and how long it took; a timeout's line when it was given up. A
/// message that a target can't be reached has a line without a time before that; they belong together
/// in their order. Other lines (the summary) say nothing.
fn read(printed: &str) -> Vec<(Timestamp, IpAddr, Outcome)> {
    let mut refused: BTreeMap<IpAddr, VecDeque<Unreachable>> = BTreeMap::new();
    let mut found = Vec::new();
    for line in printed.lines() {
        if let Some((target, message)) = read_message(line) {
            refused.entry(target).or_default().push_back(message);
        } else if let Some((printed_at, target, said)) = read_line(line) {
            let (sent, outcome) = match rtt_us(said) {
                Some(rtt_us) => {
                    let sent = printed_at - Span::from_micros(i64::from(rtt_us));
                    (sent, Outcome::Reply { rtt_us, ttl: None })
                }
                None if said.contains("timed out") => {
                    let after = Span::from_micros(TIMEOUT_MS * 1000);
                    let outcome = match refused.get_mut(&target).and_then(VecDeque::pop_front) {
                        Some(message) => Outcome::Unreachable(message),
                        None => Outcome::Timeout { after },
                    };
                    (printed_at - after, outcome)
                }
                None => continue,
            };
            found.push((sent, target, outcome));
        }
    }
    found
}

/// `[1795575539.42166] 10.9.9.1 : [0], 64 bytes, 0.204 ms (0.204 avg, 0% loss)`: time, target, the rest.
fn read_line(line: &str) -> Option<(Timestamp, IpAddr, &str)> {
    let (time, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let (seconds, fraction) = time.split_once('.')?;
    let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let at = Timestamp::from_micros(seconds.parse::<i64>().ok()? * 1_000_000 + micros);
    let (target, said) = rest.split_once(" : [")?;
    Some((at, target.trim().parse().ok()?, said))
}

/// The round trip of `0], 64 bytes, 0.204 ms (...`, in microseconds.
fn rtt_us(said: &str) -> Option<u32> {
    let (_, rest) = said.split_once(" bytes, ")?;
    let (ms, _) = rest.split_once(" ms")?;
    let ms: f64 = ms.parse().ok()?;
    let micros = (ms * 1000.0).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    (0.0..4e9).contains(&micros).then_some(micros as u32)
}

/// `ICMP Host Unreachable from 10.0.3.1 for ICMP Echo sent to 175.45.176.9`.
fn read_message(line: &str) -> Option<(IpAddr, Unreachable)> {
    let (said, rest) = line.strip_prefix("ICMP ")?.split_once(" from ")?;
    let (from, target) = rest.split_once(" for ICMP Echo sent to ")?;
    let code = match said {
        "Network Unreachable" => "net",
        "Host Unreachable" => "host",
        "Protocol Unreachable" => "protocol",
        "Port Unreachable" => "port",
        "Time Exceeded" => "ttl",
        _ if said.contains("rohibited") || said.contains("Filter") => "admin",
        _ => "other",
    };
    let target = target.split_whitespace().next()?.parse().ok()?;
    Some((target, Unreachable { code: code.into(), from: from.trim().parse().ok() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "\
[1795575539.42166] 10.9.9.1 : [0], 64 bytes, 0.204 ms (0.204 avg, 0% loss)
ICMP Host Unreachable from 10.0.3.1 for ICMP Echo sent to 10.9.8.3
[1795575544.71885] 10.9.8.3 : [0], timed out (NaN avg, 100% loss)
[1795575545.75736] 10.9.8.3 : [1], timed out (NaN avg, 100% loss)
[1795575545.9] 10.9.9.1 : [1], 64 bytes, 1234 ms (0.204 avg, 0% loss)
[1795575546.

10.9.9.1 : xmt/rcv/%loss = 6/6/0%, min/avg/max = 0.040/0.068/0.204
";

    #[test]
    fn every_line_of_a_request_is_read_and_no_other() {
        let found = read(PRINTED);
        let micros: Vec<i64> =
            found.iter().map(|(at, ..)| at.micros() % 1_000_000_000_000).collect();
        assert_eq!(micros, [575_539_421_456, 575_542_718_850, 575_543_757_360, 575_544_666_000]);
        assert_eq!(found[0].2, Outcome::Reply { rtt_us: 204, ttl: None });
        let from = Some(IpAddr::from([10, 0, 3, 1]));
        let refused = Unreachable { code: "host".into(), from };
        assert_eq!(found[1].2, Outcome::Unreachable(refused));
        assert_eq!(found[2].2, Outcome::Timeout { after: Span::from_seconds(2) });
        assert_eq!(found[3].1, IpAddr::from([10, 9, 9, 1]));
    }
}
