//! Sessions and routes, as routers and collectors have them.

use super::Check;
use crate::country::{Node, Role, Service, export};
use crate::stage::Stage;

/// Every session of every BIRD router, from its own view.
pub(super) fn sessions(stage: &Stage) -> Vec<Check> {
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

/// Every prefix of the country at the collector, from each of its peers, and the whole table.
pub(super) fn routes(stage: &Stage) -> Vec<Check> {
    let country = stage.country();
    let mut checks = Vec::new();
    for collector in country.nodes_that(|role| *role == Role::Collector) {
        for world in country.neighbors(&collector.name) {
            let session = format!("bgp_{}", world.name);
            let words = format!(
                "show route where proto = \"{session}\" && net ~ [ 175.45.176.0/22+, 10.64.0.0/10+ ] count"
            );
            let carried = count(&stage.tell(&collector.name, &words).unwrap_or_default());
            let planned = country.prefixes().len();
            let found = if carried == planned {
                Ok(())
            } else {
                Err(format!("{carried} of {planned} prefixes"))
            };
            checks.push(Check::new(
                "route",
                format!("the country at {} by {}", collector.name, world.name),
                found,
            ));
            let words =
                format!("show route where proto = \"{session}\" && net ~ [ 20.0.0.0/8+ ] count");
            let carried = count(&stage.tell(&collector.name, &words).unwrap_or_default());
            let planned = usize::try_from(country.table_routes).unwrap_or(usize::MAX);
            let found = if carried == planned {
                Ok(())
            } else {
                Err(format!("{carried} of {planned} routes"))
            };
            checks.push(Check::new(
                "route",
                format!("the rest of the world at {} by {}", collector.name, world.name),
                found,
            ));
        }
    }
    checks
}

/// The first number of `5 of 20013 routes for 20013 networks in table master4`.
fn count(said: &str) -> usize {
    let line = said.lines().find(|line| line.contains(" routes for "));
    line.and_then(|line| line.split_whitespace().next()).and_then(|n| n.parse().ok()).unwrap_or(0)
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
