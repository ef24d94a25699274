use std::collections::BTreeMap;
use std::net::IpAddr;

use falter_model::{
    Answer, Control, ControlKind, Fact, Method, Name, Observation, Outcome, Page, PageDetails,
    Probe, Span, Stage, Transport,
};

use super::*;
use crate::country::{Country, Size};
use crate::witness::{Look, far_controls};

const BEGAN: i64 = 1_700_000_000;
/// What made-up witnesses tell of: a minute, in tenths of a second.
const TENTHS: i64 = 600;

fn tenth(tenth: i64) -> Timestamp {
    Timestamp::from_micros(BEGAN * 1_000_000 + tenth * 100_000)
}

/// How the country is at a tenth of a second.
#[derive(Clone, Copy)]
struct World {
    /// Prefixes that are carried.
    routes: bool,
    /// Answers echo requests and visits, by the last two octets.
    hosts: fn(IpAddr) -> bool,
    /// Name servers that answer.
    names: usize,
    /// Round trip, microseconds.
    rtt_us: u32,
    /// The first observer can see.
    sight: bool,
}

const WELL: World = World { routes: true, hosts: |_| true, names: 2, rtt_us: 60_000, sight: true };

/// What witnesses tell of a world that changes.
fn seen(world: impl Fn(i64) -> World) -> (Country, Seen) {
    let country = Country::new(&Size::default());
    let mut seen = Seen::default();
    let mut tell =
        |at: i64, fact: Fact| seen.observations.push(Observation { at: tenth(at), fact });
    let outcome = |answers: bool, rtt_us: u32| {
        if answers {
            Outcome::Reply { rtt_us, ttl: None }
        } else {
            Outcome::Timeout { after: Span::from_seconds(2) }
        }
    };
    for at in 0..TENTHS {
        let now = world(at);
        for (vantage, phase) in [("observer1", 0), ("observer2", 3)] {
            let can_see = vantage != "observer1" || now.sight;
            if (at + phase) % 7 == 0 {
                for address in country.answering() {
                    let target = address.ip.into();
                    let answers = can_see && now.routes && (now.hosts)(target);
                    let (vantage, method) = (vantage.into(), Method::Icmp);
                    let outcome = outcome(answers, now.rtt_us);
                    tell(at, Fact::Probe(Box::new(Probe { vantage, target, method, outcome })));
                }
                for target in far_controls(&country) {
                    let (vantage, method, kind) = (vantage.into(), Method::Icmp, ControlKind::Far);
                    let (target, outcome) = (target.into(), outcome(can_see, 40_000));
                    let control = Control { vantage, kind, target, method, outcome };
                    tell(at, Fact::Control(Box::new(control)));
                }
            }
            if (at + phase) % 10 == 0 {
                for server in 1..=2_usize {
                    let answer = Answer {
                        rcode: "NOERROR".into(),
                        aa: true,
                        serial: Some(1),
                        rtt_us: now.rtt_us,
                        truncated: false,
                        expires: None,
                    };
                    let answers = can_see && now.routes && server <= now.names;
                    let name = Name {
                        vantage: vantage.into(),
                        server: format!("ns{server}.kptc.kp").as_str().into(),
                        zone: "kp".into(),
                        transport: Transport::Udp,
                        answer: answers.then_some(answer).ok_or_else(|| "timeout".into()),
                    };
                    tell(at, Fact::Name(Box::new(name)));
                }
                for (_, site) in country.sites() {
                    let address = IpAddr::V4(site.address);
                    let answers = can_see && now.routes && (now.hosts)(address);
                    let page = Page {
                        vantage: vantage.into(),
                        site: format!("http://{}/", site.name).as_str().into(),
                        stage: Stage::Connect,
                        error: (!answers).then(|| "timeout".into()),
                        status: answers.then_some(200),
                        address: Some(address),
                        times_us: Vec::new(),
                        details: PageDetails::default(),
                    };
                    tell(at, Fact::Page(Box::new(page)));
                }
            }
        }
        let carried = country
            .prefixes()
            .into_iter()
            .map(|(_, prefix)| (prefix, if now.routes { 6 } else { 0 }))
            .collect();
        seen.routes.push(Look { from: tenth(at), until: tenth(at), carried, peers: 6 });
    }
    (country, seen)
}

/// The states of each layer, with the second in which each began.
fn states(world: impl Fn(i64) -> World) -> BTreeMap<&'static str, Vec<(i64, String)>> {
    let (country, seen) = seen(world);
    layers(&country, &seen, (tenth(0), tenth(100)))
        .into_iter()
        .map(|layer| {
            let told = layer.changes.iter().map(|c| (c.at.seconds() - BEGAN, c.state.to_string()));
            (layer.name, told.collect())
        })
        .collect()
}

fn check(world: impl Fn(i64) -> World, layer: &str, expected: &[(i64, &str)]) {
    let found = states(world);
    let found: Vec<(i64, &str)> =
        found[layer].iter().map(|(at, state)| (*at, state.as_str())).collect();
    assert_eq!(found, expected, "{layer}: {found:?}");
}

const fn between(at: i64, from: i64, until: i64) -> bool {
    at >= from * 10 && at < until * 10
}

#[test]
fn nothing_is_out_where_all_is_well() {
    for layer in ["routes", "hosts", "names", "sites", "inside"] {
        check(|_| WELL, layer, &[(0, "up")]);
    }
}

#[test]
fn a_withdrawal_takes_every_layer_down() {
    let world = |at| World { routes: !between(at, 20, 40), ..WELL };
    for layer in ["routes", "hosts", "names", "sites"] {
        check(world, layer, &[(0, "up"), (20, "down"), (40, "up")]);
    }
    check(world, "inside", &[(0, "up")]);
}

#[test]
fn servers_and_hosts_of_sites_fall_by_themselves() {
    let names = |at| World { names: if between(at, 20, 30) { 1 } else { 2 }, ..WELL };
    check(names, "names", &[(0, "up"), (20, "partial"), (30, "up")]);
    check(names, "hosts", &[(0, "up")]);
    // The host of sixteen sites, which is one machine's address of many.
    let but_one: fn(IpAddr) -> bool = |ip| ip != IpAddr::from([175, 45, 176, 81]);
    let sites = |at| World { hosts: if between(at, 20, 30) { but_one } else { |_| true }, ..WELL };
    check(sites, "sites", &[(0, "up"), (20, "partial"), (30, "up")]);
    check(sites, "hosts", &[(0, "up")]);
}

#[test]
fn longer_round_trips_are_degraded_from_the_end_of_the_window_that_shows_them() {
    let world = |at| World { rtt_us: if between(at, 20, 30) { 200_000 } else { 60_000 }, ..WELL };
    check(world, "hosts", &[(0, "up"), (22, "degraded"), (32, "up")]);
}

#[test]
fn an_observer_that_can_not_see_accuses_nobody() {
    let world = |at| World { sight: !between(at, 20, 40), ..WELL };
    for layer in ["hosts", "names", "sites"] {
        check(world, layer, &[(0, "up")]);
    }
}

#[test]
fn a_collector_that_knows_nothing_tells_of_no_withdrawal() {
    let (country, mut seen) = seen(|_| WELL);
    for look in seen.routes.iter_mut().filter(|look| look.from > tenth(200)) {
        look.peers = 0;
        look.carried.values_mut().for_each(|carried| *carried = 0);
    }
    let layers = layers(&country, &seen, (tenth(0), tenth(100)));
    assert_eq!(layers[0].changes.len(), 1);
}

#[test]
fn the_truth_is_bracketed_on_the_calendar_and_read_back() {
    let (country, seen) = seen(|at| World { routes: !between(at, 20, 40), ..WELL });
    let story = Story {
        cause: Some(Cause::Shutdown),
        fault: "shutdown",
        implementation: "withdrawal",
        parameters: BTreeMap::from([("lasts_s", 20.0)]),
        extent: "all prefixes".to_owned(),
        steps: Vec::new(),
    };
    let calendar = Calendar::new(tenth(0), Timestamp::from_seconds(1_750_000_000), 10);
    let actions = [(tenth(200), "all is withdrawn".to_owned())];
    let calm = (tenth(0), tenth(200));
    let stories = [story];
    let played = Played { stories: &stories, seed: 1, actions: &actions, seen: &seen, calm };
    let truth = Truth::of(&country, &played, &calendar);
    let after = |at: Timestamp| at.seconds() - 1_750_000_000;
    let (from, until) = (truth.from.unwrap(), truth.until.unwrap());
    assert_eq!((after(from.last_good), after(from.first_bad)), (199, 200));
    // The last layer that is back: sites, visited each second.
    assert!((395..=399).contains(&after(until.last_bad)), "{until:?}");
    assert!((400..=410).contains(&after(until.first_good)), "{until:?}");
    assert!((truth.parameters["hold_time_scaled_s"] - 90.0).abs() < 1e-9);
    let read: Truth = toml::from_str(&truth.to_toml().unwrap()).unwrap();
    assert_eq!(read, truth);
    assert_eq!((read.cause.as_str(), read.action.len(), read.layer.len()), ("shutdown", 1, 5));
}

#[test]
fn a_run_without_a_cause_says_so_and_has_no_beginning() {
    let (country, seen) = seen(|_| WELL);
    let calendar = Calendar::new(tenth(0), Timestamp::EPOCH, 1);
    let played =
        Played { stories: &[], seed: 1, actions: &[], seen: &seen, calm: (tenth(0), tenth(9)) };
    let truth = Truth::of(&country, &played, &calendar);
    assert_eq!((truth.cause.as_str(), truth.from, truth.until), (NO_CAUSE, None, None));
    assert!(toml::from_str::<Truth>(&truth.to_toml().unwrap()).is_ok());
}
