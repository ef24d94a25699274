//! A withdrawal by all peers is an outage at the next tick: routes through both stages, time passed in.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use std::net::IpAddr;

use falter_model::{
    Asn, Change, Fact, Interned, Observation, Peer, PeerId, Prefix, Profile, RibEnd, Route, State,
    Timestamp,
};

/// Seconds at which all peers withdraw all prefixes: in the middle of a bin, and of the very first one.
const WITHDRAWN: [i64; 2] = [1_327, 60];

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_643_068_800 + second)
}

/// A table dump, signs of life, and the withdrawal within its second.
fn told(interned: &mut Interned, prefixes: &[Prefix], withdrawn: i64) -> Vec<Observation> {
    let peers: Vec<PeerId> = (1..=5_u8)
        .map(|n| {
            let (asn, address) = (Asn(64_500 + u32::from(n)), IpAddr::from([192, 0, 2, n]));
            interned.peer_id(&Peer { collector: "rrc00".into(), asn, address })
        })
        .collect();
    let path = interned.path_id(&[Asn(64_500), Asn(4_837), Asn(64_800)]);
    let all = || peers.iter().flat_map(|peer| prefixes.iter().map(|prefix| (*peer, *prefix)));
    let route = |second, (peer, prefix), change| {
        Observation::route(Route { at: at(second), peer, prefix, change })
    };
    let tabled = Change::Tabled { origin: Some(Asn(64_800)), path };
    let mut told: Vec<Observation> = all().map(|route_of| route(0, route_of, tabled)).collect();
    let sizes = peers.iter().map(|peer| (*peer, 900_000, 0)).collect();
    let end = RibEnd { collector: "rrc00".into(), from: at(0), peers: sizes };
    told.push(Observation { at: at(0), fact: Fact::RibEnd(Box::new(end)) });
    for second in 1..=withdrawn + 5 {
        if second == withdrawn {
            told.extend(all().map(|route_of| route(second, route_of, Change::Withdrawn)));
        }
        told.push(Observation { at: at(second), fact: Fact::Tick });
    }
    told
}

#[test]
fn a_withdrawal_by_all_peers_is_told_at_the_next_tick() {
    WITHDRAWN.into_iter().for_each(check);
}

fn check(withdrawn: i64) {
    let prefixes: Vec<Prefix> =
        ["198.51.100.0/24", "203.0.113.0/24"].map(|p| p.parse().unwrap()).into();
    let profile = Profile {
        asns: vec![Asn(64_800)],
        prefixes: prefixes.clone(),
        ..Profile::named("test", "Test")
    };
    let mut signals = falter_signals::Engine::new(falter_signals::Plan {
        network: Some(profile.clone()),
        ..falter_signals::Plan::default()
    });
    let mut detect = falter_detect::Engine::new(falter_detect::Plan {
        network: Some(profile),
        spec_of: |id| falter_signals::spec(id.as_str()).copied(),
        ..falter_detect::Plan::default()
    });
    let (mut interned, mut out) = (Interned::default(), falter_signals::Output::default());
    let mut first = None;
    for observation in told(&mut interned, &prefixes, withdrawn) {
        signals.observe(&observation, &interned, &mut out);
        for reading in out.readings.drain(..) {
            detect.reading(&reading);
        }
        detect.observe(&observation);
        if observation.fact == Fact::Tick {
            let outage = detect.changed().into_iter().find(|outage| outage.entity.is_top());
            first = first.or(outage.map(|outage| (observation.at, outage)));
        }
    }
    let (told_at, outage) = first.unwrap();
    assert!(told_at - at(withdrawn) <= falter_model::Span::from_seconds(1), "{told_at}");
    assert_eq!(outage.state, State::Complete);
    assert!(outage.from.first_bad >= at(withdrawn) - falter_model::Span::from_seconds(60));
}
