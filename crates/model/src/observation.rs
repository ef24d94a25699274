//! Observations: measured facts, before any judgement.

use std::net::IpAddr;
use std::sync::Arc;

use crate::{Entity, PeerId, Route, SignalId, Span, Step, Timestamp};

/// A shared, immutable piece of text.
pub type Text = Arc<str>;

/// One measured fact and when it happened (send time of a probe).
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// When it happened, by the clock of whoever saw it.
    pub at: Timestamp,
    /// What was seen.
    pub fact: Fact,
}

/// What was seen. Routes are inline since they come by the million; the rest is boxed.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// A route change, or an entry of a table dump.
    Route(Route),
    /// A peer's session went up or down.
    Peer(PeerChange),
    /// A record of this peer held only routes that nobody watches.
    Activity(PeerActivity),
    /// A table dump of a collector is complete: peers listed in it that told nothing of a prefix
    /// have no route to it.
    RibEnd(Box<RibEnd>),
    /// An active probe and what came of it.
    Probe(Box<Probe>),
    /// A probe to a control: does the vantage point itself work?
    Control(Box<Control>),
    /// A hop on the way to a target.
    Hop(Box<Hop>),
    /// A question to a name server.
    Name(Box<Name>),
    /// A visit to a web site.
    Page(Box<Page>),
    /// An attack, inferred from backscatter.
    Attack(Box<Attack>),
    /// Traffic counted from flows.
    Traffic(Box<Traffic>),
    /// A value of an imported series.
    Value(Box<Value>),
    /// Time passed and nothing else: lets silence be replayed.
    Tick,
}

/// A session of a collector's peer changed its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerChange {
    /// Whose session.
    pub peer: PeerId,
    /// What it is now.
    pub state: PeerState,
    /// Why, where that is known: `hold timer expired`.
    pub reason: Option<Text>,
}

/// The state of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerState {
    /// Established.
    Up,
    /// Not established: its routes are unknown, which is not the same as withdrawn.
    Down,
}

/// What a record held besides watched routes: keeps the count of a peer's doings and shows that the
/// feed is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerActivity {
    /// Who told it.
    pub peer: PeerId,
    /// Announced prefixes that nobody watches.
    pub announced: u32,
    /// Withdrawn prefixes that nobody watches.
    pub withdrawn: u32,
}

/// The end of a table dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RibEnd {
    /// The collector whose table it was.
    pub collector: Text,
    /// Time of the first record of the dump: older changes are part of it.
    pub from: Timestamp,
    /// Every peer that the dump lists, with how many IPv4 and IPv6 prefixes it carried in all,
    /// watched or not.
    pub peers: Vec<(PeerId, u32, u32)>,
}

/// How a probe asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// ICMP echo, of either family.
    Icmp,
    /// TCP to this port.
    Tcp(u16),
    /// UDP to this port.
    Udp(u16),
}

/// What came of a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It answered.
    Reply {
        /// Round trip, in microseconds.
        rtt_us: u32,
        /// Time to live that the answer arrived with, where known.
        ttl: Option<u8>,
    },
    /// Nothing came.
    Timeout {
        /// How long it was waited for.
        after: Span,
    },
    /// Somebody said that it can't be reached.
    Unreachable(Unreachable),
    /// The target answered with a TCP reset: it is up, the port is closed.
    Reset {
        /// Round trip, in microseconds.
        rtt_us: u32,
    },
}

/// An ICMP message that a target can't be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreachable {
    /// `net`, `host`, `port`, `admin`, `ttl`, ...
    pub code: Text,
    /// Who said so.
    pub from: Option<IpAddr>,
}

/// A probe to an address of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Who asked.
    pub vantage: Text,
    /// Who was asked.
    pub target: IpAddr,
    /// How.
    pub method: Method,
    /// What came of it.
    pub outcome: Outcome,
}

/// Which kind of control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ControlKind {
    /// Shares no path with the network: if it fails, the vantage point is at fault.
    Far,
    /// Shares all but the last of the path: if it fails too, the fault is upstream.
    Near,
}

/// A probe to a control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Who asked.
    pub vantage: Text,
    /// Far or near.
    pub kind: ControlKind,
    /// Who was asked.
    pub target: IpAddr,
    /// How.
    pub method: Method,
    /// What came of it.
    pub outcome: Outcome,
}

/// A hop of a traceroute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// Who asked.
    pub vantage: Text,
    /// Where the trace goes.
    pub target: IpAddr,
    /// How far the probe was allowed to go.
    pub ttl: u8,
    /// Who answered; `None` if nobody did.
    pub from: Option<IpAddr>,
    /// Round trip, in microseconds.
    pub rtt_us: Option<u32>,
}

/// UDP or TCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// A datagram.
    Udp,
    /// A connection.
    Tcp,
}

/// A question to a name server and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Who asked.
    pub vantage: Text,
    /// Which server.
    pub server: Text,
    /// For which zone.
    pub zone: Text,
    /// Over what.
    pub transport: Transport,
    /// What it said, or why there is no answer (`timeout`, `refused`, `unreachable`, `malformed`).
    pub answer: Result<Answer, Text>,
}

/// An answer of a name server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// `NOERROR`, `SERVFAIL`, `REFUSED`, ...
    pub rcode: Text,
    /// Whether it spoke with authority.
    pub aa: bool,
    /// Serial of the SOA.
    pub serial: Option<u32>,
    /// Round trip, in microseconds.
    pub rtt_us: u32,
    /// Whether the answer was cut off, for lack of room in a datagram.
    pub truncated: bool,
    /// The earliest end of a signature in it (DNSSEC); `None` where nothing was signed.
    pub expires: Option<Timestamp>,
}

/// Where a visit to a site ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The name did not resolve.
    Resolve,
    /// No connection.
    Connect,
    /// No session of TLS.
    Tls,
    /// No answer to the request.
    Request,
    /// An answer: whether a good one, tells its status.
    Status,
}

/// A visit to a web site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Who asked.
    pub vantage: Text,
    /// The site's URL.
    pub site: Text,
    /// How far it got.
    pub stage: Stage,
    /// What went wrong; `None` where all was well.
    pub error: Option<Text>,
    /// HTTP status, once there was one.
    pub status: Option<u16>,
    /// The address that was asked.
    pub address: Option<IpAddr>,
    /// How long each stage took, in microseconds.
    pub times_us: Vec<(Text, u64)>,
    /// What else was seen.
    pub details: PageDetails,
}

/// What a visit to a web site saw besides how far it got. `None` is not measured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageDetails {
    /// Who said that the name does not resolve: the name server.
    pub who: Option<Text>,
    /// What the machine's own resolver says of the name, compared with the way down from the root:
    /// `same`, `other addresses`, `answers`, or how it failed. It may remember what no server says any
    /// more.
    pub resolver: Option<Text>,
    /// Octets of the body, as far as it was read.
    pub octets: Option<u64>,
    /// A hash of the words of the page of which few bits change where few words change.
    pub content: Option<u64>,
    /// Whether the page is another than the one that was seen here before.
    pub is_other: Option<bool>,
    /// The end of the server's certificate.
    pub certificate_until: Option<Timestamp>,
    /// Redirects that were followed.
    pub redirects: u8,
    /// Watched sites on this address, this one among them.
    pub sites_here: Option<u32>,
}

/// An attack on an address, inferred from what its victim answered to spoofed sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attack {
    /// The darknet that saw it.
    pub vantage: Text,
    /// Who was attacked.
    pub victim: IpAddr,
    /// `tcp`, `udp`, `icmp`.
    pub protocol: Text,
    /// Packets seen.
    pub packets: u64,
    /// Distinct spoofed sources, counted by /16.
    pub sources_16: Option<u32>,
    /// Packets a minute, at most.
    pub max_ppm: Option<u64>,
    /// First packet.
    pub from: Timestamp,
    /// Last packet.
    pub until: Timestamp,
}

/// Into the network or out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Into it.
    In,
    /// Out of it.
    Out,
}

/// Traffic counted from flow records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traffic {
    /// Who counted.
    pub vantage: Text,
    /// Whose traffic.
    pub entity: Entity,
    /// Which way.
    pub direction: Direction,
    /// Octets.
    pub octets: u64,
    /// Packets.
    pub packets: u64,
    /// Flows.
    pub flows: u64,
    /// The service port, as `udp/123`; `None` for all together.
    pub port: Option<Text>,
}

/// A value of an imported series.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Where it comes from.
    pub vantage: Text,
    /// What it is about.
    pub entity: Entity,
    /// Which measure.
    pub signal: SignalId,
    /// The value; `None` where not measured.
    pub value: Option<f64>,
    /// How many it was counted from: 3 of 4 is not 75 of 100.
    pub n: Option<f64>,
    /// The width of its bin, where the source states it.
    pub step: Option<Step>,
    /// The unit, where the source states it.
    pub unit: Option<Text>,
}

impl Observation {
    /// A moment at which nothing happened.
    pub const fn tick(at: Timestamp) -> Self {
        Self { at, fact: Fact::Tick }
    }

    /// A route, at its own time.
    pub const fn route(route: Route) -> Self {
        Self { at: route.at, fact: Fact::Route(route) }
    }
}

impl Fact {
    /// Whoever asked or counted; `None` for routes, whose collector the peer names, and for ticks.
    pub const fn vantage(&self) -> Option<&Text> {
        match self {
            Self::Probe(probe) => Some(&probe.vantage),
            Self::Control(control) => Some(&control.vantage),
            Self::Hop(hop) => Some(&hop.vantage),
            Self::Name(name) => Some(&name.vantage),
            Self::Page(page) => Some(&page.vantage),
            Self::Attack(attack) => Some(&attack.vantage),
            Self::Traffic(traffic) => Some(&traffic.vantage),
            Self::Value(value) => Some(&value.vantage),
            Self::Route(_) | Self::Peer(_) | Self::Activity(_) | Self::RibEnd(_) | Self::Tick => {
                None
            }
        }
    }
}

impl Outcome {
    /// True where the target itself answered: a reply, or a reset.
    pub const fn answered(&self) -> bool {
        matches!(self, Self::Reply { .. } | Self::Reset { .. })
    }

    /// Round trip in microseconds, where the target itself answered.
    pub const fn rtt_us(&self) -> Option<u32> {
        match self {
            Self::Reply { rtt_us, .. } | Self::Reset { rtt_us } => Some(*rtt_us),
            Self::Timeout { .. } | Self::Unreachable(_) => None,
        }
    }
}
