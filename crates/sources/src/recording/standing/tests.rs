use falter_model::{Asn, Peer, PeerState, Span};
use proptest::prelude::*;

use super::*;
use crate::recording::read_value;

/// What may happen, with small numbers for peers, prefixes and origins.
#[derive(Debug, Clone)]
enum Event {
    Announced {
        peer: u32,
        prefix: u32,
        origin: u32,
        blackholed: bool,
    },
    Withdrawn {
        peer: u32,
        prefix: u32,
    },
    Tabled {
        peer: u32,
        prefix: u32,
    },
    Session {
        peer: u32,
        up: bool,
    },
    /// Lists the peers whose bit is set.
    RibEnd {
        collector: u32,
        peers: u32,
        began_ago: i64,
    },
}

const PEERS: u32 = 4;

/// Peers 0 and 1 are of one collector, the others of another.
fn interned() -> Interned {
    let mut interned = Interned::new();
    for peer in 0..PEERS {
        interned.peer_id(&Peer {
            collector: collector(peer / 2),
            asn: Asn(65_000 + peer),
            address: [192, 0, 2, 1].into(),
        });
    }
    interned.path_id(&[Asn(1), Asn(2)]);
    interned
}

fn collector(number: u32) -> Text {
    format!("rrc{number:02}").into()
}

fn prefix(number: u32) -> Prefix {
    format!("175.45.{number}.0/24").parse().unwrap()
}

fn observation(second: i64, event: &Event) -> Observation {
    let at = Timestamp::from_seconds(second);
    let path = falter_model::PathId(0);
    let route = |peer, number, change| {
        Fact::Route(Route { at, peer: PeerId(peer), prefix: prefix(number), change })
    };
    let fact = match *event {
        Event::Announced { peer, prefix, origin, blackholed } => {
            let origin = Some(Asn(origin));
            route(peer, prefix, Change::Announced { origin, path, blackholed })
        }
        Event::Withdrawn { peer, prefix } => route(peer, prefix, Change::Withdrawn),
        Event::Tabled { peer, prefix } => {
            route(peer, prefix, Change::Tabled { origin: Some(Asn(2)), path })
        }
        Event::Session { peer, up } => Fact::Peer(PeerChange {
            peer: PeerId(peer),
            state: if up { PeerState::Up } else { PeerState::Down },
            reason: None,
        }),
        Event::RibEnd { collector: number, peers, began_ago } => {
            let listed = (number * 2..number * 2 + 2).filter(|peer| peers & (1 << peer) != 0);
            Fact::RibEnd(Box::new(RibEnd {
                collector: collector(number),
                from: at - Span::from_seconds(began_ago),
                peers: listed.map(|peer| (PeerId(peer), 900_000, 200_000)).collect(),
            }))
        }
    };
    Observation { at, fact }
}

fn event() -> impl Strategy<Value = Event> {
    let (peer, prefix) = (0..PEERS, 0_u32..3);
    prop_oneof![
        4 => (peer.clone(), prefix.clone(), 1_u32..4, any::<bool>()).prop_map(
            |(peer, prefix, origin, blackholed)| Event::Announced { peer, prefix, origin, blackholed }
        ),
        2 => (peer.clone(), prefix.clone())
            .prop_map(|(peer, prefix)| Event::Withdrawn { peer, prefix }),
        4 => (peer.clone(), prefix).prop_map(|(peer, prefix)| Event::Tabled { peer, prefix }),
        1 => (peer, any::<bool>()).prop_map(|(peer, up)| Event::Session { peer, up }),
        1 => (0_u32..2, 0_u32..16, 0_i64..5).prop_map(
            |(collector, peers, began_ago)| Event::RibEnd { collector, peers, began_ago }
        ),
    ]
}

const AT: Timestamp = Timestamp::from_seconds(1000);

fn lines(standing: &Standing, interned: &Interned) -> Vec<serde_json::Value> {
    standing.starts_from(AT, interned).unwrap()
}

/// What stands in `events`, as lines.
fn told(events: &[Event]) -> Vec<String> {
    let (mut standing, interned) = (Standing::new(), interned());
    for (second, event) in (0..).zip(events) {
        standing.note(&observation(second, event), &interned);
    }
    lines(&standing, &interned).iter().map(ToString::to_string).collect()
}

/// Short forms of lines: what, whose, which.
fn words(events: &[Event]) -> Vec<String> {
    let word = |line: &String| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        if let Some(end) = line.get("rib_end") {
            return format!("end {}", end["peers"].as_array().unwrap().len());
        }
        if let Some(peer) = line.get("peer") {
            return format!(
                "{} {}",
                peer["state"].as_str().unwrap(),
                peer["asn"].as_str().unwrap()
            );
        }
        let route = &line["route"];
        let kinds = ["table", "announce", "withdraw"];
        let kind = kinds.iter().find(|kind| route.get(**kind).is_some()).unwrap();
        format!("{kind} {} {}", route["peer"]["asn"].as_str().unwrap(), route["prefix"])
    };
    told(events).iter().map(word).map(|word| word.replace('"', "")).collect()
}

#[test]
fn a_table_is_told_as_one_and_the_rest_as_it_was_told() {
    let both = Event::RibEnd { collector: 0, peers: 3, began_ago: 2 };
    let tabled = |peer| Event::Tabled { peer, prefix: 1 };
    let announced = |peer, blackholed| Event::Announced { peer, prefix: 1, origin: 3, blackholed };
    let withdrawn = |peer| Event::Withdrawn { peer, prefix: 1 };
    let session = |peer, up| Event::Session { peer, up };
    let prefix = "175.45.1.0/24";
    for (events, expected) in [
        (vec![tabled(0), tabled(1), both.clone()], "table 0, table 1, end 2"),
        // What a listed peer withdrew it is known not to have.
        (vec![tabled(0), tabled(1), both.clone(), withdrawn(0)], "table 1, end 2"),
        // Peer 2 is of a collector that told no table.
        (vec![tabled(0), both.clone(), announced(2, false)], "table 0, end 2, announce 2"),
        (vec![announced(2, false), withdrawn(2)], "withdraw 2"),
        // Of peer 0 it is not known what it has since.
        (vec![tabled(0), tabled(1), both.clone(), session(0, false)], "table 1, end 2, down 0"),
        (
            vec![tabled(0), both.clone(), session(0, false), session(0, true), announced(0, false)],
            "end 2, up 0, announce 0",
        ),
        // Its session is older than the table.
        (vec![session(0, true), tabled(0), both.clone()], "up 0, table 0, end 2"),
        // A table does not say who is sent into a black hole.
        (vec![tabled(0), both.clone(), announced(0, true)], "table 0, end 2, announce 0"),
        // The dump was not complete.
        (vec![tabled(0)], "announce 0"),
        // What changed while it was written is newer, what is older is part of it.
        (
            vec![
                tabled(0),
                withdrawn(1),
                tabled(1),
                Event::RibEnd { collector: 0, peers: 3, began_ago: 3 },
            ],
            "table 0, end 2",
        ),
        (vec![announced(0, false), tabled(1), tabled(1), both], "table 1, end 2"),
        // A session that ended while it was written took with it what the dump holds of it.
        (
            vec![
                tabled(0),
                tabled(1),
                session(0, false),
                Event::RibEnd { collector: 0, peers: 3, began_ago: 3 },
            ],
            "table 1, end 2, down 0",
        ),
    ] {
        let expected: Vec<String> = expected
            .split(", ")
            .map(|word| match word.split_once(' ').unwrap() {
                ("end", count) => format!("end {count}"),
                (kind @ ("up" | "down"), peer) => format!("{kind} AS6500{peer}"),
                (kind, peer) => format!("{kind} AS6500{peer} {prefix}"),
            })
            .collect();
        assert_eq!(words(&events), expected, "{events:?}");
    }
}

#[test]
fn too_many_routes_are_no_start() {
    let (mut standing, interned) = (Standing::new(), interned());
    let route = |number: usize| {
        let prefix = format!("10.{}.{}.0/24", number / 256, number % 256).parse().unwrap();
        let change =
            Change::Announced { origin: None, path: falter_model::PathId::NONE, blackholed: false };
        Observation::route(Route { at: AT, peer: PeerId(0), prefix, change })
    };
    for number in 0..MOST_ROUTES {
        standing.note(&route(number), &interned);
        standing.note(&route(number), &interned);
    }
    assert_eq!(lines(&standing, &interned).len(), MOST_ROUTES);
    standing.note(&route(MOST_ROUTES), &interned);
    assert_eq!(lines(&standing, &interned).len(), 0);
    standing.note(&observation(0, &Event::Session { peer: 0, up: false }), &interned);
    assert_eq!(lines(&standing, &interned).len(), 1);
}

proptest! {
    /// Whoever begins there knows the same as whoever saw everything.
    #[test]
    fn who_starts_from_it_knows_the_same(events in prop::collection::vec(event(), 0..60)) {
        let expected = told(&events);
        let (mut standing, mut interned) = (Standing::new(), Interned::new());
        for line in &expected {
            let value = serde_json::from_str(line).unwrap();
            let observation = read_value(value, &mut interned).unwrap();
            prop_assert_eq!(observation.at, AT);
            standing.note(&observation, &interned);
        }
        let mut again: Vec<String> =
            lines(&standing, &interned).iter().map(ToString::to_string).collect();
        // Peers got other numbers.
        again.sort();
        let mut expected = expected;
        expected.sort();
        prop_assert_eq!(again, expected);
    }
}
