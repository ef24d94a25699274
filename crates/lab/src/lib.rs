//! A small country in network namespaces, with real routers, name servers and web servers, that can be
//! broken in every way that falter tells apart, with the truth written down.
//!
//! Everything stands inside namespaces of its own and goes when the keeper goes; nothing ever reaches the
//! network of the machine.

#![expect(
    clippy::disallowed_methods,
    reason = "it makes things happen in the world, each at its time; nothing is concluded from its clock"
)]

pub mod action;
pub mod campaign;
pub mod capture;
pub mod country;
pub mod drill;
pub mod faults;
pub mod flood;
pub mod keeper;
pub mod manual;
pub mod needs;
pub mod recording;
pub mod restamp;
pub mod run;
pub mod stage;
pub mod status;
pub mod story;
pub mod truth;
pub mod witness;
