//! The process that holds the country: its namespaces live as long as it does, and go with it, however
//! it ends.
//!
//! A keeper is the first process of its own pid namespace. From outside it is found among the processes
//! and spoken to through a socket in its own mount namespace, so that nothing of it is ever left behind
//! in the file system.

mod find;
mod inside;
mod request;
mod spawn;

pub use find::{Keeper, find, find_all};
pub use inside::keep;
pub use request::{Answer, Request};
pub use spawn::{Spawned, Tie, can_stand, spawn};

/// The subcommand that a keeper's process runs under.
pub(crate) const VERB: &str = "keeper";

/// Where the keeper listens, in its own mount namespace.
pub(crate) const SOCKET: &str = "/run/falter-lab.socket";

/// Where everything stands, in its own mount namespace: in memory.
pub(crate) const FOLDER: &str = "/run/lab";
