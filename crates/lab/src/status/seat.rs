//! What is seen from an observer's seat, with ping, dig and curl.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

use anyhow::Result;

use super::Check;
use falter_model::Place;

use crate::country::{AUTHORITIES, INTRANET_ZONE, Role, ZONES};
use crate::stage::{Ns, Stage};

/// Echo requests to each address: one that answers half of them is missed once in a thousand times.
const ECHO_REQUESTS: &str = "10";
/// Milliseconds between two echo requests: a sweep takes half of what the border carries.
const SWEEP_INTERVAL_MS: &str = "3";

/// What is looked at from a seat.
pub(super) type Look = fn(&Stage, &str, Place) -> Vec<Check>;

/// All of it.
pub(super) const LOOKS: [Look; 6] = [addresses, names, sites, mail, controls, intranet];

/// Addresses that should answer, and that nobody else does.
fn addresses(stage: &Stage, observer: &str, place: Place) -> Vec<Check> {
    if place == Place::Inside {
        return Vec::new();
    }
    let planned: BTreeSet<Ipv4Addr> =
        stage.country().answering().iter().map(|address| address.ip).collect();
    let listed: Vec<String> = planned.iter().map(ToString::to_string).collect();
    let mut arguments =
        vec!["-a", "-r", ECHO_REQUESTS, "-t", "400", "-B", "1", "-i", SWEEP_INTERVAL_MS];
    arguments.extend(listed.iter().map(String::as_str));
    let ns = stage.ns(observer);
    let answered = alive(&ns, &arguments);
    let mut checks: Vec<Check> = planned
        .iter()
        .map(|ip| {
            let found = if answered.contains(ip) { Ok(()) } else { Err("silent".to_owned()) };
            Check::new("address", format!("{ip} from {observer}"), found)
        })
        .collect();
    let sweep = ["-a", "-r", "0", "-t", "1500", "-i", SWEEP_INTERVAL_MS, "-g", "175.45.176.0/22"];
    let others: Vec<String> =
        alive(&ns, &sweep).difference(&planned).map(ToString::to_string).collect();
    let found =
        if others.is_empty() { Ok(()) } else { Err(format!("{} answer", others.join(", "))) };
    checks.push(Check::new(
        "address",
        format!("all other addresses silent from {observer}"),
        found,
    ));
    checks
}

/// Which of them answer. fping ends with 1 where any does not, which is no failure.
fn alive(ns: &Ns, arguments: &[&str]) -> BTreeSet<Ipv4Addr> {
    let output = ns.inside(|| Ok(Command::new("fping").args(arguments).output()?));
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    said.unwrap_or_default().lines().filter_map(|line| line.trim().parse().ok()).collect()
}

/// Each zone at each name server.
fn names(stage: &Stage, observer: &str, _place: Place) -> Vec<Check> {
    let mut checks = Vec::new();
    for server in AUTHORITIES {
        for zone in ZONES {
            let at = format!("@{server}");
            let arguments = ["+norec", "+tries=2", "+time=1", "+short", &at, zone, "SOA"];
            let found = match stage.ns(observer).run("dig", &arguments) {
                Ok(said) if said.starts_with("ns1.kptc.kp.") => Ok(()),
                Ok(said) => Err(said.lines().last().unwrap_or("no answer").to_owned()),
                Err(error) => {
                    Err(format!("{error:#}").lines().next().unwrap_or_default().to_owned())
                }
            };
            checks.push(Check::new("name", format!("{zone} at {server} from {observer}"), found));
        }
    }
    checks
}

/// Each site, at the address that its name has.
fn sites(stage: &Stage, observer: &str, _place: Place) -> Vec<Check> {
    let sites = stage.country().sites();
    sites
        .iter()
        .map(|(_, site)| {
            let found = page(&stage.ns(observer), &site.name, site.address).and_then(|page| {
                if page.contains(&site.name) { Ok(()) } else { Err("another page".to_owned()) }
            });
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

fn mail(stage: &Stage, observer: &str, _place: Place) -> Vec<Check> {
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
                Ok(Command::new("curl").args(curl).stdin(Stdio::null()).output()?)
            });
            let greeted = said.is_ok_and(|output| output.stdout.starts_with(b"220 "));
            let found = if greeted { Ok(()) } else { Err("no greeting".to_owned()) };
            Check::new("mail", format!("{address} from {observer}"), found)
        })
        .collect()
}

/// Controls answer everywhere.
fn controls(stage: &Stage, observer: &str, _place: Place) -> Vec<Check> {
    let controls = stage
        .country()
        .nodes_that(|role| matches!(role, Role::FarControl | Role::NearControl | Role::Transit));
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
fn intranet(stage: &Stage, observer: &str, place: Place) -> Vec<Check> {
    let intranet = stage.country().nodes.iter().find_map(|node| match &node.role {
        Role::Machine(machine) if machine.intranet => machine.sites.first(),
        _ => None,
    });
    let Some(site) = intranet else { return Vec::new() };
    let at = format!("@{}", site.address);
    let arguments = ["+norec", "+tries=1", "+time=1", "+short", &at, &site.name, "A"];
    let name = stage
        .ns(observer)
        .run("dig", &arguments)
        .is_ok_and(|said| said.trim() == site.address.to_string());
    let page = page(&stage.ns(observer), &site.name, site.address).is_ok();
    let found = match (place, name, page) {
        (Place::Inside, true, true) | (Place::Outside, false, false) => Ok(()),
        (Place::Inside, ..) => Err("not reached".to_owned()),
        (Place::Outside, ..) => Err("reached".to_owned()),
    };
    let how = if place == Place::Inside { "reached" } else { "not reached" };
    let what = format!("{} and {INTRANET_ZONE} {how} from {observer}", site.name);
    vec![Check::new("inside", what, found)]
}
