//! Feeds that fail are told apart from routes that do.

use falter_model::PeerState;

use crate::scene::{Scene, at, bins, changes, profile};

const FOUR: [&str; 4] =
    ["175.45.176.0/24", "175.45.177.0/24", "175.45.178.0/24", "175.45.179.0/24"];
const BLOCKS: &str = "bgp.visible-blocks";
const SPACE: &[&str] = &["175.45.176.0/22"];

#[test]
fn a_session_that_went_down_is_no_withdrawal() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.dump(0, &peers, &FOUR, 100);
    for peer in &peers[..2] {
        scene.session(400, *peer, PeerState::Down);
    }
    let (out, _) = scene.run(Some(&profile(SPACE)), 600);
    assert_eq!(bins(&out, "network/kp", BLOCKS), [(0, Some(4.0)), (5, Some(4.0))]);
    assert!(changes(&out, "network/kp", BLOCKS).is_empty());
}

#[test]
fn with_every_session_down_nothing_is_measured() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.dump(0, &peers, &FOUR, 100);
    for peer in &peers {
        scene.session(400, *peer, PeerState::Down);
    }
    let (out, _) = scene.run(Some(&profile(SPACE)), 600);
    assert_eq!(bins(&out, "network/kp", BLOCKS), [(0, Some(4.0)), (5, None)]);
    assert!(changes(&out, "network/kp", BLOCKS).is_empty());
}

#[test]
fn ten_minutes_after_it_came_up_a_session_is_complete_again() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.dump(0, &peers, &FOUR, 100);
    for peer in &peers {
        scene.session(310, *peer, PeerState::Down);
        scene.session(320, *peer, PeerState::Up);
    }
    // Three of the four come back; the fourth went while nobody could see it.
    for four in &FOUR[..3] {
        scene.announce(330, &peers, four);
    }
    scene.chatter(340, 1200, &peers);
    let (out, _) = scene.run(Some(&profile(SPACE)), 1200);
    assert_eq!(
        bins(&out, "network/kp", BLOCKS),
        [(0, Some(4.0)), (5, None), (10, None), (15, Some(3.0))]
    );
}

#[test]
fn without_a_dump_a_reset_prefix_is_unknown_until_it_is_told_again() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.announce(10, &peers, FOUR[0]);
    scene.session(310, peers[0], PeerState::Down);
    scene.session(320, peers[0], PeerState::Up);
    scene.announce(610, &peers[..1], FOUR[0]);
    let (out, _) = scene.run(Some(&profile(SPACE)), 900);
    assert_eq!(bins(&out, "network/kp", BLOCKS), [(0, Some(1.0)), (5, None), (10, Some(1.0))]);
}

#[test]
fn a_hole_in_the_feed_is_blind_and_not_down() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.dump(0, &peers, &FOUR, 100);
    scene.chatter(0, 900, &peers);
    scene.chatter(2700, 3600, &peers);
    scene.dump(3300, &peers, &FOUR, 100);
    let (out, _) = scene.run(Some(&profile(SPACE)), 3600);
    let bins = bins(&out, "network/kp", BLOCKS);
    assert_eq!(bins.iter().filter(|(_, value)| *value == Some(4.0)).count(), 4, "{bins:?}");
    assert!(bins.iter().all(|(_, value)| value.is_none() || *value == Some(4.0)), "{bins:?}");
    assert_eq!(bins[3..11], [15, 20, 25, 30, 35, 40, 45, 50].map(|minute| (minute, None)));
    assert_eq!(out.blind.len(), 1);
    let blind = &out.blind[0];
    assert_eq!((blind.from, blind.until), (at(890), at(2700)));
    assert_eq!((&*blind.vantage, &*blind.why), ("rrc00", "feed silent"));
}

#[test]
fn a_hole_of_one_collector_leaves_the_others() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    let others: Vec<_> = (11..=13).map(|n| scene.peer("rrc01", 64_500 + n, 1)).collect();
    scene.dump(0, &peers, &FOUR, 100);
    for four in FOUR {
        scene.announce(1, &others, four);
    }
    let all: Vec<_> = others.iter().chain(&peers).map(|peer| (*peer, 100, 0)).collect();
    scene.end_dump(0, 2, &all);
    scene.chatter(0, 900, &peers);
    scene.chatter(0, 3600, &others);
    scene.withdraw(2000, &others, FOUR[0]);
    let (out, _) = scene.run(Some(&profile(SPACE)), 3600);
    let bins = bins(&out, "network/kp", BLOCKS);
    assert_eq!(bins[6], (30, Some(3.0)));
    assert!(bins.iter().all(|(_, value)| value.is_some()), "{bins:?}");
    assert_eq!(out.blind.len(), 1, "an open hole is told at the end");
}

#[test]
fn a_small_quiet_collector_is_not_taken_for_silent() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.dump(0, &peers, &FOUR, 100);
    scene.withdraw(7200, &peers, FOUR[0]);
    let (out, _) = scene.run(Some(&profile(SPACE)), 14_400);
    let bins = bins(&out, "network/kp", BLOCKS);
    assert!(
        bins.iter()
            .all(|(minute, value)| { *value == Some(if *minute < 120 { 4.0 } else { 3.0 }) })
    );
    assert!(out.blind.is_empty());
}

#[test]
fn a_stale_peer_leaves_the_denominator_until_it_speaks() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.dump(0, &peers, &FOUR, 100);
    scene.chatter(0, 3600, &peers[..1]);
    scene.chatter(0, 900, &peers[1..]);
    // Two of three still show the prefix, since they are stuck.
    scene.withdraw(1000, &peers[..1], FOUR[0]);
    scene.chatter(3000, 3600, &peers[1..]);
    let (out, _) = scene.run(Some(&profile(SPACE)), 3600);
    let values: Vec<_> = bins(&out, "network/kp", BLOCKS).into_iter().map(|bin| bin.1).collect();
    assert_eq!(values[4], Some(4.0), "not stale yet");
    assert_eq!(values[6..10], [Some(3.0); 4], "who is stuck does not vote");
    assert_eq!(values[11], Some(4.0), "who speaks again does");
}

#[test]
fn a_mass_re_announcement_after_silence_is_a_reset() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    let many: Vec<String> = (0..200).map(|n| format!("10.{n}.0.0/16")).collect();
    for text in &many {
        scene.announce(10, &peers, text);
    }
    for text in &many[..150] {
        scene.announce(400, &peers, text);
    }
    scene.told.sort_by_key(|observation| observation.at);
    let (out, _) = scene.run(None, 600);
    // All of one origin: with a quarter of its prefixes unknown it is not measured, and nothing is
    // lost.
    let bins = bins(&out, "asn/AS131279", BLOCKS);
    assert_eq!(bins, [(0, Some(200.0 * 256.0)), (5, None)]);
    assert!(changes(&out, "asn/AS131279", BLOCKS).is_empty());
}

#[test]
fn a_peer_listed_with_nothing_is_unknown() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.dump(0, &peers, &FOUR, 100);
    scene.end_dump(400, 400, &[(peers[0], 0, 0), (peers[1], 0, 0)]);
    let (out, _) = scene.run(Some(&profile(SPACE)), 600);
    assert_eq!(bins(&out, "network/kp", BLOCKS), [(0, Some(4.0)), (5, Some(4.0))]);
}

#[test]
fn a_session_that_ended_while_its_table_was_written_is_unknown() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.dump(0, &peers, &FOUR, 100);
    for peer in &peers {
        for four in FOUR {
            scene.table(400, *peer, four);
        }
    }
    for peer in &peers[..2] {
        scene.session(410, *peer, PeerState::Down);
    }
    scene.end_dump(400, 460, &peers.iter().map(|peer| (*peer, 100, 0)).collect::<Vec<_>>());
    let (out, _) = scene.run(Some(&profile(SPACE)), 600);
    assert_eq!(bins(&out, "network/kp", BLOCKS), [(0, Some(4.0)), (5, Some(4.0))]);
    assert!(changes(&out, "network/kp", BLOCKS).is_empty());
}

#[test]
fn what_a_peer_that_came_up_lacks_still_is_no_loss() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    for peer in &peers {
        scene.session(1, *peer, PeerState::Up);
    }
    // One has all; two tell the end of their tables while they are still told routes themselves.
    for four in &FOUR {
        scene.announce(2, &peers[..1], four);
    }
    scene.end_dump(1, 2, &[(peers[0], 100, 0)]);
    for four in &FOUR[..2] {
        scene.announce(3, &peers[1..], four);
    }
    scene.end_dump(1, 3, &[(peers[1], 98, 0), (peers[2], 98, 0)]);
    for four in &FOUR[2..] {
        scene.announce(8, &peers[1..], four);
    }
    scene.chatter(10, 600, &peers);
    // What they withdraw counts at once.
    scene.withdraw(400, &peers[..2], FOUR[3]);
    let (out, _) = scene.run(Some(&profile(SPACE)), 600);
    assert_eq!(bins(&out, "network/kp", BLOCKS), [(0, Some(4.0)), (5, Some(3.0))]);
    let lost =
        changes(&out, "network/kp", BLOCKS).into_iter().filter(|change| change.1 < Some(4.0));
    assert_eq!(lost.collect::<Vec<_>>(), [(400, Some(3.0))]);
}

#[test]
fn two_inputs_weeks_apart_cost_nothing_between_them() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    let later = 86_400 * 365 * 20;
    scene.dump(0, &peers, &FOUR, 100);
    scene.dump(later, &peers, &FOUR[..2], 100);
    let (out, _) = scene.run(Some(&profile(SPACE)), later + 300);
    let bins = bins(&out, "network/kp", BLOCKS);
    assert_eq!(bins.len(), 2);
    assert_eq!(bins[1].1, Some(2.0));
    // What the second input measures first is no change from what the first one did.
    assert!(changes(&out, "asn/AS131279", BLOCKS).is_empty());
}
