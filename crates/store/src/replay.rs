//! What is kept of one replay, or of a watch so far.

use falter_model::{Blind, Outage, Series, Timestamp};

/// What came out of a replay, or of a watch since it was last saved, and what it rested on.
#[derive(Debug, Clone, Copy)]
pub struct Replay<'a> {
    /// The profile's name; `None` where entities were as the input names them.
    pub network: Option<&'a str>,
    /// Time of the first observation; `None` where there was none, and for a watch: it is one, as long
    /// as it rests on the same, however often it was begun anew.
    pub from: Option<Timestamp>,
    /// Time of the last observation; `None` as before.
    pub until: Option<Timestamp>,
    /// True where it is a re-enactment: nothing of it was measured in the world.
    pub synthetic: bool,
    /// How many times faster than life a re-enactment was made; `None` where that is not known.
    pub time_scale: Option<f64>,
    /// What the result rests on, by digest.
    pub digests: Digests<'a>,
    /// The files that were read. Their observations stay in them.
    pub inputs: &'a [Input],
    /// The outages that were found, with verdicts.
    pub outages: &'a [Outage],
    /// The values that were measured.
    pub series: &'a [Series],
    /// Times in which we could not tell.
    pub blind: &'a [Blind],
}

/// Digests, in hexadecimal, of what a result rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Digests<'a> {
    /// Of the profile's text; `None` without a profile.
    pub profile: Option<&'a str>,
    /// Of the configuration's text.
    pub config: &'a str,
    /// Of what was fitted.
    pub fit: &'a str,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// Where it was; `-` for standard input.
    pub path: String,
    /// SHA-256, in hexadecimal, of its first `offset` octets; empty where it is not known.
    pub digest: String,
    /// How far it was read, in octets after decompression; 0 where it is not known.
    pub offset: u64,
}
