//! A case: an outage with its surroundings, all that a cause may be judged by.

use crate::{Blind, CalendarEntry, End, Onset, Outage, Priors, Probability, Span, Step, Text};

/// An outage with its surroundings. Whatever is `None` or empty was not measured and weighs nothing.
#[derive(Debug, Clone)]
pub struct Case {
    /// The outage itself, with order of failure and parts.
    pub outage: Outage,
    /// The IANA name of the local time zone; `None` where it is not known or there are several:
    /// evidence of the local hour is withheld.
    pub time_zone: Option<Text>,
    /// The width of the bins that its bracket of onset rests on.
    pub step: Step,
    /// What the routes did; `None` where routes were not watched.
    pub routes: Option<RouteFacts>,
    /// What probed hosts did; `None` where nothing was probed.
    pub probes: Option<ProbeFacts>,
    /// Which independent sources saw it, and which could have and did not.
    pub layers: LayerFacts,
    /// Earlier outages of the same entity, oldest first.
    pub past: Vec<PastOutage>,
    /// Entries of the profile's calendar that overlap the outage.
    pub calendar: Vec<CalendarEntry>,
    /// Priors of the profile, where it states some.
    pub priors: Option<Priors>,
    /// Times within two days around it in which we could not tell.
    pub blind: Vec<Blind>,
}

/// Which independent sources lost the entity. `None`: was not watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LayerFacts {
    /// Routes.
    pub routes: Option<bool>,
    /// Active probing: hosts or blocks.
    pub hosts: Option<bool>,
    /// Passive traffic: darknet sources, flows, requests.
    pub traffic: Option<bool>,
    /// Name servers.
    pub names: Option<bool>,
    /// Web sites and other services.
    pub sites: Option<bool>,
    /// Up when asked from inside the network.
    pub inside_up: Option<bool>,
}

/// What routes did around an outage.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RouteFacts {
    /// Time from the first to the last loss of a prefix at the onset (within an hour of it).
    pub withdrawal_spread: Option<Span>,
    /// How many origin ASes lost routes, and how many the entity has.
    pub operators_lost: u32,
    /// How many origin ASes the entity has.
    pub operators: u32,
    /// Prefixes lost at the peak, and known before.
    pub prefixes_lost: u32,
    /// Prefixes known before.
    pub prefixes: u32,
    /// Times that the routes came back and went again, between onset and end.
    pub flaps: u32,
    /// Length of each time down and up in between, oldest first.
    pub down_times: Vec<Span>,
    /// See `down_times`.
    pub up_times: Vec<Span>,
    /// The hold time in use, where the profile knows it.
    pub hold_time: Option<Span>,
    /// Updates in the hour before onset, as a multiple of the usual; `None` without a baseline.
    pub churn_before: Option<f64>,
    /// Lead of the first churn over the onset.
    pub churn_lead: Option<Span>,
    /// Each transit before and during.
    pub transits: Vec<TransitFacts>,
    /// Origins that were not seen before and appeared during the outage.
    pub new_origins: u32,
    /// Prefixes that were announced with the BLACKHOLE community during it.
    pub blackholed: u32,
    /// True where not all peers lost it.
    pub some_peers_kept_it: bool,
}

/// What became of one transit.
#[derive(Debug, Clone, PartialEq)]
pub struct TransitFacts {
    /// `AS4837`.
    pub transit: Text,
    /// Share of paths that used it before.
    pub share_before: Probability,
    /// Share of paths that used it during the outage, of those before; 0 where none was left.
    pub share_during: Probability,
}

/// What probed hosts did around an outage.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProbeFacts {
    /// Highest packet loss of answering hosts in the half hour before onset, less the usual.
    pub loss_before: Option<f64>,
    /// Highest median round trip in that time, as a multiple of the usual.
    pub rtt_before: Option<f64>,
    /// How long before the onset loss or round trip first rose.
    pub degraded_for: Option<Span>,
    /// Share of the lost hosts that went within one round.
    pub lost_within_one_round: Option<f64>,
    /// Distinct steps in which hosts came back.
    pub return_steps: Option<u32>,
    /// Time from the first host's return to the last's.
    pub return_spread: Option<Span>,
    /// Hosts known before the outage.
    pub hosts: u32,
    /// When hosts fell, against routes: negative where hosts fell first.
    pub hosts_after_routes: Option<Span>,
    /// Near controls failed too: the fault is upstream.
    pub near_controls_failed: Option<bool>,
    /// Packets of backscatter a minute from victims inside, at most.
    pub backscatter_ppm: Option<u64>,
}

/// An earlier outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastOutage {
    /// When it began.
    pub from: Onset,
    /// When it ended; `None` where that is not known.
    pub until: Option<End>,
}
