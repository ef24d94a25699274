//! Recorded input: files, folders and standard input as one stream of observations, merged by time.
//!
//! [`Inputs`] is the door. An input's kind is told by its content, never by its name. What can't be
//! read is told in its [`InputReport`]; everything else goes on.

mod argument;
mod capture_file;
mod collector;
mod collectors;
mod content;
mod elems;
mod files;
mod head;
mod inputs;
mod interest;
mod kind;
mod listing;
mod merge;
mod mrt_file;
mod origin;
mod recorded;
mod report;
mod widen;

pub use argument::InputArg;
pub use content::Content;
pub use inputs::{InputError, Inputs};
pub use interest::Interest;
pub use report::{Bad, Fault, InputKind, InputReport, Place, Progress};
