//! What the verdict is told of routes.

use falter_model::{End, Entity, Onset, Span};

use crate::scene::{KP, Scene, at, profile};

const FOUR: [&str; 4] =
    ["175.45.176.0/24", "175.45.177.0/24", "175.45.178.0/24", "175.45.179.0/24"];

#[test]
fn spread_flaps_churn_and_transits_are_told() {
    let mut scene = Scene::default();
    let peers = scene.peers(4);
    scene.dump(0, &peers, &FOUR, 100);
    scene.announce_by(5, peers[0], FOUR[0], &[64_501, 20485, KP]);
    // Six quiet hours and more: one update each.
    for hour in 0..8 {
        scene.announce(hour * 3600 + 1200, &peers[1..2], FOUR[1]);
    }
    let onset = 8 * 3600;
    for n in 0..30 {
        scene.announce(onset - 900 + n, &peers[1..2], FOUR[1]);
    }
    for (n, four) in (0..).zip(FOUR) {
        scene.withdraw(onset + n * 10, &peers, four);
    }
    for four in FOUR {
        scene.announce(onset + 600, &peers[1..], four);
        scene.withdraw(onset + 900, &peers, four);
        scene.announce(onset + 4500, &peers, four);
    }
    let (_, engine) = scene.run(Some(&profile(&["175.45.176.0/22"])), onset + 7200);
    let network: Entity = "network/kp".parse().unwrap();
    let from = Onset { last_good: Some(at(onset - 1)), first_bad: at(onset) };
    let until = End { last_bad: at(onset + 4499), first_good: at(onset + 4500) };
    let facts = engine.route_facts(&network, from, Some(until), &scene.interned).unwrap();
    assert_eq!(facts.withdrawal_spread, Some(Span::from_seconds(900)));
    assert_eq!((facts.prefixes_lost, facts.prefixes), (4, 4));
    assert_eq!((facts.operators_lost, facts.operators), (1, 1));
    assert_eq!(facts.flaps, 1);
    assert_eq!(facts.up_times, [Span::from_seconds(300)]);
    assert_eq!(facts.down_times, [Span::from_seconds(590), Span::from_seconds(3600)]);
    assert!(facts.churn_before.unwrap() >= 30.0, "{:?}", facts.churn_before);
    assert_eq!(facts.churn_lead, Some(Span::from_seconds(900)));
    assert!(!facts.some_peers_kept_it);
    let transits: Vec<_> = facts
        .transits
        .iter()
        .map(|transit| (&*transit.transit, transit.share_before.get(), transit.share_during.get()))
        .collect();
    assert_eq!(transits, [("AS4837", 0.9375, 0.0), ("AS20485", 0.0625, 0.0)]);
}

#[test]
fn unwatched_routes_have_no_facts() {
    let (_, engine) = Scene::default().run(Some(&profile(&["175.45.176.0/22"])), 0);
    let onset = Onset { last_good: None, first_bad: at(0) };
    let scene = Scene::default();
    let network = "network/kp".parse().unwrap();
    assert_eq!(engine.route_facts(&network, onset, None, &scene.interned), None);
}
