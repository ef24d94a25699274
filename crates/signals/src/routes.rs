//! The state of routing as the peers tell it: who carries which prefix, and who can be believed.
//!
//! [`Table`] holds a row a prefix and in it an entry a peer. Three things are never mixed up: a peer
//! that has no route (it withdrew it, or its table was complete without it), a peer of which we do
//! not know (its session was reset, its feed fell silent), and a peer that does not count (no full
//! feed). [`Members`] follows which prefixes belong to an entity.

mod collector;
mod electorate;
mod lengths;
mod members;
mod peer_set;
mod rhythm;
mod row;
mod rows;
mod session;
mod table;
mod upcoming;

pub(crate) use members::{Members, blocks};
pub(crate) use row::{NO_GROUP, Row, Visibility};
pub(crate) use rows::RowId;
pub(crate) use table::{Flip, Hole, Table};
