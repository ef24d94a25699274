//! Readings and replies to alerts, alerts to outages: when a network faltered, how much of it, and
//! in which order.
//!
//! [`Engine`] takes what the signals stage and the probes give, in the order of time, and is pure:
//! the same input gives the same outages, replayed or live. A detector has a file of its own.

mod engine;
mod plan;
mod seen;

pub use engine::Engine;
pub use plan::Plan;
pub use seen::SignalSeen;
