//! The words of falter as types: what is watched, what was seen, what was judged.
//!
//! Everything here is a plain value. No I/O, no clock, no async, no randomness: a stage takes these
//! values and gives these values, so that replay and live watching run the same code. Types whose
//! values travel as JSON (outages, verdicts) carry serde's derives in the form of the interface.
//!
//! *Where and when*: [`Timestamp`], [`Span`], [`Step`], [`Asn`], [`Prefix`], [`Entity`].
//! *What was seen*: [`Observation`], [`Route`], [`Interned`] (peers and paths by number); by whom:
//! [`VantagePoint`].
//! *What it adds up to*: [`Reading`], [`SignalSpec`], [`Alert`], [`Outage`].
//! *Why*: [`Case`], [`Cause`], [`Evidence`], [`Verdict`].

mod alert;
mod asn;
mod case;
mod cause;
mod clock;
mod entity;
mod fixed;
mod observation;
mod outage;
mod prefix;
mod profile;
mod route;
mod series;
mod signal;
mod time;
mod vantage;
mod verdict;

pub use alert::Alert;
pub use asn::{Asn, AsnError};
pub use case::{Case, LayerFacts, PastOutage, ProbeFacts, RouteFacts, TransitFacts};
pub use cause::{Call, Cause};
pub use clock::Clock;
pub use entity::{CountryCode, CountryCodeError, Entity, EntityError};
pub use fixed::{Probability, Ratio};
pub use observation::{
    Answer, Attack, Control, ControlKind, Direction, Fact, Hop, Method, Name, Observation, Outcome,
    Page, PageDetails, PeerActivity, PeerChange, PeerState, Probe, RibEnd, Stage, Text, Traffic,
    Transport, Unreachable, Value,
};
pub use outage::{
    Basis, Blind, End, LostShare, Onset, OrderStep, Outage, OutageId, Part, State, StateSpan,
};
pub use prefix::{Family, Prefix, PrefixError};
pub use profile::{
    CalendarEntry, CalendarKind, Controls, Priors, Profile, Routing, Service, Site, Zone,
};
pub use route::{Change, Interned, InternedLength, InternedNews, PathId, Peer, PeerId, Route};
pub use series::{Reading, ReadingKind, Series, SeriesNumber};
pub use signal::{Shape, SignalId, SignalSpec, Unit};
pub use time::{Bin, Span, Step, StepError, TimeError, Timestamp};
pub use vantage::{Place, VantageAs, VantagePoint, VantagePoints};
pub use verdict::{CauseShare, Evidence, EvidenceBasis, Kind, Revision, Verdict};
