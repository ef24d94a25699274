//! The world in: whatever was recorded of a network, as one stream of observations in the order of
//! time.
//!
//! [`archive`] reads files: BGP archives (MRT), recordings and series, compressed or not, merged by
//! time. [`recording`] and [`series`] are the two text forms, in and out. [`compression`] decodes
//! ahead of its reader. [`live`] is the channel of what happens now, [`probing`] asks addresses, [`darknet`]
//! hears what nobody asked for. [`clock`] is the only place that asks the system for the time.

pub mod archive;
pub mod backoff;
pub mod bmp;
pub mod clock;
pub mod compression;
pub mod darknet;
pub mod feed;
pub mod live;
mod path_ids;
pub mod probing;
pub mod recording;
pub mod ris_live;
pub mod series;
mod tls;
mod watch;
