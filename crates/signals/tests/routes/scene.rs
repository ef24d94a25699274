//! A small world to observe: collectors, peers, and what they tell, second by second.

use std::net::IpAddr;

use falter_model::{
    Asn, Change, Entity, Fact, Interned, Observation, Peer, PeerActivity, PeerChange, PeerId,
    PeerState, Prefix, Profile, Reading, ReadingKind, RibEnd, Route, Timestamp,
};
use falter_signals::{Engine, Output, Plan};

/// 2022-01-25T00:00:00Z: the scene's second 0.
const START: i64 = 1_643_068_800;

pub(crate) const KP: u32 = 131_279;

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(START + second)
}

pub(crate) fn prefix(text: &str) -> Prefix {
    text.parse().unwrap()
}

pub(crate) fn profile(prefixes: &[&str]) -> Profile {
    Profile {
        asns: vec![Asn(KP)],
        prefixes: prefixes.iter().map(|text| prefix(text)).collect(),
        transits: vec![Asn(4837), Asn(20485)],
        ..Profile::named("kp", "North Korea")
    }
}

/// What is observed, and who is there to tell it.
#[derive(Default)]
pub(crate) struct Scene {
    pub(crate) interned: Interned,
    pub(crate) told: Vec<Observation>,
}

impl Scene {
    pub(crate) fn peer(&mut self, collector: &str, asn: u32, session: u8) -> PeerId {
        self.interned.peer_id(&Peer {
            collector: collector.into(),
            asn: Asn(asn),
            address: IpAddr::from([192, 0, 2, session]),
        })
    }

    pub(crate) fn peers(&mut self, n: u8) -> Vec<PeerId> {
        (1..=n).map(|n| self.peer("rrc00", 64_500 + u32::from(n), n)).collect()
    }

    fn change(&mut self, second: i64, peer: PeerId, text: &str, change: Change) {
        let route = Route { at: at(second), peer, prefix: prefix(text), change };
        self.told.push(Observation::route(route));
    }

    pub(crate) fn announce_by(&mut self, second: i64, peer: PeerId, text: &str, path: &[u32]) {
        let path: Vec<Asn> = path.iter().map(|asn| Asn(*asn)).collect();
        let origin = path.last().copied();
        let path = self.interned.path_id(&path);
        self.change(second, peer, text, Change::Announced { origin, path, blackholed: false });
    }

    pub(crate) fn announce(&mut self, second: i64, peers: &[PeerId], text: &str) {
        for peer in peers {
            self.announce_by(second, *peer, text, &[64_500, 4837, KP]);
        }
    }

    pub(crate) fn withdraw(&mut self, second: i64, peers: &[PeerId], text: &str) {
        for peer in peers {
            self.change(second, *peer, text, Change::Withdrawn);
        }
    }

    /// A dump of one collector: every peer lists the same prefixes, and so many in all.
    pub(crate) fn dump(&mut self, second: i64, peers: &[PeerId], prefixes: &[&str], total: u32) {
        for text in prefixes {
            for peer in peers {
                self.table(second, *peer, text);
            }
        }
        self.end_dump(
            second,
            second,
            &peers.iter().map(|peer| (*peer, total, 0)).collect::<Vec<_>>(),
        );
    }

    /// An entry of a dump.
    pub(crate) fn table(&mut self, second: i64, peer: PeerId, text: &str) {
        let path = self.interned.path_id(&[Asn(64_500), Asn(4837), Asn(KP)]);
        self.change(second, peer, text, Change::Tabled { origin: Some(Asn(KP)), path });
    }

    pub(crate) fn end_dump(&mut self, from: i64, second: i64, peers: &[(PeerId, u32, u32)]) {
        let end = RibEnd { collector: "rrc00".into(), from: at(from), peers: peers.to_vec() };
        self.fact(second, Fact::RibEnd(Box::new(end)));
    }

    pub(crate) fn session(&mut self, second: i64, peer: PeerId, state: PeerState) {
        self.fact(second, Fact::Peer(PeerChange { peer, state, reason: None }));
    }

    /// Signs of life every ten seconds in `[from, until)`.
    pub(crate) fn chatter(&mut self, from: i64, until: i64, peers: &[PeerId]) {
        for second in (from..until).step_by(10) {
            for peer in peers {
                let activity = PeerActivity { peer: *peer, announced: 1, withdrawn: 0 };
                self.fact(second, Fact::Activity(activity));
            }
        }
    }

    pub(crate) fn fact(&mut self, second: i64, fact: Fact) {
        self.told.push(Observation { at: at(second), fact });
    }

    /// What the stage says of it all, sorted by time, up to `until`.
    pub(crate) fn run(&mut self, network: Option<&Profile>, until: i64) -> (Output, Engine) {
        self.told.sort_by_key(|observation| observation.at);
        let mut engine = Engine::new(Plan { network: network.cloned(), ..Plan::default() });
        let mut out = Output::default();
        for observation in &self.told {
            engine.observe(observation, &self.interned, &mut out);
        }
        engine.finish(at(until), &self.interned, &mut out);
        (out, engine)
    }
}

/// Values by minute of the scene, of the bins of one series.
pub(crate) fn bins(out: &Output, entity: &str, signal: &str) -> Vec<(i64, Option<f64>)> {
    readings(out, entity, signal)
        .filter(|reading| matches!(reading.kind, ReadingKind::Bin(_)))
        .map(|reading| ((reading.at.seconds() - START) / 60, reading.value))
        .collect()
}

/// Values by second of the scene, of the changes of one series.
pub(crate) fn changes(out: &Output, entity: &str, signal: &str) -> Vec<(i64, Option<f64>)> {
    // The network's first measure is told as it is made, and is no change.
    let first = usize::from(entity.starts_with("network/"));
    readings(out, entity, signal)
        .skip(first)
        .filter(|reading| matches!(reading.kind, ReadingKind::Change { .. }))
        .map(|reading| (reading.at.seconds() - START, reading.value))
        .collect()
}

pub(crate) fn readings<'a>(
    out: &'a Output,
    entity: &str,
    signal: &'a str,
) -> impl Iterator<Item = &'a Reading> {
    let entity: Entity = entity.parse().unwrap();
    out.readings
        .iter()
        .filter(move |reading| reading.entity == entity && reading.signal.as_str() == signal)
}
