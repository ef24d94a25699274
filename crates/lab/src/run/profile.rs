//! The profile with which a run is replayed.

use falter_model::{Asn, Controls, Entity, Prefix, Profile, Routing, Service, Site, Span, Zone};

use super::NETWORK;
use crate::country::{Country, INTRANET_ZONE, Role, ZONES};
use crate::witness::{far_controls, mail, names, near_controls, sites};

/// The country as falter is told of it; hold times grow with the calendar.
pub fn profile(country: &Country, slower: u32) -> Profile {
    let own = country.nodes_that(|role| matches!(role, Role::Gateway | Role::Operator));
    let mut asns: Vec<Asn> = own.map(|node| node.asn).collect();
    asns.dedup();
    let transits = country.nodes_that(|role| *role == Role::Transit).map(|node| node.asn).collect();
    let servers =
        |of: Vec<names::Server>| of.into_iter().map(|server| server.name.as_str().into()).collect();
    let mut zones: Vec<Zone> = ZONES
        .iter()
        .map(|zone| Zone { name: (*zone).into(), servers: servers(names::servers()) })
        .collect();
    zones.extend(
        names::intranet_server(country)
            .map(|server| Zone { name: INTRANET_ZONE.into(), servers: servers(vec![server]) }),
    );
    let public = country.sites().into_iter().map(|(_, site)| site.clone());
    let all_sites = public.chain(sites::intranet_sites(country));
    let hold_time = Span::from_seconds(i64::from(country.hold_time_s)).times(i64::from(slower));
    Profile {
        name: NETWORK.into(),
        title: "North Korea".into(),
        aliases: "country/KP".parse::<Entity>().ok().into_iter().collect(),
        time_zone: Some("Asia/Pyongyang".into()),
        asns,
        prefixes: country.prefixes().into_iter().map(|(_, prefix): (_, Prefix)| prefix).collect(),
        transits,
        zones,
        sites: all_sites.map(|site| Site { url: sites::url(&site).as_str().into() }).collect(),
        services: mail::services(country)
            .into_iter()
            .map(|address| Service { address: address.into(), tcp: 25 })
            .collect(),
        controls: Controls {
            far: far_controls(country).into_iter().map(Into::into).collect(),
            near: near_controls(country).into_iter().map(Into::into).collect(),
        },
        routing: Routing { hold_time: Some(hold_time), full_feed: None },
        priors: None,
        calendar: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::Size;

    #[test]
    fn the_profile_is_read_back_as_it_was_written() {
        let country = Country::new(&Size { ases: 3, prefixes: 12, ..Size::default() });
        let profile = profile(&country, 10);
        let read: Profile = toml::from_str(&toml::to_string(&profile).unwrap()).unwrap();
        assert_eq!(read, profile);
        assert_eq!((profile.asns.len(), profile.prefixes.len()), (3, 12));
        assert_eq!(profile.routing.hold_time, Some(Span::from_seconds(90)));
        assert_eq!(profile.controls.far.len(), 3);
        assert_eq!(profile.sites.len(), 35);
    }
}
