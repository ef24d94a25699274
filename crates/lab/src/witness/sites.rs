//! Visits to sites, by curl, at the addresses that their names had before anything happened: so names that
//! fail are told from sites that do.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use anyhow::{Context, Result};
use falter_model::{Clock, Fact, Observation, Page, PageDetails, Place, Stage, Text};
use falter_sources::clock::SystemClock;

use super::asking::Askers;
use super::curl::{curl, refusal};
use super::places::Stand;
use crate::country::{Country, Role, Site};
use crate::stage::Ns;

/// Visits that a witness outside has under way at once, so that sites that hang delay no others: half of
/// the lanes take sites in turn, half take hosts in turn, so that a host of few sites is seen as often.
const LANES: usize = 4;
/// Between two visits of a lane.
const PERIOD: Duration = Duration::from_secs(2);
/// How long a visit may take, in seconds: less than the period.
const PATIENCE: &str = "1.9";
/// What curl prints.
const FORMAT: &str =
    "%{exitcode} %{http_code} %{time_connect} %{time_starttransfer} %{time_total}\n";

/// Begins to visit all sites in turn; from inside those of the intranet in a lane of their own.
pub(super) fn begin(country: &Country, stand: &Stand, askers: &mut Askers) {
    let public = in_turn(&all_of(country));
    let mut lanes: Vec<Vec<Site>> = Vec::new();
    match stand.place {
        Place::Outside => {
            let hosts = host_by_host(&public);
            for all in [public, hosts] {
                let turns =
                    |lane: usize| all.iter().skip(lane).step_by(LANES / 2).cloned().collect();
                lanes.extend((0..LANES / 2).map(turns));
            }
        }
        Place::Inside => lanes.extend([public, intranet_sites(country)]),
    }
    // The second witness begins half-way, so that between them no site waits for long.
    let halfway = stand.node.bytes().last().is_some_and(|last| last % 2 == 0);
    for (number, sites) in (0_u32..).zip(lanes) {
        if sites.is_empty() {
            continue;
        }
        let ahead = if halfway { sites.len() / 2 } else { 0 };
        let delay = PERIOD / 4 * number + if halfway { PERIOD / 8 } else { Duration::ZERO };
        let vantage: Text = stand.node.as_str().into();
        askers.ask(Ns::named(&stand.node), (delay, PERIOD), move |count| {
            let site = sites.get((count + ahead) % sites.len()).context("no site")?;
            visit(&vantage, site)
        });
    }
}

/// The sites of the intranet.
pub(crate) fn intranet_sites(country: &Country) -> Vec<Site> {
    let machines = country.nodes.iter().filter_map(|node| match &node.role {
        Role::Machine(machine) if machine.intranet => Some(&machine.sites),
        _ => None,
    });
    machines.flatten().cloned().collect()
}

/// A site's URL.
pub(crate) fn url(site: &Site) -> String {
    format!("http://{}/", site.name)
}

/// The sites that the world can visit.
fn all_of(country: &Country) -> Vec<Site> {
    country.sites().into_iter().map(|(_, site)| site.clone()).collect()
}

/// Sites in an order in which those of one address stand as far apart as can be.
fn in_turn(sites: &[Site]) -> Vec<Site> {
    let of_address = |address: Ipv4Addr| sites.iter().filter(move |site| site.address == address);
    let mut placed: Vec<(usize, Ipv4Addr, Site)> = sites
        .iter()
        .map(|site| {
            let all = of_address(site.address).count().max(1);
            let rank = of_address(site.address).position(|other| other == site).unwrap_or(0);
            // Evenly over a thousand places.
            ((2 * rank + 1) * 500 / all, site.address, site.clone())
        })
        .collect();
    placed.sort_by_key(|(place, address, _)| (*place, *address));
    placed.into_iter().map(|(.., site)| site).collect()
}

/// Sites in an order in which each host has its turn as often as any other; those with fewer sites have
/// them more often.
fn host_by_host(sites: &[Site]) -> Vec<Site> {
    let mut hosts: BTreeMap<Ipv4Addr, Vec<&Site>> = BTreeMap::new();
    for site in sites {
        hosts.entry(site.address).or_default().push(site);
    }
    let rounds = hosts.values().map(Vec::len).max().unwrap_or(0);
    let round = |n: usize| hosts.values().filter_map(move |own| own.get(n % own.len()).copied());
    (0..rounds).flat_map(round).cloned().collect()
}

fn visit(vantage: &Text, site: &Site) -> Result<Observation> {
    let mut curl = curl(PATIENCE, FORMAT);
    curl.arg("--resolve").arg(format!("{}:80:{}", site.name, site.address)).arg(url(site));
    let at = SystemClock.now();
    let output = curl.output().context("running curl")?;
    let told = String::from_utf8_lossy(&output.stderr);
    let page = read(&String::from_utf8_lossy(&output.stdout), &told);
    let page = Page {
        vantage: vantage.clone(),
        site: url(site).into(),
        address: Some(IpAddr::V4(site.address)),
        ..page
    };
    Ok(Observation { at, fact: Fact::Page(Box::new(page)) })
}

/// What curl printed, and what it told on the way; without who visited what.
fn read(printed: &str, told: &str) -> Page {
    let mut words = printed.split_whitespace();
    let mut number = || words.next().and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0);
    let (exit, status, connect, first, total) = (number(), number(), number(), number(), number());
    let (stage, error) = outcome(exit, status, connect, told);
    let mut times_us: Vec<(Text, u64)> = Vec::new();
    let mut took = |stage: &str, from: f64, until: f64| {
        if until > from {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds")]
            times_us.push((stage.into(), ((until - from) * 1e6).round() as u64));
        }
    };
    took("connect", 0.0, connect);
    took("request", connect, first);
    took("content", first, if first > 0.0 { total } else { 0.0 });
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "three digits")]
    let status = (status >= 100.0).then_some(status as u16);
    Page {
        vantage: "".into(),
        site: "".into(),
        stage,
        error,
        status,
        address: None,
        times_us,
        details: PageDetails::default(),
    }
}

/// How far a visit got and what went wrong, by curl's exit codes.
fn outcome(exit: f64, status: f64, connect: f64, told: &str) -> (Stage, Option<Text>) {
    if status >= 100.0 && exit == 0.0 {
        let error = (status >= 400.0).then(|| format!("status {status}").into());
        return (Stage::Status, error);
    }
    let error = match exit {
        28.0 => "timeout",
        52.0 => "empty reply",
        55.0 | 56.0 => "reset",
        _ => refusal(exit, told).unwrap_or("failed"),
    };
    (if connect > 0.0 { Stage::Request } else { Stage::Connect }, Some(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::Size;

    #[test]
    fn how_far_a_visit_got_is_read() {
        let check = |printed: &str, told: &str, stage, error: Option<&str>, status| {
            let page = read(printed, told);
            assert_eq!((page.stage, page.error.as_deref(), page.status), (stage, error, status));
        };
        let failed = |why: &str| format!("* connect to 1.2.3.4 port 80 failed: {why}\n");
        check("0 200 0.061 0.122 0.123\n", "", Stage::Status, None, Some(200));
        check("0 502 0.061 0.122 0.123\n", "", Stage::Status, Some("status 502"), Some(502));
        let refused = failed("Connection refused");
        check("7 000 0.000 0.000 0.030\n", &refused, Stage::Connect, Some("refused"), None);
        let away = failed("No route to host");
        check("7 000 0.000 0.000 0.030\n", &away, Stage::Connect, Some("unreachable"), None);
        check("28 000 0.000 0.000 1.900\n", "", Stage::Connect, Some("timeout"), None);
        check("28 000 0.061 0.000 1.900\n", "", Stage::Request, Some("timeout"), None);
        check("52 000 0.061 0.000 0.200\n", "", Stage::Request, Some("empty reply"), None);
        check("", "", Stage::Connect, Some("failed"), None);
    }

    #[test]
    fn times_are_those_of_the_stages() {
        let times = read("0 200 0.061 0.122 0.123\n", "").times_us;
        let times: Vec<(&str, u64)> = times.iter().map(|(stage, us)| (&**stage, *us)).collect();
        assert_eq!(times, [("connect", 61_000), ("request", 61_000), ("content", 1_000)]);
    }

    #[test]
    fn sites_of_one_host_stand_apart_and_none_is_lost() {
        let country = Country::new(&Size::default());
        let sites = in_turn(&all_of(&country));
        assert_eq!(sites.len(), 32);
        let hosts = host_by_host(&sites);
        let of = |last| hosts.iter().filter(|site| site.address.octets()[3] == last).count();
        assert_eq!((hosts.len(), of(81), of(83)), (96, 16, 16));
        let longest = sites.chunk_by(|a, b| a.address == b.address).map(<[Site]>::len).max();
        assert!(longest <= Some(3), "{longest:?}");
    }
}
