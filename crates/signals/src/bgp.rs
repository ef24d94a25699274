//! Signals from routes, for a network, its ASes and prefixes, or for every origin in the input.
//!
//! [`Routing`] keeps the table and the entities and tells their values: a network and its ASes every
//! bin, everything else sparsely. Sparse means: a value is told when it changed (and, right before
//! it, the unchanged value of the bin before) or could no longer be measured, and otherwise once in
//! six hours; a prefix only around its changes. Between two readings a sparse series is constant.

pub(crate) mod blackholed;
mod group;
mod groups;
mod ids;
mod log;
pub(crate) mod origins;
mod routing;
mod scope;
mod snapshot;
pub(crate) mod transit_share;
pub(crate) mod updates;
pub(crate) mod visible_blocks;
pub(crate) mod visible_blocks6;
pub(crate) mod visible_prefixes;
pub(crate) mod visible_share;
pub(crate) mod withdrawals;

pub(crate) use routing::Routing;
