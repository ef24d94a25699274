//! Whether everything stands as planned, checked with the tools that operators use: birdc, ping, dig,
//! curl.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::country::{AUTHORITIES, INTRANET_ZONE, Node, Place, Role, Service, ZONES, export};
use crate::stage::{Ns, Stage};

/// How long the country may take to stand.
const PATIENCE: Duration = Duration::from_secs(30);
/// Echo requests to each address: one that answers half of them is missed once in a thousand times.
const ECHO_REQUESTS: &str = "10";
/// Milliseconds between two echo requests: a sweep takes half of what the border carries.
const SWEEP_INTERVAL_MS: &str = "3";

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What kind of thing: session, route, address, name, site, mail, inside.
    pub kind: String,
    /// Which, and from where it was looked at.
    pub what: String,
    /// It is as planned.
    pub right: bool,
    /// What was found where it is not.
    pub found: String,
}

impl Check {
    fn new(kind: &str, what: String, found: Result<(), String>) -> Self {
        let right = found.is_ok();
        Self { kind: kind.to_owned(), what, right, found: found.err().unwrap_or_default() }
    }
}

/// Waits until every session stands and every collector has the table.
pub(crate) fn wait_until_it_stands(stage: &mut Stage, says: &mut dyn FnMut(&str)) -> Result<()> {
    let began = Instant::now();
    loop {
        let missing = missing_sessions(stage) + missing_routes(stage);
        if missing == 0 {
            says(&format!("stands after {:.1} s", began.elapsed().as_secs_f64()));
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            let wrong: Vec<String> = sessions(stage)
                .into_iter()
                .chain(routes(stage))
                .filter(|check| !check.right)
                .map(|check| format!("{}: {}", check.what, check.found))
                .collect();
            bail!("not everything stands after {} s: {}", PATIENCE.as_secs(), wrong.join("; "));
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// All checks, in the order of layers. Takes some seconds.
pub fn checks(stage: &mut Stage) -> Result<Vec<Check>> {
    let mut checks = daemons(stage);
    checks.extend(sessions(stage));
    checks.extend(routes(stage));
    for observer in ["observer1", "observer2"] {
        checks.extend(addresses(stage, observer)?);
    }
    for (observer, place) in observers(stage) {
        checks.extend(names(stage, &observer));
        checks.extend(sites(stage, &observer));
        checks.extend(mail(stage, &observer));
        checks.extend(controls(stage, &observer, place));
        checks.push(intranet(stage, &observer, place));
    }
    Ok(checks)
}

fn observers(stage: &Stage) -> Vec<(String, Place)> {
    let nodes = stage.country().nodes.iter();
    nodes
        .filter_map(|node| match node.role {
            Role::Observer(place) => Some((node.name.clone(), place)),
            _ => None,
        })
        .collect()
}

fn daemons(stage: &mut Stage) -> Vec<Check> {
    let planned: Vec<(String, Service)> = stage
        .country()
        .nodes
        .iter()
        .flat_map(|node| node.services().into_iter().map(|service| (node.name.clone(), service)))
        .collect();
    let check = |(node, service): (String, Service)| {
        let found = if stage.runs(&node, service) { Ok(()) } else { Err("does not run".to_owned()) };
        Check::new("daemon", format!("{} of {node}", service.name()), found)
    };
    planned.into_iter().map(check).collect()
}

/// Every session of every BIRD router, from its own view.
fn sessions(stage: &Stage) -> Vec<Check> {
    let mut checks = Vec::new();
    for node in stage.country().nodes.iter().filter(|node| node.services() == [Service::Bird]) {
        let said = stage.tell(&node.name, "show protocols").unwrap_or_default();
        for neighbor in planned_sessions(stage, node) {
            let name = format!("bgp_{neighbor}");
            let line = said.lines().find(|line| line.split_whitespace().next() == Some(&name));
            let found = match line {
                Some(line) if line.contains("Established") => Ok(()),
                Some(line) => Err(line.split_whitespace().skip(3).collect::<Vec<_>>().join(" ")),
                None => Err("no such session".to_owned()),
            };
            checks.push(Check::new("session", format!("{} to {neighbor}", node.name), found));
        }
    }
    checks
}

fn planned_sessions(stage: &Stage, node: &Node) -> Vec<String> {
    let neighbors = stage.country().neighbors(&node.name);
    neighbors
        .filter(|neighbor| export(&node.role, &neighbor.role).is_some())
        .map(|neighbor| neighbor.name.clone())
        .collect()
}

fn missing_sessions(stage: &Stage) -> usize {
    sessions(stage).iter().filter(|check| !check.right).count()
}

/// Every prefix of the country at the collector, from each of its peers, and the whole table.
fn routes(stage: &Stage) -> Vec<Check> {
    let country = stage.country();
    let mut checks = Vec::new();
    for collector in country.nodes_that(|role| *role == Role::Collector) {
        for world in country.neighbors(&collector.name) {
            let session = format!("bgp_{}", world.name);
            let words = format!("show route where proto = \"{session}\" && net ~ [ 175.45.176.0/22+, 10.64.0.0/10+ ] count");
            let carried = count(&stage.tell(&collector.name, &words).unwrap_or_default());
            let planned = country.prefixes().len();
            let found = if carried == planned {
                Ok(())
            } else {
                Err(format!("{carried} of {planned} prefixes"))
            };
            checks.push(Check::new("route", format!("the country at {} by {}", collector.name, world.name), found));
            let words = format!("show route where proto = \"{session}\" && net ~ [ 20.0.0.0/8+ ] count");
            let carried = count(&stage.tell(&collector.name, &words).unwrap_or_default());
            let planned = usize::try_from(country.table_routes).unwrap_or(usize::MAX);
            let found = if carried == planned {
                Ok(())
            } else {
                Err(format!("{carried} of {planned} routes"))
            };
            checks.push(Check::new("route", format!("the rest of the world at {} by {}", collector.name, world.name), found));
        }
    }
    checks
}

fn missing_routes(stage: &Stage) -> usize {
    routes(stage).iter().filter(|check| !check.right).count()
}

/// The first number of `5 of 20013 routes for 20013 networks in table master4`.
fn count(said: &str) -> usize {
    let line = said.lines().find(|line| line.contains(" routes for "));
    line.and_then(|line| line.split_whitespace().next()).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Addresses that should answer, and that nobody else does.
fn addresses(stage: &Stage, observer: &str) -> Result<Vec<Check>> {
    let planned: BTreeSet<Ipv4Addr> =
        stage.country().answering().iter().map(|address| address.ip).collect();
    let listed: Vec<String> = planned.iter().map(ToString::to_string).collect();
    let mut arguments = vec!["-a", "-r", ECHO_REQUESTS, "-t", "400", "-B", "1", "-i", SWEEP_INTERVAL_MS];
    arguments.extend(listed.iter().map(String::as_str));
    let ns = stage.ns(observer);
    let answered = alive(&ns, &arguments)?;
    let mut checks: Vec<Check> = planned
        .iter()
        .map(|ip| {
            let found = if answered.contains(ip) { Ok(()) } else { Err("silent".to_owned()) };
            Check::new("address", format!("{ip} from {observer}"), found)
        })
        .collect();
    let sweep = ["-a", "-r", "0", "-t", "1500", "-i", SWEEP_INTERVAL_MS, "-g", "175.45.176.0/22"];
    let others: Vec<String> =
        alive(&ns, &sweep)?.difference(&planned).map(ToString::to_string).collect();
    let found = if others.is_empty() { Ok(()) } else { Err(format!("{} answer", others.join(", "))) };
    checks.push(Check::new("address", format!("all other addresses silent from {observer}"), found));
    Ok(checks)
}

/// Which of them answer. fping ends with 1 where any does not, which is no failure.
fn alive(ns: &Ns, arguments: &[&str]) -> Result<BTreeSet<Ipv4Addr>> {
    let output = ns.inside(|| Ok(std::process::Command::new("fping").args(arguments).output()?))?;
    let said = String::from_utf8_lossy(&output.stdout);
    Ok(said.lines().filter_map(|line| line.trim().parse().ok()).collect())
}

/// Each zone at each name server.
fn names(stage: &Stage, observer: &str) -> Vec<Check> {
    let mut checks = Vec::new();
    for server in AUTHORITIES {
        for zone in ZONES {
            let at = format!("@{server}");
            let arguments = ["+norec", "+tries=2", "+time=1", "+short", &at, zone, "SOA"];
            let found = match stage.ns(observer).run("dig", &arguments) {
                Ok(said) if said.starts_with("ns1.kptc.kp.") => Ok(()),
                Ok(said) => Err(said.lines().last().unwrap_or("no answer").to_owned()),
                Err(error) => Err(format!("{error:#}").lines().next().unwrap_or_default().to_owned()),
            };
            checks.push(Check::new("name", format!("{zone} at {server} from {observer}"), found));
        }
    }
    checks
}

/// Each site, at the address that its name has.
fn sites(stage: &Stage, observer: &str) -> Vec<Check> {
    let country = stage.country();
    let sites = country.sites();
    sites
        .iter()
        .map(|(_, site)| {
            let found = page(&stage.ns(observer), &site.name, site.address)
                .and_then(|page| if page.contains(&site.name) { Ok(()) } else { Err("another page".to_owned()) });
            Check::new("site", format!("{} from {observer}", site.name), found)
        })
        .collect()
}

/// A page as curl gets it.
fn page(ns: &Ns, name: &str, address: Ipv4Addr) -> Result<String, String> {
    let (url, there) = (format!("http://{name}/"), format!("{name}:80:{address}"));
    let arguments = ["-sS", "--fail", "--max-time", "2", "--resolve", &there, &url];
    ns.run("curl", &arguments).map_err(|error| format!("{error:#}"))
}

fn mail(stage: &Stage, observer: &str) -> Vec<Check> {
    let servers = stage.country().nodes.iter().filter_map(|node| match &node.role {
        Role::Machine(machine) => machine.mail,
        _ => None,
    });
    servers
        .map(|address| {
            let url = format!("telnet://{address}:25");
            // curl waits for more until the time is over, and has printed what came.
            let said = stage.ns(observer).inside(|| {
                let curl = ["-sS", "--max-time", "1", &url];
                Ok(std::process::Command::new("curl").args(curl).stdin(std::process::Stdio::null()).output()?)
            });
            let greeted = said.is_ok_and(|output| output.stdout.starts_with(b"220 "));
            let found = if greeted { Ok(()) } else { Err("no greeting".to_owned()) };
            Check::new("mail", format!("{address} from {observer}"), found)
        })
        .collect()
}

/// Controls answer everywhere.
fn controls(stage: &Stage, observer: &str, _place: Place) -> Vec<Check> {
    let controls =
        stage.country().nodes_that(|role| matches!(role, Role::FarControl | Role::NearControl));
    let mut checks = Vec::new();
    for control in controls {
        let Some(ip) = control.address() else { continue };
        let ip = ip.to_string();
        let found = stage.ns(observer).run("ping", &["-n", "-q", "-c", "1", "-W", "1", &ip]);
        let found = found.map(drop).map_err(|_| "silent".to_owned());
        checks.push(Check::new("control", format!("{} from {observer}", control.name), found));
    }
    checks
}

/// The intranet is reached from inside, and from nowhere else.
fn intranet(stage: &Stage, observer: &str, place: Place) -> Check {
    let intranet = stage.country().nodes.iter().find_map(|node| match &node.role {
        Role::Machine(machine) if machine.intranet => machine.sites.first(),
        _ => None,
    });
    let Some(site) = intranet else {
        return Check::new("inside", format!("no intranet from {observer}"), Ok(()));
    };
    let at = format!("@{}", site.address);
    let arguments = ["+norec", "+tries=1", "+time=1", "+short", &at, &site.name, "A"];
    let name = stage.ns(observer).run("dig", &arguments).is_ok_and(|said| said.trim() == site.address.to_string());
    let page = page(&stage.ns(observer), &site.name, site.address).is_ok();
    let found = match (place, name, page) {
        (Place::Inside, true, true) | (Place::Outside, false, false) => Ok(()),
        (Place::Inside, ..) => Err("not reached".to_owned()),
        (Place::Outside, ..) => Err("reached".to_owned()),
    };
    let how = if place == Place::Inside { "reached" } else { "not reached" };
    Check::new("inside", format!("{} and {INTRANET_ZONE} {how} from {observer}", site.name), found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_of_routes_is_read() {
        let said = "BIRD 2.0.12 ready.\n4 of 80020 routes for 20013 networks in table master4\n";
        assert_eq!(count(said), 4);
        assert_eq!(count("Unable to connect"), 0);
    }
}
