//! The world in: whatever was recorded of a network, as one stream of observations in the order of
//! time.
//!
//! [`archive`] reads files: BGP archives (MRT), recordings and series, compressed or not, merged by
//! time. [`recording`] and [`series`] are the two text forms, in and out. [`compression`] decodes
//! ahead of its reader. [`names`] asks name servers, [`sites`] visits web
//! sites, [`reach`] connects, [`courtesy`] says whom one may ask.
//! [`live`] is the channel of what happens now. [`clock`] is the only place that
//! asks the system for the time.

pub mod archive;
pub mod bmp;
pub mod clock;
pub mod compression;
pub mod courtesy;
pub mod live;
pub mod names;
mod path_ids;
pub mod probing;
pub mod reach;
pub mod recording;
pub mod routes;
pub mod series;
pub mod sites;
mod watch;
