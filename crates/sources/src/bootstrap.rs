//! A table to begin with: from a table dump of a collector and the updates since, so that already the first
//! withdrawal that a live feed tells counts.
//!
//! A feed that connects tells only what changes from then on. What its peers carried already is read from
//! archives of the same collectors: the last dump, and what changed since. It is told as a table of the moment
//! at which the feed began to hear the collector ([`crate::feed`]), and what the feed told since is newer.
//!
//! **The gap.** Archives come minutes late. What happened between their end and the beginning of the feed
//! nobody heard: nothing is told of that time, and the table is held to be what the archives end with. Once they
//! reach past the beginning of the feed the table is read again, and told again where it differs. The same
//! holds after a feed was lost and is connected again.

mod desk;
mod plan;
mod runner;
mod table;

pub(crate) use desk::Given;
pub use desk::{Asking, Desk, desk};
pub use plan::{BootstrapInput, BootstrapPlan};
pub use runner::{Bootstrap, BootstrapStatus};
pub(crate) use table::PeerTable;
pub use table::{CollectorTable, TableError, read};
