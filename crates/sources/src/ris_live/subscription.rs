//! What is asked of the server.

use std::collections::BTreeSet;

use falter_model::{Asn, Prefix};
use serde_json::json;

use crate::archive::Interest;
use crate::bootstrap::CollectorTable;
use crate::feed::Update;

/// Prefixes that are asked for by themselves because a watched AS originated them. The largest AS
/// originates fewer than this.
const MOST_LEARNED: usize = 20_000;

/// All that is asked for; what was learned is asked for again on the next connection.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    everything: bool,
    prefixes: BTreeSet<Prefix>,
    asns: BTreeSet<Asn>,
    /// Originated by a watched AS, and not among the prefixes.
    learned: BTreeSet<Prefix>,
}

impl Subscriptions {
    pub(super) fn of<'a>(interests: impl Iterator<Item = &'a Interest>) -> Self {
        let mut all = Self::default();
        for interest in interests {
            all.asns.extend(&interest.asns);
            match &interest.prefixes {
                Some(prefixes) => all.prefixes.extend(prefixes),
                None => all.everything = true,
            }
        }
        all
    }

    /// The messages that begin a connection.
    pub(super) fn messages(&self) -> Vec<String> {
        if self.everything {
            return vec![subscribe(&json!({}))];
        }
        let states = ["KEEPALIVE", "RIS_PEER_STATE", "OPEN", "NOTIFICATION"];
        let states = states.iter().map(|kind| subscribe(&json!({ "type": kind })));
        let prefixes = self.prefixes.iter().chain(&self.learned).map(|prefix| by_prefix(*prefix));
        // A path that ends in the AS; `$` is the manual's sign for the end.
        let asns = self.asns.iter().map(|asn| {
            let path = format!("{}$", asn.0);
            subscribe(&json!({ "type": "UPDATE", "path": path, "require": "announcements" }))
        });
        states.chain(prefixes).chain(asns).collect()
    }

    /// Messages for prefixes that an update showed to be a watched AS's.
    pub(super) fn learn(&mut self, update: &Update) -> Vec<String> {
        let is_own = update.origin.is_some_and(|origin| self.asns.contains(&origin));
        if !is_own || self.everything {
            return Vec::new();
        }
        update.announced.iter().filter_map(|(prefix, _)| self.learn_one(*prefix)).collect()
    }

    /// Messages for prefixes that a table showed to be a watched AS's.
    pub(super) fn learn_table(&mut self, table: &CollectorTable) -> Vec<String> {
        if self.everything {
            return Vec::new();
        }
        let routes = table.peers.iter().flat_map(|peer| &peer.routes);
        let mut messages = Vec::new();
        for route in routes {
            if route.origin.is_some_and(|origin| self.asns.contains(&origin)) {
                messages.extend(self.learn_one(route.prefix));
            }
        }
        messages
    }

    /// `None` where it is asked for already.
    fn learn_one(&mut self, prefix: Prefix) -> Option<String> {
        let is_asked_for = self.prefixes.iter().any(|asked| asked.covers(prefix));
        let is_new =
            !is_asked_for && self.learned.len() < MOST_LEARNED && self.learned.insert(prefix);
        is_new.then(|| by_prefix(prefix))
    }
}

fn by_prefix(prefix: Prefix) -> String {
    let prefix = prefix.to_string();
    subscribe(&json!({
        "type": "UPDATE", "prefix": prefix, "moreSpecific": true, "lessSpecific": true,
    }))
}

fn subscribe(filter: &serde_json::Value) -> String {
    json!({ "type": "ris_subscribe", "data": filter }).to_string()
}

#[cfg(test)]
mod tests {
    use falter_model::{Peer, Timestamp};

    use super::*;

    #[test]
    fn prefixes_of_an_as_are_asked_for_once_they_are_known() {
        let interest = Interest {
            prefixes: Some(vec!["175.45.176.0/22".parse().unwrap()]),
            asns: vec![Asn(131_279)],
            paths: true,
        };
        let mut all = Subscriptions::of([&interest].into_iter());
        let messages = all.messages();
        assert_eq!(messages.len(), 6);
        assert!(messages.iter().any(|text| text.contains(r#""prefix":"175.45.176.0/22""#)));
        assert!(messages.iter().any(|text| text.contains(r#""path":"131279$""#)));
        let announced = ["175.45.177.0/24", "192.0.2.0/24"].map(|p| (p.parse().unwrap(), None));
        let mut update = Update {
            at: Timestamp::EPOCH,
            peer: Peer { collector: "rrc00".into(), asn: Asn(1), address: [192, 0, 2, 1].into() },
            path: vec![Asn(1), Asn(131_279)],
            origin: Some(Asn(131_279)),
            blackholed: false,
            announced: announced.to_vec(),
            withdrawn: Vec::new(),
        };
        assert_eq!(all.learn(&update), [by_prefix("192.0.2.0/24".parse().unwrap())]);
        assert_eq!(all.learn(&update), [""; 0]);
        assert_eq!(all.messages().len(), 7);
        update.origin = Some(Asn(1));
        update.announced = vec![("198.51.100.0/24".parse().unwrap(), None)];
        assert_eq!(all.learn(&update), [""; 0]);
    }
}
