//! Names: what authoritative servers say of their zones, and how a name resolves from the root down.
//!
//! [`NameWatch`] asks every server of the profile's zones itself, over UDP and over TCP, for the zone's
//! SOA. [`Resolver`] goes down from the root for each question and remembers nothing, since what
//! resolvers remember hides an outage for as long as a record lives. [`MachineResolver`] is whom
//! the machine asks otherwise: to compare.

mod answer;
mod exchange;
mod machine;
mod question;
mod referral;
mod resolver;
mod servers;
mod watch;

pub use machine::{MachineResolver, compare};
pub use resolver::{ResolveError, ResolveFailure, Resolved, Resolver, Roots};
pub use watch::{NameStatus, NameWatch, NamesPlan};
