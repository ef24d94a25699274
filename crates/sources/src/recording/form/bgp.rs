//! Routes, peers and table dumps as JSON.

use std::net::IpAddr;

use falter_model::{
    Asn, Change, Interned, PathId, Peer, PeerActivity, PeerChange, PeerId, PeerState, Prefix,
    RibEnd, Route, Text, Timestamp,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Nothing;
use crate::recording::LineError;

/// The community by which an operator asks to drop all traffic to a prefix, RFC 7999.
const BLACKHOLE: &str = "65535:666";

#[derive(Serialize, Deserialize)]
struct PeerForm {
    asn: Asn,
    address: IpAddr,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RouteForm {
    peer: PeerForm,
    prefix: Prefix,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    announce: Option<PathForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withdraw: Option<Nothing>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    table: Option<PathForm>,
}

/// What an announcement or a table entry says.
#[derive(Serialize, Deserialize)]
struct PathForm {
    /// AS numbers with spaces between, first hop first; sets as `{1,2}` on input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// Only where it is not the last of the path: `null` where that is the member of a set, a number
    /// where the path was not kept.
    #[serde(default, skip_serializing_if = "OriginForm::is_last")]
    origin: OriginForm,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    communities: Vec<String>,
}

/// The origin of a path: not written where it is its last AS.
#[derive(Default)]
enum OriginForm {
    #[default]
    Last,
    Stated(Option<Asn>),
}

#[derive(Serialize, Deserialize)]
pub(super) struct PeerChangeForm {
    #[serde(flatten)]
    peer: PeerForm,
    #[serde(with = "StateForm")]
    state: PeerState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Text>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PeerState", rename_all = "lowercase")]
enum StateForm {
    Up,
    Down,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ActivityForm {
    peer: PeerForm,
    #[serde(default)]
    announced: u32,
    #[serde(default)]
    withdrawn: u32,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RibEndForm {
    from: Timestamp,
    peers: Vec<TableSizeForm>,
}

/// A peer and how many prefixes of each family it carried.
#[derive(Serialize, Deserialize)]
struct TableSizeForm {
    #[serde(flatten)]
    peer: PeerForm,
    v4: u32,
    v6: u32,
}

/// The collector of a peer.
pub(super) fn collector(id: PeerId, interned: &Interned) -> Result<Text, LineError> {
    interned.peer(id).map(|peer| peer.collector.clone()).ok_or(LineError::Peer { id: id.0 })
}

impl PeerForm {
    fn of(id: PeerId, interned: &Interned) -> Result<Self, LineError> {
        let peer = interned.peer(id).ok_or(LineError::Peer { id: id.0 })?;
        Ok(Self { asn: peer.asn, address: peer.address })
    }

    fn into_id(self, collector: Text, interned: &mut Interned) -> PeerId {
        interned.peer_id(&Peer { collector, asn: self.asn, address: self.address })
    }
}

impl RouteForm {
    pub(super) fn of(route: &Route, interned: &Interned) -> Result<Self, LineError> {
        let peer = PeerForm::of(route.peer, interned)?;
        let mut form =
            Self { peer, prefix: route.prefix, announce: None, withdraw: None, table: None };
        match route.change {
            Change::Announced { origin, path, blackholed } => {
                form.announce = Some(PathForm::of(origin, path, blackholed, interned));
            }
            Change::Withdrawn => form.withdraw = Some(Nothing {}),
            Change::Tabled { origin, path } => {
                form.table = Some(PathForm::of(origin, path, false, interned));
            }
        }
        Ok(form)
    }

    pub(super) fn into_route(
        self,
        at: Timestamp,
        collector: Text,
        interned: &mut Interned,
    ) -> Result<Route, LineError> {
        let change = match (self.announce, self.withdraw, self.table) {
            (Some(form), None, None) => {
                let blackholed = form.communities.iter().any(|text| text == BLACKHOLE);
                let (origin, path) = form.read(interned)?;
                Change::Announced { origin, path, blackholed }
            }
            (None, Some(Nothing {}), None) => Change::Withdrawn,
            (None, None, Some(form)) => {
                let (origin, path) = form.read(interned)?;
                Change::Tabled { origin, path }
            }
            _ => return Err(LineError::Change),
        };
        let peer = self.peer.into_id(collector, interned);
        Ok(Route { at, peer, prefix: self.prefix, change })
    }
}

impl PathForm {
    fn of(origin: Option<Asn>, path: PathId, blackholed: bool, interned: &Interned) -> Self {
        let asns = interned.path(path);
        let numbers: Vec<String> = asns.iter().map(|asn| asn.0.to_string()).collect();
        Self {
            path: (!numbers.is_empty()).then(|| numbers.join(" ")),
            origin: if origin == asns.last().copied() {
                OriginForm::Last
            } else {
                OriginForm::Stated(origin)
            },
            communities: if blackholed { vec![BLACKHOLE.to_owned()] } else { Vec::new() },
        }
    }

    fn read(&self, interned: &mut Interned) -> Result<(Option<Asn>, PathId), LineError> {
        let text = self.path.as_deref().unwrap_or_default();
        let asns = path_numbers(text)?;
        let last = if text.trim_end().ends_with('}') { None } else { asns.last().copied() };
        let origin = match self.origin {
            OriginForm::Last => last,
            OriginForm::Stated(origin) => origin,
        };
        Ok((origin, interned.path_id(&asns)))
    }
}

/// All AS numbers of a path, the members of sets where the set stands.
fn path_numbers(text: &str) -> Result<Vec<Asn>, LineError> {
    text.split([' ', ',', '{', '}'])
        .filter(|word| !word.is_empty())
        .map(|word| word.parse().map_err(|source| LineError::Path { source }))
        .collect()
}

impl PeerChangeForm {
    pub(super) fn of(change: &PeerChange, interned: &Interned) -> Result<Self, LineError> {
        let peer = PeerForm::of(change.peer, interned)?;
        Ok(Self { peer, state: change.state, reason: change.reason.clone() })
    }

    pub(super) fn into_change(self, collector: Text, interned: &mut Interned) -> PeerChange {
        let peer = self.peer.into_id(collector, interned);
        PeerChange { peer, state: self.state, reason: self.reason }
    }
}

impl ActivityForm {
    pub(super) fn of(activity: &PeerActivity, interned: &Interned) -> Result<Self, LineError> {
        let peer = PeerForm::of(activity.peer, interned)?;
        Ok(Self { peer, announced: activity.announced, withdrawn: activity.withdrawn })
    }

    pub(super) fn into_activity(self, collector: Text, interned: &mut Interned) -> PeerActivity {
        let peer = self.peer.into_id(collector, interned);
        PeerActivity { peer, announced: self.announced, withdrawn: self.withdrawn }
    }
}

impl RibEndForm {
    pub(super) fn of(end: &RibEnd, interned: &Interned) -> Result<Self, LineError> {
        let size = |(id, v4, v6): &(PeerId, u32, u32)| {
            Ok::<_, LineError>(TableSizeForm {
                peer: PeerForm::of(*id, interned)?,
                v4: *v4,
                v6: *v6,
            })
        };
        Ok(Self { from: end.from, peers: end.peers.iter().map(size).collect::<Result<_, _>>()? })
    }

    pub(super) fn into_end(self, collector: Text, interned: &mut Interned) -> RibEnd {
        let mut size = |form: TableSizeForm| {
            (form.peer.into_id(collector.clone(), interned), form.v4, form.v6)
        };
        let peers = self.peers.into_iter().map(&mut size).collect();
        RibEnd { collector, from: self.from, peers }
    }
}

impl OriginForm {
    const fn is_last(&self) -> bool {
        matches!(self, Self::Last)
    }
}

impl Serialize for OriginForm {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Last | Self::Stated(None) => to.serialize_none(),
            Self::Stated(Some(asn)) => asn.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for OriginForm {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::deserialize(from).map(Self::Stated)
    }
}
