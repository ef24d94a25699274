//! Controls: without good ones, a vantage point can't tell its own faults from the network's.

use std::net::IpAddr;

use falter_model::Profile;

use super::Finding;
use super::routing::{is_inside, never_reached, repeated};

/// Far controls that still make a majority when one of them dies.
const ENOUGH_FAR: usize = 3;

/// Too few, inside the network, in both lists, twice, or not on the Internet.
pub(super) fn check(profile: &Profile) -> Vec<Finding> {
    let (far, near) = (&profile.controls.far, &profile.controls.near);
    let mut findings = Vec::new();
    if far.is_empty() {
        findings.push(Finding::warning(
            "no far controls: probing can't tell the observer's own faults from the network's",
            format!("name {ENOUGH_FAR} addresses that share no path with it and always answer"),
        ));
    } else if far.len() < ENOUGH_FAR {
        findings.push(Finding::warning(
            format!("far controls: {} make no quorum when one dies", far.len()),
            format!("name {ENOUGH_FAR} or more, of different operators"),
        ));
    }
    list(profile, "far", far, &mut findings);
    list(profile, "near", near, &mut findings);
    for address in far.iter().filter(|address| near.contains(address)) {
        findings.push(Finding::error(
            format!("controls: {address} is both far and near"),
            "far ones share no path with the network, near ones all but the last of it",
        ));
    }
    findings
}

fn list(profile: &Profile, kind: &str, controls: &[IpAddr], findings: &mut Vec<Finding>) {
    for address in repeated(controls) {
        let what = format!("{kind} controls: {address} is given twice");
        findings.push(Finding::warning(what, "keep one: it has one vote"));
    }
    for address in controls {
        if is_inside(profile, *address) {
            findings.push(Finding::error(
                format!("{kind} controls: {address} is inside the network"),
                "an outage would silence it too: name an address outside",
            ));
        }
        if let Some(why) = never_reached(*address) {
            findings.push(Finding::warning(
                format!("{kind} controls: {address} is not on the Internet ({why})"),
                "name an address that every vantage point reaches, unless this is a testbed",
            ));
        }
    }
}
