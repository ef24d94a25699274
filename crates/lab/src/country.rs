//! What the country and the world around it are made of: nodes, links and who tells whom which routes.
//! Pure data, from which the stage is built, the documentation drawn and the status checked.

mod kp;
mod larger;
mod plan;
mod policy;
mod sites;
mod world;

pub use larger::Size;
pub use plan::{Address, Country, Link, Machine, Node, Role, Service};
pub use policy::{Export, export};
pub use sites::{INTRANET_ZONE, Site, ZONES};
pub(crate) use world::{DARKNET, LARGE_NAME, darknet};

pub(crate) use kp::AUTHORITIES;
