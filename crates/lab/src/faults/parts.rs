//! The parts of a country that faults concern.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use falter_model::Prefix;

use crate::action::Cable;
use crate::country::{Country, Link, Node, Role};

/// The country's border router.
pub(super) fn gateway(country: &Country) -> String {
    names(country, |role| *role == Role::Gateway).into_iter().next().unwrap_or_default()
}

/// Those that sell the country its way to the world.
pub(super) fn transits(country: &Country) -> Vec<String> {
    names(country, |role| *role == Role::Transit)
}

/// The cables over the border, in the order of the transits.
pub(super) fn borders(country: &Country) -> Vec<Cable> {
    let gateway = gateway(country);
    transits(country).iter().map(|transit| Cable::between(transit, &gateway)).collect()
}

/// The gateway's addresses on its cables to each transit.
pub(super) fn border_addresses(country: &Country) -> Vec<Ipv4Addr> {
    let gateway = gateway(country);
    let ends = borders(country).into_iter().filter_map(|cable| {
        let (number, link) = country.links_of(&gateway).find(|(_, link)| cable.is(link))?;
        let (left, right) = Link::ends(number);
        Some(if link.left == gateway { left } else { right })
    });
    ends.collect()
}

/// The country's routers behind the gateway.
pub(super) fn inner_routers(country: &Country) -> Vec<String> {
    names(country, |role| matches!(role, Role::Edge | Role::Operator))
}

/// The country's servers and hosts.
pub(super) fn machines(country: &Country) -> Vec<String> {
    names(country, |role| matches!(role, Role::Machine(_)))
}

/// Machines that answer echo requests and serve nothing.
pub(super) fn plain_hosts(country: &Country) -> Vec<String> {
    let plain = |node: &&Node| matches!(node.role, Role::Machine(_)) && node.services().is_empty();
    country.nodes.iter().filter(plain).map(|node| node.name.clone()).collect()
}

/// The machines that answer for the country's zones.
pub(super) fn name_servers(country: &Country) -> Vec<String> {
    names(
        country,
        |role| matches!(role, Role::Machine(machine) if !machine.intranet && !machine.names.is_empty()),
    )
}

/// The router in front of the name servers.
pub(super) fn servers_edge(country: &Country) -> String {
    let server = name_servers(country).into_iter().next().unwrap_or_default();
    router_of(country, &server)
}

/// The router in front of the intranet.
pub(super) fn intranet_edge(country: &Country) -> String {
    let intranet =
        names(country, |role| matches!(role, Role::Machine(machine) if machine.intranet));
    router_of(country, &intranet.into_iter().next().unwrap_or_default())
}

fn router_of(country: &Country, machine: &str) -> String {
    country.neighbors(machine).next().map(|node| node.name.clone()).unwrap_or_default()
}

/// Where floods come from.
pub(super) fn bots(country: &Country) -> Vec<String> {
    names(country, |role| *role == Role::Bots)
}

/// Addresses of all nodes of a role.
pub(super) fn addresses_of(country: &Country, is: impl Fn(&Role) -> bool) -> Vec<Ipv4Addr> {
    let nodes = country.nodes.iter().filter(|node| is(&node.role));
    nodes.filter_map(Node::address).collect()
}

/// Addresses with sites that the world can reach, and how many sites each has.
pub(super) fn site_addresses(country: &Country) -> Vec<(Ipv4Addr, usize)> {
    let mut counts: BTreeMap<Ipv4Addr, usize> = BTreeMap::new();
    for (_, site) in country.sites() {
        *counts.entry(site.address).or_default() += 1;
    }
    counts.into_iter().collect()
}

/// The machine with the most sites on one address, and how many sites it has in all.
pub(super) fn largest_web_server(country: &Country) -> (String, usize) {
    let largest = site_addresses(country).into_iter().max_by_key(|(_, sites)| *sites);
    let sites = country.sites();
    let machine = largest.and_then(|(address, _)| {
        sites.iter().find(|(_, site)| site.address == address).map(|(node, _)| node.name.clone())
    });
    let machine = machine.unwrap_or_default();
    let count = sites.iter().filter(|(node, _)| node.name == machine).count();
    (machine, count)
}

/// Answering addresses of machines that serve nothing: what may stay reachable without a service.
pub(super) fn plain_addresses(country: &Country) -> Vec<Ipv4Addr> {
    let plain = plain_hosts(country);
    let nodes = country.nodes.iter().filter(|node| plain.contains(&node.name));
    nodes
        .flat_map(|node| node.addresses.iter())
        .filter(|address| address.availability == 1000)
        .map(|address| address.ip)
        .collect()
}

/// Prefixes with the routers that announce them, owned.
pub(super) fn prefixes(country: &Country) -> Vec<(String, Prefix)> {
    country.prefixes().into_iter().map(|(node, prefix)| (node.name.clone(), prefix)).collect()
}

/// Names of the nodes of a role.
pub(super) fn names(country: &Country, is: impl Fn(&Role) -> bool) -> Vec<String> {
    country.nodes.iter().filter(|node| is(&node.role)).map(|node| node.name.clone()).collect()
}
