//! A flood in the testbed, by what the darknet heard of it, against the truth of the run.

use std::fs;
use std::path::Path;

use falter_model::{Span, Timestamp};

use crate::captures::{inside, replay};

/// When what is said to have been done was done.
fn actions(truth: &str) -> Vec<Timestamp> {
    let actions = truth.split("[[action]]").skip(1);
    let at = |action: &str| {
        let at = action.lines().find_map(|line| line.strip_prefix("at = "));
        at.unwrap().trim_matches('"').parse().unwrap()
    };
    actions.map(at).collect()
}

#[test]
fn a_flood_with_forged_sources_is_an_attack_while_it_lasts() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/darknet/data");
    let truth = fs::read_to_string(data.join("syn-flood-server.toml")).unwrap();
    assert!(truth.contains("extent = \"4 sites at 175.45.176.69\""));
    let actions = actions(&truth);
    let (began, ended) = (*actions.first().unwrap(), *actions.last().unwrap());

    let (told, inputs) = replay(&[data.join("syn-flood-server.pcap.gz")], inside());
    assert!(inputs[0].1.is_empty(), "{:?}", inputs[0].1);
    // Everything that arrived there answered the flood.
    let packets: u64 = told.iter().map(|attack| attack.packets).sum();
    assert_eq!((inputs[0].0, packets), (390, 390));
    for attack in &told {
        assert_eq!(
            (attack.victim.to_string().as_str(), &*attack.protocol),
            ("175.45.176.69", "tcp")
        );
        assert_eq!((&*attack.vantage, attack.sources_16), ("darknet", Some(1)));
    }
    let (first, last) = (told.first().unwrap(), told.last().unwrap());
    let soon = |span: Span| (Span::ZERO..Span::from_seconds(2)).contains(&span);
    assert!(soon(first.from - began), "{} after {began}", first.from);
    // It is known a minute after its first packet.
    assert!(soon(first.until - first.from - Span::from_seconds(60)), "{first:?}");
    // A queue of 64 answers again for a while: ten times slower than it was.
    let after = last.until - ended;
    assert!((Span::ZERO..Span::from_seconds(30)).contains(&after), "{} after {ended}", last.until);
    // Thirty SYNs a second from the darknet's addresses of sixty, ten times slower: 180 a minute, and what
    // the server said again.
    let ppm = told.iter().filter_map(|attack| attack.max_ppm).max().unwrap();
    assert!((150..=250).contains(&ppm), "{ppm} a minute");
}
