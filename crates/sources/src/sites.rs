//! Web sites: how far a visit gets, how long each stage takes, and whether it is still the same site.
//!
//! A visit goes through name, connection, TLS, request and status, and ends where one of them fails.
//! Everything that comes from outside is bounded, in octets and in time. A site is visited by a client that
//! says who it is, keeps no cookies, and holds at most one connection to an address.

mod body;
mod certificate;
mod content;
mod hosts;
mod memory;
mod patience;
mod request;
mod secure;
mod visit;
mod watch;

pub use certificate::Trust;
pub use content::{digest, title};
pub use patience::Patience;
pub use visit::{Visit, Visitor};
pub use watch::{SiteWatch, SitesPlan};
