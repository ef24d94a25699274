//! The world in: whatever was recorded of a network, as one stream of observations in the order of
//! time.
//!
//! [`archive`] reads files: BGP archives (MRT), recordings and series, compressed or not, merged by
//! time. [`recording`] and [`series`] are the two text forms, in and out. [`compression`] decodes
//! ahead of its reader. [`live`] is the channel of what happens now: [`probing`] asks addresses, [`names`]
//! name servers, [`services`] what listens on ports, [`sites`] are visited, [`darknet`] hears what nobody
//! asked for. [`reach`] connects, [`courtesy`] says whom one may ask. [`clock`] is the only place that asks
//! the system for the time.

pub mod archive;
pub mod asking;
pub mod backoff;
pub mod bmp;
pub mod bootstrap;
pub mod clock;
pub mod collectors;
pub mod compression;
pub mod courtesy;
pub mod darknet;
mod dial;
pub mod feed;
pub mod fetch;
pub mod live;
pub mod names;
mod path_ids;
pub mod probing;
mod random;
pub mod reach;
pub mod recording;
pub mod ris_live;
pub mod series;
pub mod services;
pub mod sites;
mod tls;
mod watch;
