//! What was told, in short words.

use std::time::Duration;

use falter_model::{
    Asn, Change, Clock, Fact, Interned, Observation, Peer, PeerState, Prefix, Span, Timestamp,
};
use falter_sources::archive::Interest;
use falter_sources::feed::Subscriber;
use falter_sources::live::{Told, channel};
use falter_sources::recording::read_line;
use tokio::time::Instant;

/// A clock that begins at this second and goes as the test's time does.
#[derive(Debug)]
pub(crate) struct Going {
    from: i64,
    begun: Instant,
}

impl Going {
    pub(crate) fn from(second: i64) -> Self {
        Self { from: second, begun: Instant::now() }
    }
}

impl Clock for Going {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.begun.elapsed().as_micros()).unwrap();
        Timestamp::from_seconds(self.from) + Span::from_micros(passed)
    }
}

/// A network of these prefixes and ASes.
pub(crate) fn subscriber(prefixes: &[&str], asns: &[u32]) -> (Subscriber, Told) {
    let prefixes: Vec<Prefix> = prefixes.iter().map(|text| text.parse().unwrap()).collect();
    let asns = asns.iter().copied().map(Asn).collect();
    let (teller, told) = channel(4096);
    let interest = Interest { prefixes: Some(prefixes), asns, paths: true };
    (Subscriber { interest, teller }, told)
}

/// The next observation that is no activity, in words; of the wall's time no more than some seconds.
pub(crate) async fn next(told: &mut Told) -> String {
    let next = tokio::time::timeout(Duration::from_secs(20), told_next(told)).await;
    next.expect("nothing was told for long")
}

/// The same, however long it takes.
pub(crate) async fn told_next(told: &mut Told) -> String {
    loop {
        let line = told.next().await.expect("the feed ended");
        let mut interned = Interned::new();
        let observation = read_line(&line, &mut interned).unwrap();
        if let Some(words) = words(&observation, &interned) {
            return words;
        }
    }
}

/// `None` for activity.
fn words(observation: &Observation, interned: &Interned) -> Option<String> {
    let name = |peer| {
        let Peer { collector, asn, address } = interned.peer(peer).unwrap();
        format!("{collector} {asn} {address}")
    };
    Some(match &observation.fact {
        Fact::Route(route) => {
            let peer = name(route.peer);
            match route.change {
                Change::Announced { path, .. } => {
                    let path: Vec<String> =
                        interned.path(path).iter().map(|asn| asn.0.to_string()).collect();
                    format!("{peer} + {} {}", route.prefix, path.join(" "))
                }
                Change::Withdrawn => format!("{peer} - {}", route.prefix),
                Change::Tabled { .. } => format!("{peer} = {}", route.prefix),
            }
        }
        Fact::Peer(change) => {
            let state = if change.state == PeerState::Up { "up" } else { "down" };
            let reason = change.reason.as_deref().unwrap_or("-");
            format!("{} {state}: {reason}", name(change.peer))
        }
        Fact::RibEnd(end) => {
            let peers: Vec<String> =
                end.peers.iter().map(|(p, v4, v6)| format!("{} {v4}/{v6}", name(*p))).collect();
            format!("end {}: {}", end.collector, peers.join(", "))
        }
        Fact::Activity(_) => return None,
        other => panic!("{other:?}"),
    })
}
