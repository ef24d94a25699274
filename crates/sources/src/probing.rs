//! Active probing: asks addresses of the network and controls, and tells what came of each probe.
//!
//! [`Probing`] runs on threads of its own until it is stopped. A round asks every target once, by each
//! of its methods; rounds are slow when all is well and quick when something changes. Replies are
//! matched by a keyed hash in the probe, so that nobody who did not see a probe can answer it. What
//! could not be sent for a fault of this machine is told as nothing at all.
//!
//! Pure, with the time passed in: `pace`, `rounds`, `asked`, `secret`, `cursor`. With sockets:
//! `echo_socket`, `syn_socket`, `dialing`, `prober`, `sweep`, `trace`.

mod answering;
mod asked;
mod attention;
mod cursor;
mod dialing;
mod echo_socket;
mod pace;
mod packet_filter;
mod plan;
mod privileges;
mod prober;
mod received;
mod rounds;
mod run;
mod secret;
mod status;
mod sweep;
mod syn_socket;
mod trace;

pub use answering::{Answering, AnsweringError, Known};
pub use attention::Attention;
pub use plan::{
    ControlTarget, Handshake, PacePlan, ProbingError, ProbingPlan, RoundsPlan, SweepPlan, Target,
    TracePlan,
};
pub use privileges::{Allowed, Privileges, privileges};
pub use run::Probing;
pub use status::ProbingStatus;
pub use sweep::{Found, SweepOptions, Swept, sweep};
