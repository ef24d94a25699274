//! From a case to a verdict: what most probably caused an outage, with the evidence for and against.
//!
//! [`judge`] is a pure function of a [`falter_model::Case`] and a [`Fit`]. It starts from a prior,
//! adds what each kind of evidence says (`evidence/`, a file a kind) by the expectations of each cause
//! (`causes/`, a file a cause), and decides only where several independent kinds of evidence agree;
//! otherwise it says `undetermined` and which measurement would settle it. Causes are mechanisms,
//! never culprits.
//!
//! [`labels`] reads outages that people labelled, fits from them what `fit.toml` holds, and scores
//! the model on them. docs/method.md has every formula and weight with its source.

pub mod causes;
pub mod evidence;
mod fit;
mod judge;
pub mod labels;
mod prior;
mod rounding;
mod settle;
mod sight;

pub use fit::{CauseFit, Fit, FitError};
pub use judge::{judge, judge_as_of};
