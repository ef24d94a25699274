//! Zones, sites and services: what of the network has a name or a port.

use std::collections::BTreeSet;
use std::net::IpAddr;

use falter_model::{Prefix, Profile, Zone};

use super::Finding;
use super::routing::{is_inside, never_reached};

/// Zones with too few servers or of one fate, sites without a scheme, services elsewhere.
pub(super) fn check(profile: &Profile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for zone in &profile.zones {
        if !seen.insert(&zone.name) {
            let what = format!("zone {} is given twice", zone.name);
            findings.push(Finding::warning(what, "join the two"));
        }
        servers(zone, &mut findings);
    }
    sites(profile, &mut findings);
    services(profile, &mut findings);
    findings
}

fn servers(zone: &Zone, findings: &mut Vec<Finding>) {
    let named = &zone.name;
    if named.ends_with('.') {
        let what = format!("zone {named} ends with a dot");
        findings.push(Finding::error(what, "write it without the dot at its end"));
    }
    let servers: BTreeSet<&str> = zone.servers.iter().map(|server| &**server).collect();
    if servers.len() < zone.servers.len() {
        let what = format!("zone {named} names a server twice");
        findings.push(Finding::warning(what, "keep one: each counts once"));
    }
    match servers.len() {
        0 => findings.push(Finding::error(
            format!("zone {named} has no servers"),
            "name its authoritative servers",
        )),
        1 => findings.push(Finding::note(
            format!("zone {named} has one server"),
            "one silent host is then the whole zone; name the others if there are any",
        )),
        _ => shared_fate(named, &servers, findings),
    }
}

/// Name servers that share a block fall together. Only servers that are given as addresses can be
/// placed without asking the DNS.
fn shared_fate(zone: &str, servers: &BTreeSet<&str>, findings: &mut Vec<Finding>) {
    let blocks: Vec<Prefix> = servers
        .iter()
        .filter_map(|server| server.parse::<IpAddr>().ok())
        .map(|address| Prefix::host(address).block())
        .collect();
    if let Some(first) = blocks.first()
        && blocks.len() == servers.len()
        && blocks.iter().all(|block| block == first)
    {
        findings.push(Finding::note(
            format!("all servers of zone {zone} lie in {first}: they share its fate"),
            "nothing to do for an observer; its operator might place one elsewhere (RFC 2182)",
        ));
    }
}

fn sites(profile: &Profile, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for site in &profile.sites {
        let url = &site.url;
        let host = url
            .strip_prefix("http://")
            .or_else(|| url.strip_prefix("https://"))
            .and_then(|rest| rest.split(['/', '?', '#']).next());
        match host {
            None => findings.push(Finding::error(
                format!("site {url} has no scheme that can be visited"),
                "write http:// or https:// before it",
            )),
            Some("") => findings.push(Finding::error(format!("site {url} has no host"), "name it")),
            Some(_) => {}
        }
        if !seen.insert(url) {
            findings.push(Finding::warning(format!("site {url} is given twice"), "keep one"));
        }
    }
}

fn services(profile: &Profile, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for service in &profile.services {
        let named = format!("service {} port {}", service.address, service.tcp);
        if service.tcp == 0 {
            findings.push(Finding::error(format!("{named}: there is no port 0"), "name its port"));
        }
        if let Some(why) = never_reached(service.address) {
            findings.push(Finding::error(
                format!("{named} is not on the Internet ({why})"),
                "write the address that the world sees",
            ));
        } else if !profile.prefixes.is_empty() && !is_inside(profile, service.address) {
            findings.push(Finding::warning(
                format!("{named} is outside the network's prefixes"),
                "it may stay up in an outage; remove it, or add its prefix",
            ));
        }
        if !seen.insert((service.address, service.tcp)) {
            findings.push(Finding::warning(format!("{named} is given twice"), "keep one"));
        }
    }
}
